-- when the people of a calendar work, in UTC, with all working time before it; the zone knows daylight saving
with

calendars as (
    select
        calendar_id,
        time_zone,
        weekday,
        cast(substr(opens, 1, 2) as integer) + cast(substr(opens, 4, 2) as integer) / 60.0 as opens_hour,
        cast(substr(closes, 1, 2) as integer) + cast(substr(closes, 4, 2) as integer) / 60.0 as closes_hour
    from {{ source('registry', 'calendars') }}
),

-- from the first task to the last that may have ended by as-of, a day more on either side for the zones
ends as (
    select
        cast(min(items.started_at) as date) - 1 as first_date,
        cast(max(run_context.as_of_at) as date) + 1
        + cast(ceil({{ setting_number('future_tolerance_hours', 24) }} / 24) as integer) as last_date
    from {{ ref('int_task_items') }} as items
    inner join {{ source('registry', 'task_types') }} as task_types on items.task_type_id = task_types.task_type_id
    cross join {{ source('registry', 'run_context') }} as run_context
    where task_types.calendar_id is not null
),

dates as (
    select {{ dates_between('first_date', 'last_date', 1) }} as local_date
    from ends
),

intervals as (
    select
        calendars.calendar_id,
        {{ from_zone(plus_hours('cast(dates.local_date as timestamp)', 'calendars.opens_hour'), 'calendars.time_zone') }}
            as opens_at,
        {{ from_zone(plus_hours('cast(dates.local_date as timestamp)', 'calendars.closes_hour'), 'calendars.time_zone') }}
            as closes_at
    from dates
    inner join calendars on extract(isodow from dates.local_date) = calendars.weekday
    left join {{ source('registry', 'holidays') }} as holidays
        on calendars.calendar_id = holidays.calendar_id and dates.local_date = holidays.date
    where holidays.date is null
)

select
    calendar_id,
    opens_at,
    closes_at,
    cast(coalesce(sum({{ micros_between('opens_at', 'closes_at') }}) over (
        partition by calendar_id order by opens_at rows between unbounded preceding and 1 preceding
    ), 0) as bigint) as worked_before_us
from intervals
