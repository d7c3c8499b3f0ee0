{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(
        ref('int_task_weeks_changed'), ['product_id', 'task_type_id', 'start_source_id', 'week_start_date']
    ) }}"
) }}
{% set changed = ref('int_task_weeks_changed') %}
-- grain: product, type of task, source that starts, source that finishes (NULL without a finish), week of START
with

horizons as (
    -- a task is given the longest tau that any metric counts it to, 30 days without one
    select task_type_id, coalesce(horizon_hours, 720) as horizon_hours
    from {{ ref('int_task_horizons') }}
),

starts as (
    select
        tasks.product_id,
        tasks.task_type_id,
        tasks.start_source_id,
        tasks.finish_source_id,
        tasks.week_start_date,
        tasks.task_id,
        coalesce(
            tasks.cancelled_at is not null
            or tasks.reopen_count > 0
            or {{ micros_between('tasks.started_at', 'tasks.finished_at') }}
            <= horizons.horizon_hours * 3600e6,
            false
        ) as is_ended
    from {{ ref('int_tasks') }} as tasks
    inner join horizons on tasks.task_type_id = horizons.task_type_id
    {% if is_incremental() -%}
    where
        -- by week first: few tasks are then compared by names
        tasks.week_start_date in (select week_start_date from {{ changed }})
        and (tasks.product_id, tasks.task_type_id, tasks.start_source_id, tasks.week_start_date) in (
            select product_id, task_type_id, start_source_id, week_start_date from {{ changed }}
        )
    {%- endif %}
)

select
    product_id,
    task_type_id,
    start_source_id,
    finish_source_id,
    week_start_date,
    count(*) as start_count,
    count(*) filter (where is_ended) as ended_count,
    {{ smallest_ids('task_id', 'not is_ended') }} as unended_ids
from starts
group by product_id, task_type_id, start_source_id, finish_source_id, week_start_date
