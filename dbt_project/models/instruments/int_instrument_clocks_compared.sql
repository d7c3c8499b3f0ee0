-- grain: source with a receive clock, week of occurrence. Lags are received - occurred.
with

lags as (
    select
        source_id,
        week_start_date,
        event_count,
        negative_count,
        median_lag_seconds,
        shortest_tau_hours,
        delivered_count,
        p95_lag_hours,
        declared_lateness_hours,
        negative_ids,
        late_ids
    from {{ ref('int_instrument_lags_counted') }}
)

select
    source_id,
    week_start_date,
    event_count,
    negative_count,
    median_lag_seconds,
    min(shortest_tau_hours) over (partition by source_id) * 3600 as shortest_tau_seconds,
    delivered_count,
    p95_lag_hours,
    declared_lateness_hours,
    negative_ids,
    late_ids
from lags
