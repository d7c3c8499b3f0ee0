{# dbt asks this for what a test reads: what an increment replaced or added is tested, what it left has been. Rows that
   could be the same as others share the file, the thing or the item by which they are replaced -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- set database = relation.database -%}
    {%- set added = {
        'int_events_classified': 'file_id in (select file_id from ' ~ database ~ '.built.new_files)',
        'int_tasks': '(product_id, match_value) in (select product_id, match_value from '
            ~ database ~ '.core.int_match_values_changed)',
        'int_measure_values': 'item_id in (select item_id from ' ~ database ~ '.metrics.int_items_changed)'
            ~ ' or measure_id in (select measure_id from ' ~ database ~ '.metrics.int_measures_unsettled)'
            ~ ' or anchored_at > (select earlier_as_of_at from ' ~ database ~ '.built.run_plan)',
    } -%}
    {%- if is_increment() and relation.identifier in added -%}
        (select * from {{ relation }} where {{ added[relation.identifier] }}) as dbt_subquery
    {%- elif where -%}
        (select * from {{ relation }} where {{ where }}) as dbt_subquery
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
