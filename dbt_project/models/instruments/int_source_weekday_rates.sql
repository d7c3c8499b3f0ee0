{{ config(materialized='view') }}
-- grain: source with an event, weekday on which it was observed; events per day, days without one counted
with

run_context as (
    select as_of_at
    from {{ source('registry', 'run_context') }}
),

signs as (
    select
        source_id,
        occurred_date,
        sign_count,
        accepted_count,
        sum(accepted_count) over (partition by source_id) > 0 as has_accepted
    from {{ ref('int_source_days_counted') }}
),

-- redelivery makes nothing more likely to be heard of; of a source whose events all came before by another
-- one, nothing else is known
daily_counts as (
    select
        source_id,
        occurred_date,
        cast(sum(case when has_accepted then accepted_count else sign_count end) as bigint) as event_count
    from signs
    where accepted_count > 0 or not has_accepted
    group by source_id, occurred_date
),

spans as (
    select
        daily_counts.source_id,
        min(daily_counts.occurred_date) as first_date,
        -- the day of as-of isn't over: it may still be without an event
        greatest(
            min(daily_counts.occurred_date),
            cast(
                min(least(
                    run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)
                )) as date
            ) - 1
        ) as last_date
    from daily_counts
    inner join {{ source('registry', 'sources') }} as sources
        on daily_counts.source_id = sources.source_id
    cross join run_context
    group by daily_counts.source_id
),

days as (
    select
        source_id,
        {{ dates_between('first_date', 'last_date', 1) }} as observed_date
    from spans
),

counted_days as (
    select
        days.source_id,
        days.observed_date,
        extract(isodow from days.observed_date) as weekday,
        coalesce(daily_counts.event_count, 0) as event_count
    from days
    left join daily_counts
        on
            days.source_id = daily_counts.source_id
            and days.observed_date = daily_counts.occurred_date
)

select
    source_id,
    weekday,
    -- events that come in clumps are silent more often than their number suggests: not more
    -- than the rate behind the share of days with an event, which is the same if they don't
    case
        when count(*) filter (where event_count = 0) > 0
            then least(avg(event_count), -ln(avg(case when event_count = 0 then 1 else 0 end)))
        else avg(event_count)
    end as events_per_day
from counted_days
group by source_id, weekday
