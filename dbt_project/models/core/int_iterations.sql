-- one row per work item in the scope of an ended iteration, and whether it was done by the end
with

scopes as (
    select
        product_id, iteration_id, source_id, started_at, ended_at, work_item_id, segment_id,
        is_committed_at_start, is_withdrawn
    from {{ ref('int_iteration_scopes') }}
    where is_committed_at_start or is_committed_later
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

outcomes as (
    select
        scopes.product_id, scopes.iteration_id, scopes.work_item_id,
        bool_or(events.event_type = 'workitem.delivered') as is_delivered,
        bool_or(events.event_type = 'workitem.completed') as is_completed
    from scopes
    inner join {{ ref('int_events_of_facts') }} as events
        on
            scopes.product_id = events.product_id
            and scopes.work_item_id = events.subject_id
            and scopes.started_at <= events.occurred_at
            and scopes.ended_at >= events.occurred_at
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        events.event_type in ('workitem.delivered', 'workitem.completed')
        and not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
    group by scopes.product_id, scopes.iteration_id, scopes.work_item_id
)

select
    scopes.product_id,
    scopes.source_id,
    scopes.iteration_id,
    scopes.work_item_id,
    scopes.segment_id,
    scopes.started_at,
    scopes.ended_at,
    {{ week_start('scopes.ended_at') }} as week_start_date,
    scopes.is_committed_at_start,
    not scopes.is_committed_at_start as is_added,
    scopes.is_withdrawn,
    -- what was taken out of scope counts as not done, whatever became of it
    coalesce(outcomes.is_delivered, false) and not scopes.is_withdrawn as is_delivered,
    coalesce(outcomes.is_completed, false) and not scopes.is_withdrawn as is_completed
from scopes
left join outcomes
    on
        scopes.product_id = outcomes.product_id
        and scopes.iteration_id = outcomes.iteration_id
        and scopes.work_item_id = outcomes.work_item_id
