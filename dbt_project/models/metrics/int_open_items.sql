-- one row per task that is open at the end of a week, for metrics that count them
with

sides as (
    select product_id, metric_id, side, measure_id
    from {{ ref('int_metric_sides') }}
    where aggregate = 'open_at_period_end'
),

items as (
    select measure_id, product_id, item_id, subject_id, actor_id, occurred_at, ended_at
    from {{ ref('int_measure_items') }}
    where aggregate = 'open_at_period_end'
),

measures as (
    select measure_id, followed_by_event_type
    from {{ source('registry', 'measures') }}
    where aggregate = 'open_at_period_end'
),

age_filters as (
    select measure_id, operator, value
    from {{ source('registry', 'measure_filters') }}
    where dimension = 'age_at_period_end_hours'
),

followers as (
    select product_id, event_type, subject_id, min(occurred_at) as first_occurred_at
    from {{ ref('int_events') }}
    where not is_heartbeat
    group by product_id, event_type, subject_id
),

weeks as (
    select
        product_id,
        metric_id,
        week_start_date,
        week_end_at,
        least(week_end_at, observed_until_at) as known_end_at
    from {{ ref('int_metric_weeks') }}
)

-- half open like every interval: what starts or ends as the week ends belongs to the next one
select
    sides.product_id,
    sides.metric_id,
    sides.side,
    weeks.week_start_date,
    items.item_id,
    items.subject_id,
    items.actor_id
from sides
inner join measures on sides.measure_id = measures.measure_id
inner join weeks on sides.product_id = weeks.product_id and sides.metric_id = weeks.metric_id
inner join items
    on
        sides.product_id = items.product_id
        and sides.measure_id = items.measure_id
        and items.occurred_at < weeks.week_end_at
        and (items.ended_at is null or items.ended_at >= weeks.week_end_at)
left join age_filters on sides.measure_id = age_filters.measure_id
left join followers
    on
        items.product_id = followers.product_id
        and measures.followed_by_event_type = followers.event_type
        and items.subject_id = followers.subject_id
where
    (measures.followed_by_event_type is null or followers.first_occurred_at < weeks.week_end_at)
    and (
        age_filters.measure_id is null
        or {{ passes_filter(
            'cast(' ~ micros_between('items.occurred_at', 'weeks.known_end_at') ~ ' / 3600000000.0 as varchar)',
            'age_filters.operator', 'age_filters.value'
        ) }}
    )
