with

readings as (
    select
        product_id, metric_id, week_start_date, item_count, finished_count, open_count,
        cancelled_count, restricted_mean, ci_low, ci_high, median, followed_to, finished_share,
        no_value_reason
    from {{ source('guard', 'early_readings') }}
),

metrics as (
    select
        metric_id, metric_name, unit
    from {{ ref('dim_metrics') }}
)

select
    readings.product_id,
    readings.metric_id,
    readings.week_start_date,
    metrics.metric_name,
    metrics.unit,
    readings.item_count,
    readings.finished_count,
    readings.open_count,
    readings.cancelled_count,
    readings.restricted_mean,
    readings.ci_low,
    readings.ci_high,
    readings.median as median_value,
    readings.followed_to,
    readings.finished_share,
    readings.no_value_reason
from readings
inner join metrics on readings.metric_id = metrics.metric_id
