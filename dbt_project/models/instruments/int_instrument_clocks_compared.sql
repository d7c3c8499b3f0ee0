-- grain: source with a receive clock, week of occurrence. Lags are received - occurred.
with

sources as (
    select
        source_id,
        lateness_hours as declared_lateness_hours
    from {{ source('registry', 'sources') }}
),

taus as (
    select
        starts_or_finishes.event_type,
        min(metrics.tau_hours) as shortest_tau_hours
    from {{ source('registry', 'metrics') }} as metrics
    inner join (
        select
            task_type_id,
            start_event_type as event_type
        from {{ source('registry', 'task_types') }}
        union all
        select
            task_type_id,
            finish_event_type as event_type
        from {{ source('registry', 'task_types') }}
    ) as starts_or_finishes on metrics.task_type_id = starts_or_finishes.task_type_id
    group by starts_or_finishes.event_type
),

events as (
    select
        events.source_id,
        events.event_id,
        events.occurred_at,
        events.occurred_week_start_date as week_start_date,
        taus.shortest_tau_hours,
        {{ micros_between('events.occurred_at', 'events.received_at') }} as lag_us,
        min(events.received_at) over (partition by events.source_id) as first_received_at
    from {{ ref('int_events_known') }} as events
    left join taus on events.event_type = taus.event_type
    where events.classification = 'accepted' and events.has_receive_clock
)

select
    events.source_id,
    events.week_start_date,
    count(*) as event_count,
    count(*) filter (where events.lag_us < 0) as negative_count,
    percentile_cont(0.5) within group (order by events.lag_us) / 1e6 as median_lag_seconds,
    min(min(events.shortest_tau_hours)) over (
        partition by events.source_id
    ) * 3600 as shortest_tau_seconds,
    -- what occurred before the source's first delivery is backfill, not late
    count(*) filter (where events.occurred_at >= events.first_received_at) as delivered_count,
    percentile_disc(0.95) within group (
        order by case
            when events.occurred_at >= events.first_received_at then events.lag_us
        end
    ) / 3600e6 as p95_lag_hours,
    sources.declared_lateness_hours,
    {{ smallest_ids('events.event_id', 'events.lag_us < 0') }} as negative_ids,
    {{ smallest_ids(
        'events.event_id',
        'events.occurred_at >= events.first_received_at '
        'and events.lag_us > sources.declared_lateness_hours * 3600e6'
    ) }} as late_ids
from events
inner join sources on events.source_id = sources.source_id
group by events.source_id, events.week_start_date, sources.declared_lateness_hours
