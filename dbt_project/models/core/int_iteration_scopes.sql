-- one row per work item that was ever committed to an ended iteration: the scope is frozen as the iteration starts
with

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

events as (
    select
        events.product_id,
        events.source_id,
        events.event_id,
        events.event_type,
        events.subject_id,
        events.occurred_at,
        events.received_at,
        events.segment_id,
        {{ json_text('events.data', "'iteration_id'") }} as iteration_id
    from {{ ref('int_events_of_facts') }} as events
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        events.event_type in ('iteration.started', 'iteration.ended', 'workitem.committed', 'workitem.withdrawn')
        and not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

starts as (
    select product_id, subject_id as iteration_id, min(occurred_at) as started_at
    from events
    where event_type = 'iteration.started'
    group by product_id, subject_id
),

ends as (
    select
        starts.product_id,
        starts.iteration_id,
        starts.started_at,
        events.occurred_at as ended_at,
        events.source_id,
        row_number() over (
            partition by starts.product_id, starts.iteration_id
            order by events.occurred_at, events.received_at, events.source_id, events.event_id
        ) as end_number
    from starts
    inner join events
        on
            starts.product_id = events.product_id
            and starts.iteration_id = events.subject_id
            and events.event_type = 'iteration.ended'
            and starts.started_at <= events.occurred_at
),

commitments as (
    select
        ends.product_id, ends.iteration_id, ends.source_id, ends.started_at, ends.ended_at,
        events.subject_id as work_item_id,
        events.event_id, events.source_id as event_source_id, events.occurred_at, events.received_at, events.segment_id,
        events.event_type = 'workitem.withdrawn' as is_withdrawal,
        -- committed as the iteration starts is in scope, and withdrawn as it starts comes too late
        events.occurred_at < ends.started_at
        or (events.occurred_at = ends.started_at and events.event_type = 'workitem.committed') as is_before_start
    from ends
    inner join events
        on
            ends.product_id = events.product_id
            and ends.iteration_id = events.iteration_id
            and ends.ended_at >= events.occurred_at
    where ends.end_number = 1 and events.event_type in ('workitem.committed', 'workitem.withdrawn')
),

-- at the same instant a withdrawal comes before a commitment
numbered as (
    select
        *,
        row_number() over (
            partition by product_id, iteration_id, work_item_id
            order by occurred_at desc, is_withdrawal asc, received_at desc, event_source_id desc, event_id desc
        ) as number_from_last,
        row_number() over (
            partition by product_id, iteration_id, work_item_id, is_before_start
            order by occurred_at desc, is_withdrawal asc, received_at desc, event_source_id desc, event_id desc
        ) as number_on_side,
        row_number() over (
            partition by product_id, iteration_id, work_item_id, is_withdrawal
            order by occurred_at, received_at, event_source_id, event_id
        ) as number_of_its_type
    from commitments
)

select
    product_id,
    iteration_id,
    source_id,
    started_at,
    ended_at,
    work_item_id,
    max(case when number_of_its_type = 1 and not is_withdrawal then segment_id end) as segment_id,
    bool_or(is_before_start and number_on_side = 1 and not is_withdrawal) as is_committed_at_start,
    bool_or(not is_before_start and not is_withdrawal) as is_committed_later,
    bool_or(number_from_last = 1 and is_withdrawal) as is_withdrawn
from numbered
group by product_id, iteration_id, source_id, started_at, ended_at, work_item_id
