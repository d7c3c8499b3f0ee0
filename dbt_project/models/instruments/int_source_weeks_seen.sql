-- grain: source, week with a sign of life within its observation. Occurring and being received are both
-- signs of life: a source that delivers in batches lives while batches come.
with

sources as (
    select source_id, observed_until_at
    from {{ ref('int_source_watermarks') }}
),

occurred as (
    select
        days.source_id,
        days.week_start_date,
        days.occurred_date,
        days.observed_sign_count,
        days.last_observed_at,
        sources.observed_until_at,
        days.last_observed_at <= sources.observed_until_at as is_whole
    from {{ ref('int_source_days_counted') }} as days
    inner join sources on days.source_id = sources.source_id
    where days.observed_sign_count > 0
),

-- events ahead of the as-of instant: the signs of such a day are counted again
cut_days as (
    select source_id, week_start_date, occurred_date, observed_until_at
    from occurred
    where not is_whole
),

signs as (
    select source_id, week_start_date, observed_sign_count as sign_count, last_observed_at as last_seen_at
    from occurred
    where is_whole
    union all
    select
        events.source_id,
        events.occurred_week_start_date as week_start_date,
        count(*) as sign_count,
        max(events.occurred_at) as last_seen_at
    from {{ ref('int_events_known') }} as events
    inner join cut_days
        on
            events.source_id = cut_days.source_id
            and events.occurred_week_start_date = cut_days.week_start_date
            and cast(events.occurred_at as date) = cut_days.occurred_date
    where
        (events.classification in ('accepted', 'duplicate') or events.reason = 'unknown_type')
        and events.occurred_at <= cut_days.observed_until_at
    group by events.source_id, events.occurred_week_start_date
    union all
    -- nothing is known that was received later than as-of
    select
        days.source_id,
        days.week_start_date,
        days.observed_sign_count as sign_count,
        days.last_observed_at as last_seen_at
    from {{ ref('int_source_days_received') }} as days
    inner join sources on days.source_id = sources.source_id
    where days.observed_sign_count > 0
)

select
    source_id,
    week_start_date,
    cast(sum(sign_count) as bigint) as sign_count,
    {{ to_reporting_zone('max(last_seen_at)') }} as last_seen_at
from signs
group by source_id, week_start_date
