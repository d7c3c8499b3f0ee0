{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: funnel, week of occurrence with an event that is one of its steps
select
    funnels.funnel_id,
    events.occurred_week_start_date as week_start_date,
    min(events.occurred_at) as first_at
from {{ ref('int_events_known') }} as events
inner join {{ source('registry', 'funnels') }} as funnels
    on
        events.product_id = funnels.product_id
        and events.event_type = funnels.event_type
        and {{ meets_condition('events.data', 'funnels.step_property', 'funnels.step_value') }}
where
    events.classification = 'accepted'
    and not coalesce(events.is_heartbeat, false)
    and case funnels.match_key when 'actor' then events.actor_id else events.subject_id end is not null
    {% if is_incremental() -%}
    and events.occurred_week_start_date in (select week_start_date from {{ changed }})
    {%- endif %}
group by funnels.funnel_id, events.occurred_week_start_date
