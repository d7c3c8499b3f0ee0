{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_lags_changed'), ['source_id', 'week_start_date']) }}"
) }}
-- grain: source with a receive clock, event type, week of occurrence, of those that hold an event received before
-- it occurred: where none is, no type's clock runs ahead. Lags are received - occurred.
with

weeks_ahead as (
    select source_id, week_start_date
    from {{ ref('int_instrument_lags_counted') }}
    where negative_count > 0
    {% if is_incremental() -%}
        and (source_id, week_start_date) in (
            select source_id, week_start_date from {{ ref('int_source_lags_changed') }}
        )
    {%- endif %}
),

taus as (
    select tasks.event_type, min(metrics.tau_hours) * 3600 as shortest_tau_seconds
    from {{ source('registry', 'metrics') }} as metrics
    inner join (
        select task_type_id, start_event_type as event_type
        from {{ source('registry', 'task_types') }}
        union all
        select task_type_id, finish_event_type as event_type
        from {{ source('registry', 'task_types') }}
    ) as tasks on metrics.task_type_id = tasks.task_type_id
    group by tasks.event_type
),

lags as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        {{ micros_between('events.occurred_at', 'events.received_at') }} as lag_us
    from {{ ref('int_events_known') }} as events
    inner join weeks_ahead
        on
            events.source_id = weeks_ahead.source_id
            and events.occurred_week_start_date = weeks_ahead.week_start_date
    where events.classification = 'accepted' and events.has_receive_clock
)

select
    lags.source_id,
    lags.event_type,
    lags.week_start_date,
    count(*) as event_count,
    count(*) filter (where lags.lag_us < 0) as negative_count,
    percentile_cont(0.5) within group (order by lags.lag_us) / 1e6 as median_lag_seconds,
    min(taus.shortest_tau_seconds) as shortest_tau_seconds,
    {{ smallest_ids('event_id', 'lag_us < 0') }} as negative_ids
from lags
left join taus on lags.event_type = taus.event_type
group by lags.source_id, lags.event_type, lags.week_start_date
having count(*) filter (where lags.lag_us < 0) > 0
