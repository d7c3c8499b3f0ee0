{% set columns = {
    'product_id': 'varchar', 'task_type_id': 'varchar', 'start_source_id': 'varchar', 'week_start_date': 'date',
    'finish_source_id': 'varchar', 'finish_week_start_date': 'date',
} %}
{% set stored, changed = left_by_earlier_runs('core', 'int_task_facts'), ref('int_match_values_changed') %}
-- weeks of tasks that an increment is about to replace: one that leaves a week is known here only
{% if not is_increment() -%}
{{ no_rows(columns) }}
{%- else -%}
select distinct
    product_id,
    task_type_id,
    start_source_id,
    week_start_date,
    finish_source_id,
    finish_week_start_date
from {{ rows_in_scope(stored, changed, ['product_id', 'match_value']) }} as stored
{%- endif %}
