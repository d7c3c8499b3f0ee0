{#- Append to what is there, or replace it: the only strategy that our models have. What is to be
    replaced was taken out by a hook in the same transaction, so a model that fails changes nothing. -#}
{% materialization incremental, adapter='duckdb' %}
    {%- if config.get('incremental_strategy') != 'append' -%}
        {% do exceptions.raise_compiler_error('Models of this project append, see docs/adr/0015') %}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=False) }}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=True) }}
    {% if existing is none or not existing.is_table or should_full_refresh() %}
        {{ drop_other_kind(target) }}
        {% call statement('main') -%} {{ replaced_table(target, compiled_code) }} {%- endcall %}
    {% else %}
        {#- a table of an earlier version may lack a column, which is then left out -#}
        {%- set columns = adapter.get_columns_in_relation(existing) | map(attribute='quoted') | join(', ') -%}
        {% call statement('main') -%}
            insert into {{ target }} ({{ columns }}) select {{ columns }} from (
                {{ compiled_code }}
            ) as added
        {%- endcall %}
    {% endif %}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
