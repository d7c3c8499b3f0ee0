-- the locked baselines of each product-metric, and the weeks for which each one is the last to have locked
with

baselines as (
    select
        product_id,
        metric_id,
        segment_number,
        min(period_start_date) as baseline_from_date,
        max(period_start_date) + 7 * ({{ grain_weeks('max(chart_grain)') }} - 1) as baseline_to_date
    from {{ source('guard', 'chart_points') }}
    where is_baseline
    group by product_id, metric_id, segment_number
    -- all values equal gives no chart, but a whole baseline to compare with
    having bool_or(limit_state in ('locked', 'degenerate'))
)

select
    product_id,
    metric_id,
    segment_number,
    baseline_from_date,
    baseline_to_date,
    case when segment_number > 1 then baseline_to_date end as in_force_from_date,
    lead(baseline_to_date) over (partition by product_id, metric_id order by segment_number) as in_force_until_date
from baselines
