-- what people did that counts as use, one row per event and kind of session that asks for it
with

wanted as (
    select distinct item_type as session_type
    from {{ source('registry', 'measures') }}
    where item_kind = 'session'
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

event_types as (
    select distinct event_type from {{ ref('int_event_paths') }}
),

-- several event types may make up use; they are listed with ; between them
session_event_types as (
    select wanted.session_type, event_types.event_type
    from wanted
    inner join event_types
        on ';' || replace(wanted.session_type, ' ', '') || ';' like '%;' || event_types.event_type || ';%'
)

select
    types.session_type,
    events.product_id,
    events.source_id,
    events.event_id,
    events.actor_id as person_id,
    events.segment_id,
    events.occurred_at
from {{ ref('int_events') }} as events
inner join session_event_types as types on events.event_type = types.event_type
left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
where
    not events.is_heartbeat
    and events.actor_id is not null
    and excluded_accounts.actor_id is null
    and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot', 'test')
