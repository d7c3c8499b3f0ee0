{% set columns = [
    'product_id', 'metric_id', 'period_grain', 'period_start_date', 'week_start_date',
    'is_week_ripe', 'is_added', 'is_ripe', 'is_over',
] %}
-- periods of a metric that an increment computes anew: where an item left or entered one of their weeks, and where
-- time alone has made other weeks part of them, ripe or over. What is not ripe yet is no part of a longer period.
with

present as (
    select {{ columns | join(', ') }}
    from {{ ref('int_metric_period_weeks') }}
    {%- if not is_increment() %}
    where false
    {%- endif %}
),

moved as (
    (
        select {{ columns | join(', ') }} from present
        except
        select {{ columns | join(', ') }} from {{ ref('int_metric_period_weeks_left') }}
    )
    union all
    (
        select {{ columns | join(', ') }} from {{ ref('int_metric_period_weeks_left') }}
        except
        select {{ columns | join(', ') }} from present
    )
)

select product_id, metric_id, period_grain, period_start_date
from moved
union
select present.product_id, present.metric_id, present.period_grain, present.period_start_date
from present
inner join {{ ref('int_metric_weeks_changed') }} as weeks
    on
        present.product_id = weeks.product_id
        and present.metric_id = weeks.metric_id
        and present.week_start_date = weeks.week_start_date
        and present.is_added
