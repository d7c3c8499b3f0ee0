-- when so many hours of work have passed since a task began; beyond the calendar's last day there is no deadline yet
with

measures as (
    select
        measures.measure_id,
        measures.item_type,
        task_types.calendar_id,
        cast(round(measures.deadline_hours * 3600000000) as bigint) as allowed_us
    from {{ source('registry', 'measures') }} as measures
    inner join {{ source('registry', 'task_types') }} as task_types on measures.item_type = task_types.task_type_id
    where measures.item_kind = 'task' and measures.anchor = 'deadline' and measures.deadline_clock = 'working'
),

intervals as (
    select
        calendar_id,
        opens_at,
        closes_at,
        worked_before_us,
        worked_before_us + {{ micros_between('opens_at', 'closes_at') }} as worked_after_us
    from {{ ref('int_working_intervals') }}
),

-- all working time of the calendar up to the start of the task
started as (
    select
        measures.measure_id,
        measures.calendar_id,
        measures.allowed_us,
        tasks.task_id,
        coalesce(max(
            intervals.worked_before_us
            + {{ micros_between('intervals.opens_at', 'least(intervals.closes_at, tasks.started_at)') }}
        ), 0) as worked_us
    -- tasks are looked up in measures, of which most registries have none
    from {{ ref('int_tasks') }} as tasks
    inner join measures on tasks.task_type_id = measures.item_type
    left join intervals
        on measures.calendar_id = intervals.calendar_id and tasks.started_at > intervals.opens_at
    group by measures.measure_id, measures.calendar_id, measures.allowed_us, tasks.task_id
)

select
    started.measure_id,
    started.task_id,
    {{ plus_micros(
        'intervals.opens_at', 'started.worked_us + started.allowed_us - intervals.worked_before_us'
    ) }} as deadline_at
from started
inner join intervals
    on
        started.calendar_id = intervals.calendar_id
        and started.worked_us + started.allowed_us > intervals.worked_before_us
        and started.worked_us + started.allowed_us <= intervals.worked_after_us
