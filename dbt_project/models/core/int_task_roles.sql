{{ config(materialized='view') }}
-- what an event's type says of a task, told once for each type
with

task_types as (
    select
        task_type_id, start_event_type, start_property, start_value, finish_event_type, finish_property, finish_value,
        cancel_event_type, reopen_event_type, match_key
    from {{ source('registry', 'task_types') }}
),

types as (
    select task_type_id, start_event_type as event_type from task_types
    union
    select task_type_id, finish_event_type as event_type from task_types
    union
    select task_type_id, cancel_event_type as event_type from task_types
    union
    select task_type_id, reopen_event_type as event_type from task_types
)

select
    types.event_type,
    task_types.task_type_id,
    task_types.match_key,
    task_types.start_property,
    task_types.start_value,
    task_types.finish_property,
    task_types.finish_value,
    types.event_type = task_types.start_event_type as is_start_type,
    types.event_type = task_types.finish_event_type as is_finish_type,
    coalesce(types.event_type = task_types.reopen_event_type, false) as is_reopening,
    coalesce(types.event_type = task_types.cancel_event_type, false) as is_cancelling
from types
inner join task_types on types.task_type_id = task_types.task_type_id
