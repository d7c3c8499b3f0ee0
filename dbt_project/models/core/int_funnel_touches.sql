{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
{% set events, hot_events = ref('int_events'), ref('int_events_hot') %}
-- events that are a step of a funnel, by whose funnel it is
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
)

select
    funnel_id,
    product_id,
    step_number,
    match_value,
    occurred_at,
    {{ plus_hours('occurred_at', 'window_hours') }} as window_ends_at
from touches
where match_value is not null {{ in_scope(changed, ['product_id', 'match_value']) }}
