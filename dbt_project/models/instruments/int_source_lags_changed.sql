-- What an increment has to compare again: what it changed, and all of a source whose first delivery is
-- another one now. That one, or the one before it, is then among what changed.
with

days as (
    select source_id, week_start_date, first_received_at, first_clocked_at, first_accepted_at
    from {{ ref('int_source_days_counted') }}
),

first_deliveries as (
    -- of any sign of life, of one with a clock, and of an accepted one: each begins something
    select
        source_id,
        greatest(min(first_received_at), min(first_clocked_at), min(first_accepted_at)) as first_at
    from days
    group by source_id
),

begun_otherwise as (
    select distinct changed.source_id
    from {{ ref('int_events_changed') }} as changed
    inner join first_deliveries on changed.source_id = first_deliveries.source_id
    where changed.received_at <= first_deliveries.first_at
)

select source_id, week_start_date
from {{ ref('int_source_weeks_changed') }}
union
select days.source_id, days.week_start_date
from days
inner join begun_otherwise on days.source_id = begun_otherwise.source_id
