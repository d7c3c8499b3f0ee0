with

tasks as (
    select
        product_id, task_type_id, task_id, start_source_id, finish_source_id, started_at,
        finished_at, cancelled_at, state, reopen_count, duration_us, working_us, paused_us, week_start_date
    from {{ ref('int_tasks') }}
),

secret as (
    select product_id, task_type_id from {{ ref('int_secret_task_types') }}
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
left join secret
    on tasks.product_id = secret.product_id and tasks.task_type_id = secret.task_type_id
where secret.product_id is null
