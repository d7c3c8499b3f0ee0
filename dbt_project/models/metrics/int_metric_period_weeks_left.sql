{% set columns = {
    'product_id': 'varchar', 'metric_id': 'varchar', 'period_grain': 'varchar', 'period_start_date': 'date',
    'week_start_date': 'date', 'is_week_ripe': 'boolean', 'is_added': 'boolean', 'is_ripe': 'boolean', 'is_over': 'boolean',
} %}
{% set stored = left_by_earlier_runs('metrics', 'int_metric_period_weeks') %}
-- the periods of the run before, against which those of an increment are held
{% if not is_increment() -%}
{{ no_rows(columns) }}
{%- else -%}
select {{ columns | join(', ') }}
from {{ stored }}
{%- endif %}
