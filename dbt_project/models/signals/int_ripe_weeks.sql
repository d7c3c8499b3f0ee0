-- one row per ripe week of a product-metric, numbered: the parts that windows re-add
with

weeks as (
    select
        product_id, metric_id, period_start_date, value, numerator, denominator, sum_squares,
        unit_count
    from {{ ref('int_metric_periods') }}
    where period_grain = 'week' and segment_type = 'all' and is_ripe
)

select
    weeks.product_id,
    weeks.metric_id,
    weeks.period_start_date as week_start_date,
    row_number() over (
        partition by weeks.product_id, weeks.metric_id order by weeks.period_start_date
    ) as ripe_number,
    weeks.value,
    weeks.numerator,
    weeks.denominator,
    weeks.sum_squares,
    weeks.unit_count,
    coalesce(
        trust.grade in ('A', 'B') and weeks.value is not null and suppressed.metric_id is null, false
    ) as is_usable
from weeks
left join {{ source('guard', 'metric_trust') }} as trust
    on weeks.product_id = trust.product_id
    and weeks.metric_id = trust.metric_id
    and weeks.period_start_date = trust.week_start_date
left join {{ ref('int_metric_periods_suppressed') }} as suppressed
    on weeks.product_id = suppressed.product_id
    and weeks.metric_id = suppressed.metric_id
    and suppressed.period_grain = 'week'
    and weeks.period_start_date = suppressed.period_start_date
