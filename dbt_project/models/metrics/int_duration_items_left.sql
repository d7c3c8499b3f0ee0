{% set columns = {
    'product_id': 'varchar', 'metric_id': 'varchar', 'task_id': 'varchar', 'week_start_date': 'date',
    'person_id': 'varchar', 'duration_us': 'bigint', 'is_open': 'boolean',
} %}
{% set stored = left_by_earlier_runs('metrics', 'int_duration_items') %}
{% set changed = ref('int_match_values_changed') %}
-- what an increment is about to replace: the weeks that a task leaves are known here only
{% if not is_increment() -%}
{{ no_rows(columns) }}
{%- else -%}
select {{ columns | join(', ') }}
from {{ rows_in_scope(stored, changed, ['product_id', 'match_value']) }} as stored
{%- endif %}
