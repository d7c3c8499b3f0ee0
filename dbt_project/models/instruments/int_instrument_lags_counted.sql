{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_lags_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_lags_changed') %}
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

first_deliveries as (
    select source_id, min(first_accepted_at) as first_received_at
    from {{ ref('int_source_days_counted') }}
    group by source_id
),

events as (
    select
        events.source_id,
        events.event_id,
        events.occurred_week_start_date as week_start_date,
        taus.shortest_tau_hours,
        sources.declared_lateness_hours,
        {{ micros_between('events.occurred_at', 'events.received_at') }} as lag_us,
        -- what occurred before the source's first delivery is backfill, not late
        events.occurred_at >= first_deliveries.first_received_at as is_delivered
    from {{ ref('int_events_known') }} as events
    inner join sources on events.source_id = sources.source_id
    inner join first_deliveries on events.source_id = first_deliveries.source_id
    left join taus on events.event_type = taus.event_type
    where
        events.classification = 'accepted'
        and events.has_receive_clock
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    week_start_date,
    count(*) as event_count,
    count(*) filter (where lag_us < 0) as negative_count,
    percentile_cont(0.5) within group (order by lag_us) / 1e6 as median_lag_seconds,
    min(shortest_tau_hours) as shortest_tau_hours,
    count(*) filter (where is_delivered) as delivered_count,
    percentile_disc(0.95) within group (
        order by case when is_delivered then lag_us end
    ) / 3600e6 as p95_lag_hours,
    declared_lateness_hours,
    {{ smallest_ids('event_id', 'lag_us < 0') }} as negative_ids,
    {{ smallest_ids('event_id', 'is_delivered and lag_us > declared_lateness_hours * 3600e6') }} as late_ids
from events
group by source_id, week_start_date, declared_lateness_hours
