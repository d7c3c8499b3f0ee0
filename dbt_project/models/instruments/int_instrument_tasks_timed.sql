-- grain: source that finishes, finish event type, week of the finish
with

task_types as (
    select
        task_type_id,
        finish_event_type
    from {{ source('registry', 'task_types') }}
),

finished as (
    select
        tasks.finish_source_id as source_id,
        task_types.finish_event_type as event_type,
        {{ week_start('tasks.finished_at') }} as week_start_date,
        tasks.task_id,
        tasks.finished_at = tasks.started_at as is_zero
    from {{ ref('int_tasks') }} as tasks
    inner join task_types on tasks.task_type_id = task_types.task_type_id
    where tasks.finished_at is not null
)

select
    source_id,
    event_type,
    week_start_date,
    count(*) as finish_count,
    count(*) filter (where is_zero) as zero_count,
    {{ smallest_ids('task_id', 'is_zero') }} as zero_ids
from finished
group by source_id, event_type, week_start_date
