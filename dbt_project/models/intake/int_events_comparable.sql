{{ config(materialized='view') }}
with

-- an action that only ever comes on one path can't have come on two: nothing of it is compared
types_on_several_paths as (
    select event_type
    from {{ ref('int_event_paths') }}
    group by event_type
    having count(distinct ingress_path) > 1
),

later_copies as (
    select file_id, line_number, event_number
    from {{ ref('int_events_identified') }}
    where copy_number > 1
)

select
    events.file_id,
    events.line_number,
    events.event_number,
    events.occurred_at,
    events.ingress_path,
    events.source_id,
    events.event_id,
    events.product_id,
    events.event_type,
    events.subject_id,
    events.actor_id,
    coalesce(events.idempotency_key, '') as idempotency_key
from {{ ref('int_events_judged') }} as events
inner join types_on_several_paths as types on events.event_type = types.event_type
left join later_copies
    on events.file_id = later_copies.file_id
        and events.line_number = later_copies.line_number
        and events.event_number = later_copies.event_number
where events.problem is null
    and later_copies.file_id is null
    and events.ingress_path is not null
    and events.actor_id is not null
    and events.product_id is not null
    and not events.is_heartbeat
