{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_product_weeks_changed'), ['product_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_product_weeks_changed') %}
-- which person used a product on which day of the reporting zone
with

active_uses as (
    select product_id, event_type from {{ source('registry', 'active_uses') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
)

select
    events.product_id,
    events.actor_id as person_id,
    cast({{ to_reporting_zone('events.occurred_at') }} as date) as used_on,
    events.week_start_date,
    count(*) as event_count
from {{ ref('int_events') }} as events
inner join active_uses
    on events.product_id = active_uses.product_id and events.event_type = active_uses.event_type
left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
where
    not events.is_heartbeat
    and events.actor_id is not null
    and excluded_accounts.actor_id is null
    and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot', 'test')
    {{ in_scope(changed, ['events.product_id', 'events.week_start_date']) }}
group by 1, 2, 3, 4
