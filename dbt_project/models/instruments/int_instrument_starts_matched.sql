-- grain: source that finishes, finish event type, week of START. Only starts old enough that
-- their finish was due: a week is left out until all its starts are.
with

horizons as (
    select
        task_types.task_type_id,
        task_types.finish_event_type,
        -- a task is given the longest tau that any metric counts it to, 30 days without one
        coalesce(horizons.horizon_hours, 720) as horizon_hours
    from {{ source('registry', 'task_types') }} as task_types
    inner join {{ ref('int_task_horizons') }} as horizons on task_types.task_type_id = horizons.task_type_id
),

watermarks as (
    select
        source_id,
        observed_until_at,
        lateness_hours
    from {{ ref('int_source_watermarks') }}
),

tasks as (
    select
        product_id,
        task_type_id,
        task_id,
        start_source_id,
        finish_source_id,
        started_at,
        finished_at,
        cancelled_at,
        reopen_count,
        week_start_date
    from {{ ref('int_tasks') }}
),

-- an unfinished task doesn't say who should have finished it: the source that most often does
finishers as (
    select
        product_id,
        task_type_id,
        start_source_id,
        finish_source_id,
        row_number() over (
            partition by product_id, task_type_id, start_source_id
            order by count(*) desc, finish_source_id asc
        ) as finisher_rank
    from tasks
    where finish_source_id is not null
    group by product_id, task_type_id, start_source_id, finish_source_id
),

starts as (
    select
        coalesce(finishers.finish_source_id, tasks.start_source_id) as source_id,
        horizons.finish_event_type as event_type,
        horizons.horizon_hours,
        tasks.week_start_date,
        tasks.task_id,
        coalesce(
            tasks.cancelled_at is not null
            or tasks.reopen_count > 0
            or {{ micros_between('tasks.started_at', 'tasks.finished_at') }}
            <= horizons.horizon_hours * 3600e6,
            false
        ) as is_ended
    from tasks
    inner join horizons on tasks.task_type_id = horizons.task_type_id
    left join finishers
        on
            tasks.product_id = finishers.product_id
            and tasks.task_type_id = finishers.task_type_id
            and tasks.start_source_id = finishers.start_source_id
            and finishers.finisher_rank = 1
),

weeks as (
    select
        source_id,
        event_type,
        week_start_date,
        max(horizon_hours) as horizon_hours,
        count(*) as start_count,
        count(*) filter (where is_ended) as ended_count,
        {{ smallest_ids('task_id', 'not is_ended') }} as unended_ids
    from starts
    group by source_id, event_type, week_start_date
)

select
    weeks.source_id,
    weeks.event_type,
    weeks.week_start_date,
    weeks.start_count,
    weeks.ended_count,
    weeks.unended_ids
from weeks
inner join watermarks on weeks.source_id = watermarks.source_id
where
    {{ micros_between(
        "cast(weeks.week_start_date as timestamp) + interval '7' day",
        to_reporting_zone('watermarks.observed_until_at')
    ) }}
    >= (weeks.horizon_hours + watermarks.lateness_hours) * 3600e6
