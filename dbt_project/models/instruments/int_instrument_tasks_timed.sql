{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(
        ref('int_task_weeks_changed'),
        ['source_id', 'week_start_date'],
        ['finish_source_id', 'finish_week_start_date'],
    ) }}"
) }}
{% set changed = ref('int_task_weeks_changed') %}
-- grain: source that finishes, finish event type, week of the finish. No time is less than a minute and
-- than a thousandth of what the metrics count to: seconds taken for milliseconds leave as little.
with

task_types as (
    select
        task_types.task_type_id,
        task_types.finish_event_type,
        least(60e6, coalesce(horizons.horizon_hours, 720) * 3.6e6) as least_duration_us
    from {{ source('registry', 'task_types') }} as task_types
    inner join {{ ref('int_task_horizons') }} as horizons on task_types.task_type_id = horizons.task_type_id
),

finished as (
    select
        tasks.finish_source_id as source_id,
        task_types.finish_event_type as event_type,
        tasks.finish_week_start_date as week_start_date,
        tasks.task_id,
        {{ micros_between('tasks.started_at', 'tasks.finished_at') }} < task_types.least_duration_us as is_zero
    from {{ ref('int_tasks') }} as tasks
    inner join task_types on tasks.task_type_id = task_types.task_type_id
    where
        tasks.finished_at is not null
        {% if is_incremental() -%}
        and (tasks.finish_source_id, tasks.finish_week_start_date) in (
            select finish_source_id, finish_week_start_date from {{ changed }}
        )
        {%- endif %}
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
