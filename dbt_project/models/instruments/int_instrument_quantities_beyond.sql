{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(
        ref('int_quantity_weeks_changed'), ['source_id', 'event_type', 'week_start_date', 'property']
    ) }}"
) }}
{% set changed = ref('int_quantity_weeks_changed') %}
{% set scale_log = 'ln(100)' %}
-- grain: source, event type, week of occurrence, quantity of which something is out of scale
with

weeks as (
    select source_id, event_type, week_start_date, property, usual_log
    from {{ ref('int_instrument_quantities_usual') }}
    where
        is_beyond
        {% if is_incremental() -%}
        and (source_id, event_type, week_start_date, property) in (
            select source_id, event_type, week_start_date, property from {{ changed }}
        )
        {%- endif %}
),

amounts as (
    select
        weeks.source_id,
        weeks.event_type,
        weeks.week_start_date,
        weeks.property,
        weeks.usual_log,
        events.event_id,
        {{ safe_number(json_text('events.data', 'weeks.property')) }} as amount
    from {{ ref('int_events_known') }} as events
    inner join weeks
        on
            events.source_id = weeks.source_id
            and events.event_type = weeks.event_type
            and events.occurred_week_start_date = weeks.week_start_date
    where events.classification = 'accepted' and not coalesce(events.is_heartbeat, false)
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    usual_log,
    count(*) as out_of_scale_count,
    {{ smallest_ids('event_id', 'true') }} as out_of_scale_ids
from amounts
where abs(ln(case when amount > 0 then amount end) - usual_log) > {{ scale_log }}
group by source_id, event_type, week_start_date, property, usual_log
