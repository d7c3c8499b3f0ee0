{# dbt asks this for what a test reads: an increment's rows are tested, what is stored has been. Rows
   have the file they came from in their key, so that they can't be the same as older ones -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if is_increment() and relation.identifier == 'int_events_classified' -%}
        (
            select * from {{ relation }}
            where file_id in (select file_id from {{ relation.database }}.built.new_files)
        ) as dbt_subquery
    {%- elif where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
