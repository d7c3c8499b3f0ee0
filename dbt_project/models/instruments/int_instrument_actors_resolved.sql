{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence, for event types by which people are counted
with

people_counted as (
    select distinct item_type as event_type
    from {{ source('registry', 'measures') }}
    where item_kind = 'event' and aggregate = 'distinct_people'
),

events as (
    select
        source_id,
        event_type,
        event_id,
        actor_id,
        occurred_week_start_date as week_start_date
    from {{ ref('int_events_known') }}
    where
        classification = 'accepted'
        and not coalesce(is_heartbeat, false)
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    events.source_id,
    events.event_type,
    events.week_start_date,
    count(*) as event_count,
    count(*) filter (where events.actor_id is null) as unresolved_count,
    {{ smallest_ids('events.event_id', 'events.actor_id is null') }} as unresolved_ids
from events
inner join people_counted on events.event_type = people_counted.event_type
group by events.source_id, events.event_type, events.week_start_date
