with

tasks as (
    select
        product_id, task_type_id, task_id, start_source_id, finish_source_id, started_at,
        finished_at, cancelled_at, state, reopen_count, duration_us, week_start_date
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
    cast(tasks.duration_us / 3600000000.0 as {{ double_type() }}) as duration_hours
from tasks
left join hidden
    on tasks.product_id = hidden.product_id
    and tasks.task_type_id = hidden.task_type_id
    and tasks.week_start_date = hidden.week_start_date
where hidden.product_id is null
