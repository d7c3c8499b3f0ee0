{# whether this run adds to what earlier ones left; else it computes everything -#}
{% macro is_increment() -%}
    {{ return(not flags.FULL_REFRESH) }}
{%- endmacro %}

{# what an earlier run left of a model that itself depends on the one that asks -#}
{% macro left_by_earlier_runs(schema, model) -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier=model)) }}
{%- endmacro %}

{# before rows are added: take out those that they replace, whose key is in `scope` -#}
{% macro replaced_by(scope, columns) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as target
    where ({{ columns | join(', ') }}) in (select {{ columns | join(', ') }} from {{ scope }})
    {%- endif -%}
{%- endmacro %}

{# in an increment: only rows whose key is in `scope` -#}
{% macro in_scope(scope, columns) -%}
    {%- if is_incremental() -%}
    {%- set plain = [] -%}
    {%- for column in columns %}{% set _ = plain.append(column.split('.')[-1]) %}{% endfor -%}
    and ({{ columns | join(', ') }}) in (select {{ plain | join(', ') }} from {{ scope }})
    {%- endif -%}
{%- endmacro %}
