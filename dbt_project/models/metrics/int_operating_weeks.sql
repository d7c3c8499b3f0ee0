-- operating time, down time and outages started, by week of a reliability metric; what is known of a week
-- runs from the first event of its sources to the end of the series
with

weeks as (
    select
        metric_weeks.product_id,
        metric_weeks.metric_id,
        metric_weeks.week_start_date,
        greatest(metric_weeks.week_start_at, metric_weeks.first_observed_at) as known_from_at,
        least(metric_weeks.week_end_at, metric_weeks.observed_until_at) as known_until_at
    from {{ ref('int_metric_weeks') }} as metric_weeks
    inner join {{ source('registry', 'metrics') }} as metrics
        on metric_weeks.metric_id = metrics.metric_id and metrics.kind = 'reliability'
),

interruptions as (
    select
        product_id,
        interruption_kind,
        started_at,
        coalesce(ended_at, timestamp '9999-12-31 00:00:00') as ended_at
    from {{ ref('int_interruptions') }}
),

overlapping as (
    select
        weeks.product_id,
        weeks.metric_id,
        weeks.week_start_date,
        interruptions.interruption_kind,
        interruptions.started_at >= weeks.known_from_at as is_started_here,
        {{ micros_between(
            'greatest(interruptions.started_at, weeks.known_from_at)',
            'least(interruptions.ended_at, weeks.known_until_at)'
        ) }} as overlap_us
    from weeks
    inner join interruptions
        on
            weeks.product_id = interruptions.product_id
            and interruptions.started_at < weeks.known_until_at
            and interruptions.ended_at >= weeks.known_from_at
)

select
    weeks.product_id,
    weeks.metric_id,
    weeks.week_start_date,
    (
        max({{ micros_between('weeks.known_from_at', 'weeks.known_until_at') }})
        - coalesce(sum(overlapping.overlap_us) filter (where overlapping.interruption_kind = 'stop'), 0)
    ) / 3600000000.0 as operating_hours,
    coalesce(sum(overlapping.overlap_us) filter (where overlapping.interruption_kind = 'outage'), 0) / 3600000000.0 as down_hours,
    count(*) filter (where overlapping.interruption_kind = 'outage' and overlapping.is_started_here) as outage_count
from weeks
left join overlapping
    on
        weeks.product_id = overlapping.product_id
        and weeks.metric_id = overlapping.metric_id
        and weeks.week_start_date = overlapping.week_start_date
group by weeks.product_id, weeks.metric_id, weeks.week_start_date
