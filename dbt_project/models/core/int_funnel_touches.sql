{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_events_changed'), ['id_hash'], [quick_hash(['source_id', 'event_id'])]) }}"
) }}
{% set changed, id_hash = ref('int_events_changed'), quick_hash(['events.source_id', 'events.event_id']) %}
{% set events, hot_events = ref('int_events'), ref('int_events_hot') %}
-- events that are a step of a funnel, by whose funnel it is. By the hash of its id an event is found again: where two
-- share one, both are replaced
with

funnels as (
    select funnel_id, product_id, step_number, event_type, window_hours, match_key, step_property, step_value
    from {{ source('registry', 'funnels') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

touches as (
    select
        funnels.funnel_id,
        funnels.product_id,
        funnels.step_number,
        funnels.window_hours,
        events.occurred_at,
        {{ id_hash }} as id_hash,
        case funnels.match_key when 'actor' then events.actor_id else events.subject_id end as match_value
    from {{ hot_events if is_incremental() else events }} as events
    inner join funnels
        on
            events.product_id = funnels.product_id
            and events.event_type = funnels.event_type
            and {{ meets_condition('events.data', 'funnels.step_property', 'funnels.step_value') }}
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
        and (funnels.match_key = 'subject' or coalesce(events.actor_kind, 'unknown') not in ('service', 'bot'))
        {% if is_incremental() -%}
        and {{ id_hash }} in (select {{ quick_hash(['source_id', 'event_id']) }} from {{ changed }})
        {%- endif %}
)

select
    funnel_id,
    product_id,
    step_number,
    match_value,
    occurred_at,
    {{ plus_hours('occurred_at', 'window_hours') }} as window_ends_at,
    id_hash
from touches
where match_value is not null
