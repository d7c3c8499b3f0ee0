{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
{% set is_automated = "listed.actor_id is not null
        or events.actor_kind = 'test'
        or recognised.actor_id is not null" %}
-- grain: source, event type, week: events of accounts that are no people: on the list, declared as test,
-- or with three of four signs of automation in the week
with

excluded_accounts as (
    select actor_id
    from {{ source('registry', 'excluded_accounts') }}
),

events as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        events.actor_id,
        events.actor_kind
    from {{ ref('int_events_known') }} as events
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and events.actor_id is not null
        -- services and bots are declared as what they are; no measure takes them for people
        and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot')
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

recognised as (
    select
        source_id,
        week_start_date,
        actor_id
    from {{ ref('int_instrument_accounts_recognised') }}
)

select
    events.source_id,
    events.event_type,
    events.week_start_date,
    (select count(*) from excluded_accounts) as listed_count,
    count(*) as event_count,
    count(*) filter (where {{ is_automated }}) as automated_count,
    {{ smallest_ids('events.event_id', is_automated) }} as automated_ids
from events
left join excluded_accounts as listed on events.actor_id = listed.actor_id
left join recognised
    on
        events.source_id = recognised.source_id
        and events.week_start_date = recognised.week_start_date
        and events.actor_id = recognised.actor_id
group by events.source_id, events.event_type, events.week_start_date
