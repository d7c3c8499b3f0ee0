{{ config(materialized='view') }}
-- one row per task, with how long it has been known
select
    tasks.product_id,
    tasks.task_type_id,
    tasks.task_id,
    tasks.match_value,
    tasks.subject_id,
    tasks.start_source_id,
    tasks.start_event_id,
    tasks.finish_source_id,
    tasks.started_at,
    tasks.finished_at,
    tasks.cancelled_at,
    tasks.state,
    tasks.reopen_count,
    tasks.duration_us,
    tasks.working_us,
    tasks.paused_us,
    least(run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)) as observed_until_at,
    tasks.week_start_date,
    tasks.finish_week_start_date,
    tasks.actor_id,
    tasks.segment_id,
    tasks.environment,
    tasks.causation_id,
    tasks.start_data,
    tasks.finish_data
from {{ ref('int_task_facts') }} as tasks
cross join {{ source('registry', 'run_context') }} as run_context
left join {{ source('registry', 'sources') }} as sources on tasks.start_source_id = sources.source_id
