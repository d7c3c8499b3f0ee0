with

tasks as (
    select
        product_id, task_type_id, task_id, start_source_id, finish_source_id, started_at,
        finished_at, cancelled_at, state, reopen_count, duration_us, working_us, paused_us, week_start_date
    from {{ ref('int_tasks') }}
),

-- items behind a hidden figure would give it away: they are left out, week by week
hidden as (
    select distinct
        suppressed.product_id,
        suppressed.period_start_date as week_start_date,
        metrics.task_type_id
    from {{ ref('int_metric_periods_suppressed') }} as suppressed
    inner join {{ ref('int_metric_task_types') }} as metrics
        on suppressed.metric_id = metrics.metric_id
    where suppressed.period_grain = 'week'
),

-- what a share is taken of, as it stands at the end of a week, is a roster: of people, one row a person
rosters as (
    select distinct measures.item_type as task_type_id
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ source('registry', 'measures') }} as measures
        on metrics.denominator_measure_id = measures.measure_id
    where measures.item_kind = 'task' and measures.aggregate = 'open_at_period_end'
)

select
    {{ hashed_id('tasks.task_id') }} as item_id,
    tasks.product_id,
    tasks.task_type_id,
    tasks.week_start_date,
    tasks.start_source_id,
    tasks.finish_source_id,
    tasks.started_at,
    tasks.finished_at,
    tasks.cancelled_at,
    tasks.state,
    cast(tasks.reopen_count as bigint) as reopen_count,
    cast(tasks.duration_us / 3600000000.0 as {{ double_type() }}) as duration_hours,
    cast(tasks.working_us / 3600000000.0 as {{ double_type() }}) as working_hours,
    cast(tasks.paused_us / 3600000000.0 as {{ double_type() }}) as paused_hours
from tasks
left join hidden
    on tasks.product_id = hidden.product_id
    and tasks.task_type_id = hidden.task_type_id
    and tasks.week_start_date = hidden.week_start_date
left join rosters on tasks.task_type_id = rosters.task_type_id
where hidden.product_id is null and rosters.task_type_id is null
