-- one row per ripe week of a product-metric, numbered: the parts that windows re-add
with

baselines as (
    select
        product_id,
        metric_id,
        min(period_start_date) as baseline_from_date,
        max(period_start_date) + 7 * ({{ grain_weeks('max(chart_grain)') }} - 1) as baseline_to_date
    from {{ source('guard', 'chart_points') }}
    where is_baseline
    group by product_id, metric_id
    -- all values equal gives no chart, but a whole baseline to compare with
    having bool_or(limit_state in ('locked', 'degenerate'))
),

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
    ) as is_usable,
    baselines.baseline_from_date,
    baselines.baseline_to_date,
    coalesce(
        weeks.period_start_date between baselines.baseline_from_date and baselines.baseline_to_date,
        false
    ) as is_baseline
from weeks
left join baselines
    on weeks.product_id = baselines.product_id and weeks.metric_id = baselines.metric_id
left join {{ source('guard', 'metric_trust') }} as trust
    on weeks.product_id = trust.product_id
    and weeks.metric_id = trust.metric_id
    and weeks.period_start_date = trust.week_start_date
left join {{ ref('int_metric_periods_suppressed') }} as suppressed
    on weeks.product_id = suppressed.product_id
    and weeks.metric_id = suppressed.metric_id
    and suppressed.period_grain = 'week'
    and weeks.period_start_date = suppressed.period_start_date
