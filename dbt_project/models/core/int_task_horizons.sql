-- the longest time for which any metric counts a type of task, in hours of the clock; NULL without one
with

-- working hours of a week without holidays
calendars as (
    select
        calendar_id,
        sum(
            cast(substr(closes, 1, 2) as integer) - cast(substr(opens, 1, 2) as integer)
            + (cast(substr(closes, 4, 2) as integer) - cast(substr(opens, 4, 2) as integer)) / 60.0
        ) as weekly_hours
    from {{ source('registry', 'calendars') }}
    group by calendar_id
)

select
    task_types.task_type_id,
    max(case
        -- a week more, since a week may have holidays
        when metrics.clock = 'working' then (ceil(metrics.tau_hours / calendars.weekly_hours) + 1) * 168
        else metrics.tau_hours
    end) as horizon_hours
from {{ source('registry', 'task_types') }} as task_types
left join {{ source('registry', 'metrics') }} as metrics on task_types.task_type_id = metrics.task_type_id
left join calendars on task_types.calendar_id = calendars.calendar_id
group by task_types.task_type_id
