with

run_context as (
    select as_of_at
    from {{ source('registry', 'run_context') }}
),

sources as (
    select
        sources.source_id,
        sources.product_id,
        -- a series that ended is judged at its end, not at as-of
        least(
            run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)
        ) as observed_until_at
    from {{ source('registry', 'sources') }} as sources
    cross join run_context
),

-- duplicates and heartbeats are signs of life as well
source_events as (
    select
        source_id,
        max(last_received_at) as latest_received_at,
        min(first_occurred_at) as first_occurred_at,
        cast(sum(sign_count) as bigint) as event_count
    from {{ ref('int_source_days_counted') }}
    group by source_id
),

lags as (
    select source_id, lag_us as p95_lag_us
    from {{ ref('int_source_lag_percentiles') }}
    where thousandths = 950 and not is_since_clock
),

observed as (
    select
        sources.source_id,
        sources.product_id,
        sources.observed_until_at,
        case
            when source_events.latest_received_at is not null
                then least(source_events.latest_received_at, sources.observed_until_at)
        end as latest_received_at,
        source_events.event_count,
        greatest(coalesce(lags.p95_lag_us, 0), 0) / 3600e6 as lateness_hours,
        greatest(
            {{ micros_between('source_events.first_occurred_at', 'sources.observed_until_at') }}
            / 86400e6,
            1
        ) as observed_days
    from sources
    left join source_events on sources.source_id = source_events.source_id
    left join lags on sources.source_id = lags.source_id
),

horizons as (
    select
        source_id,
        silence_horizon_days
    from {{ ref('int_source_silence_horizons') }}
)

select
    observed.source_id,
    observed.product_id,
    observed.latest_received_at,
    observed.observed_until_at,
    observed.event_count / observed.observed_days as events_per_day,
    horizons.silence_horizon_days,
    observed.lateness_hours,
    case
        when
            {{ micros_between('observed.latest_received_at', 'observed.observed_until_at') }}
            <= horizons.silence_horizon_days * 86400e6
            then observed.observed_until_at
        else observed.latest_received_at
    end as watermark_at
from observed
left join horizons on observed.source_id = horizons.source_id
