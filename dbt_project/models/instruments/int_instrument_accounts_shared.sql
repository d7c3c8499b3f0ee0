{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week, for event types by which people are counted; how many of the events are those of
-- the account that sent the most
with

people_counted as (
    select distinct item_type as event_type
    from {{ source('registry', 'measures') }}
    where item_kind = 'event' and aggregate = 'distinct_people'
),

accounts as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.actor_id,
        count(*) as event_count
    from {{ ref('int_events_known') }} as events
    inner join people_counted on events.event_type = people_counted.event_type
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and events.actor_id is not null
        -- services and bots are declared as what they are; no measure takes them for people
        and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot')
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
    group by events.source_id, events.event_type, events.occurred_week_start_date, events.actor_id
)

select
    source_id,
    event_type,
    week_start_date,
    cast(sum(event_count) as bigint) as event_count,
    max(event_count) as shared_count
from accounts
group by source_id, event_type, week_start_date
