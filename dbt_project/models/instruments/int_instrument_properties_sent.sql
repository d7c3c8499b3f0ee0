{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence, set of properties that events carry
with

events as (
    select
        source_id,
        event_type,
        occurred_week_start_date as week_start_date,
        event_id,
        coalesce({{ property_names('data') }}, '[]') as property_names
    from {{ ref('int_events_known') }}
    where
        classification = 'accepted'
        and not coalesce(is_heartbeat, false)
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    event_type,
    week_start_date,
    property_names,
    count(*) as event_count,
    {{ smallest_ids('event_id', 'true') }} as event_ids
from events
group by source_id, event_type, week_start_date, property_names
