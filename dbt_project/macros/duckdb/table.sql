{#- DuckDB replaces a table in one statement, readers keep the old one until the commit, and a model
    that fails leaves it in place. dbt's own way of building beside it and renaming twice costs five
    statements more for each model, which is more than most of ours compute. -#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=False) }}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=True) }}
    {{ drop_other_kind(target) }}
    {% call statement('main') -%} {{ replaced_table(target, compiled_code) }} {%- endcall %}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#- columns and types are held against the contract, rows against its constraints, as by dbt -#}
{% macro replaced_table(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
    {{ get_assert_columns_equivalent(sql) }}
    create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} {{ get_column_names() }} (
        {{ get_select_subquery(sql) }}
    )
    {%- else -%}
    create or replace table {{ relation }} as (
        {{ sql }}
    )
    {%- endif -%}
{%- endmacro %}

{#- a version before made a view where this one makes a table, or the other way round. It goes in the
    transaction of what replaces it, which no hook need have begun -#}
{% macro drop_other_kind(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        {% do adapter.ensure_transaction() %}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
{%- endmacro %}

{#- without the hooks that only other engines need: rendering them twice a model costs seconds a run -#}
{% macro own_hooks(hooks) -%}
    {{ return(hooks | rejectattr('sql', 'in', ['{{ tuned_session() }}', '{{ analyze_table(this) }}']) | list) }}
{%- endmacro %}
