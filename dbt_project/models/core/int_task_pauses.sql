-- one row per stretch of waiting: from a pause to the next resumption of the same thing
with

task_types as (
    select task_type_id, match_key, pause_event_type, resume_event_type
    from {{ source('registry', 'task_types') }}
    where pause_event_type is not null
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

steps as (
    select
        events.product_id,
        task_types.task_type_id,
        case when task_types.match_key = 'correlation' then events.correlation_id else events.subject_id end as match_value,
        events.event_type = task_types.resume_event_type as is_resumption,
        events.source_id,
        events.event_id,
        events.occurred_at,
        events.received_at
    from {{ ref('int_events_of_facts') }} as events
    inner join task_types on events.event_type in (task_types.pause_event_type, task_types.resume_event_type)
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

-- a pause of what waits already changes nothing; at the same instant a pause comes before a resumption
numbered as (
    select
        *,
        coalesce(sum(case when is_resumption then 1 else 0 end) over (
            partition by product_id, task_type_id, match_value
            order by occurred_at, is_resumption, received_at, source_id, event_id
            rows between unbounded preceding and 1 preceding
        ), 0) as pause_number
    from steps
    where match_value is not null
)

select
    product_id,
    task_type_id,
    match_value,
    pause_number,
    min(case when not is_resumption then occurred_at end) as paused_at,
    max(case when is_resumption then occurred_at end) as resumed_at
from numbered
group by product_id, task_type_id, match_value, pause_number
having count(*) > count(case when is_resumption then 1 end)
