{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_lag_bins_changed'), ['source_id', 'week_start_date', 'bin_number']) }}"
) }}
{% set changed = ref('int_lag_bins_changed') %}
-- grain: source with a receive clock, week of occurrence, lag, of bins that a percentile lies in
with

first_deliveries as (
    select
        source_id,
        min(first_received_at) as first_received_at,
        min(first_clocked_at) as first_clocked_at
    from {{ ref('int_source_days_counted') }}
    group by source_id
),

wanted as (
    select distinct source_id, bin_number
    from {{ ref('int_source_lag_ranks') }}
),

lags as (
    select
        events.source_id,
        events.occurred_week_start_date as week_start_date,
        {{ micros_between('events.occurred_at', 'events.received_at') }} as lag_us,
        coalesce(events.occurred_at >= first_deliveries.first_clocked_at, false) as is_clocked
    from {{ ref('int_events_known') }} as events
    inner join first_deliveries on events.source_id = first_deliveries.source_id
    where
        events.classification in ('accepted', 'duplicate')
        and events.has_receive_clock
        and events.occurred_at >= first_deliveries.first_received_at
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

binned as (
    select *, {{ lag_bin('lag_us') }} as bin_number
    from lags
)

select
    binned.source_id,
    binned.week_start_date,
    binned.bin_number,
    binned.is_clocked,
    binned.lag_us,
    count(*) as lag_count
from binned
inner join wanted on binned.source_id = wanted.source_id and binned.bin_number = wanted.bin_number
{% if is_incremental() -%}
where (binned.source_id, binned.week_start_date, binned.bin_number) in (
    select source_id, week_start_date, bin_number from {{ changed }}
)
{%- endif %}
group by binned.source_id, binned.week_start_date, binned.bin_number, binned.is_clocked, binned.lag_us
