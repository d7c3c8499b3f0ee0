{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ replaced_by(ref('int_tasks_left'), ['item_id'], [hashed_id('task_id')]) }}",
        "{{ replaced_by(ref('int_secret_task_types'), ['product_id', 'task_type_id']) }}",
    ]
) }}
{% set facts, changed = ref('int_task_facts'), ref('int_match_values_changed') %}
with

tasks as (
    select
        product_id, task_type_id, task_id, start_source_id, finish_source_id, started_at,
        finished_at, cancelled_at, state, reopen_count, duration_us, working_us, paused_us, week_start_date
    from {{ facts }}
    {% if is_incremental() -%}
    where rowid in (
        select rowid from {{ facts }}
        where (product_id, match_value) in (select product_id, match_value from {{ changed }})
        union all
        -- a type that is secret no more comes back as a whole
        select rowid from {{ facts }}
        where (product_id, task_type_id) not in (select distinct product_id, task_type_id from {{ this }})
    )
    {%- endif %}
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
