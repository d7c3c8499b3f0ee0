{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_lags_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_lags_changed') %}
{% set lag_us = micros_between('events.occurred_at', 'events.received_at') %}
{% set is_clocked = 'coalesce(events.occurred_at >= first_deliveries.first_clocked_at, false)' %}
-- grain: source with a receive clock, week of occurrence, bin of lags, whether the source's clock had begun.
-- What occurred before the first delivery is backfill: its lag tells nothing about how late this source
-- delivers. Duplicates and heartbeats are signs of life as well.
with

first_deliveries as (
    select
        source_id,
        min(first_received_at) as first_received_at,
        min(first_clocked_at) as first_clocked_at
    from {{ ref('int_source_days_counted') }}
    group by source_id
)

select
    events.source_id,
    events.occurred_week_start_date as week_start_date,
    {{ lag_bin(lag_us) }} as bin_number,
    {{ is_clocked }} as is_clocked,
    count(*) as lag_count
from {{ ref('int_events_known') }} as events
inner join first_deliveries on events.source_id = first_deliveries.source_id
where
    events.classification in ('accepted', 'duplicate')
    and events.has_receive_clock
    and events.occurred_at >= first_deliveries.first_received_at
    {% if is_incremental() -%}
    and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
    {%- endif %}
group by events.source_id, events.occurred_week_start_date, {{ lag_bin(lag_us) }}, {{ is_clocked }}
