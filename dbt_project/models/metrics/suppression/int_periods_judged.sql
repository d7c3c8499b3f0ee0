-- periods of all metrics about people or their records, and whether they may be shown for themselves
{% for judged in ['int_person_periods_judged', 'int_record_periods_judged'] -%}
select
    product_id, metric_id, counted_metric_id, period_grain, period_start_date, least_people,
    is_overlapping, is_derived, is_below
from {{ ref(judged) }}
{{ 'union all' if not loop.last }}
{% endfor -%}
