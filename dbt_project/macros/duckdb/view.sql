{#- as for tables: replaced in one statement -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=False) }}
    {{ run_hooks(own_hooks(pre_hooks), inside_transaction=True) }}
    {{ drop_other_kind(target) }}
    {% call statement('main') -%} create or replace view {{ target }} as (
        {{ compiled_code }}
    ) {%- endcall %}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(own_hooks(post_hooks), inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
