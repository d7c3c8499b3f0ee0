-- one row per start of an activation goal, with the qualifying actions of the Y days after it
with

goals as (
    select activation_id, product_id, start_event_type, event_type, least_count, within_days, match_key
    from {{ source('registry', 'activations') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

steps as (
    select
        goals.activation_id,
        events.event_type,
        events.occurred_at,
        case goals.match_key when 'actor' then events.actor_id else events.subject_id end as match_value
    from {{ ref('int_events') }} as events
    inner join goals
        on
            events.product_id = goals.product_id
            and events.event_type in (goals.start_event_type, goals.event_type)
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
        and (goals.match_key = 'subject' or coalesce(events.actor_kind, 'unknown') not in ('service', 'bot'))
),

-- the first start ever
starts as (
    select
        goals.activation_id,
        goals.product_id,
        goals.event_type,
        goals.least_count,
        steps.match_value,
        goals.within_days,
        min(steps.occurred_at) as started_at
    from goals
    inner join steps on goals.activation_id = steps.activation_id and goals.start_event_type = steps.event_type
    where steps.match_value is not null
    group by
        goals.activation_id, goals.product_id, goals.event_type, goals.least_count, goals.within_days,
        steps.match_value
),

windows as (
    select
        activation_id,
        product_id,
        event_type,
        least_count,
        match_value,
        started_at,
        {{ plus_hours('started_at', 'within_days * 24') }} as closes_at
    from starts
)

select
    windows.activation_id,
    windows.product_id,
    windows.match_value,
    windows.started_at,
    windows.closes_at,
    {{ week_start('windows.started_at') }} as week_start_date,
    count(steps.occurred_at) as action_count,
    count(steps.occurred_at) >= windows.least_count as is_activated
from windows
left join steps
    on
        windows.activation_id = steps.activation_id
        and windows.match_value = steps.match_value
        and windows.event_type = steps.event_type
        and steps.occurred_at >= windows.started_at
        and steps.occurred_at < windows.closes_at
group by
    windows.activation_id, windows.product_id, windows.match_value, windows.started_at, windows.closes_at, windows.least_count
