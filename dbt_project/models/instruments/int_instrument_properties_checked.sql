{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence, planned property or '(envelope)'
with

planned_properties as (
    select
        source_id,
        event_type,
        {{ parts_of('required_properties') }} as property
    from {{ source('registry', 'tracking_plan') }}
    where required_properties is not null
),

-- read three times, for fewer columns each time: kept, it would cost more
events as not materialized (
    select
        source_id,
        event_type,
        {{ evidence_key() }} as event_id,
        occurred_week_start_date as week_start_date,
        data,
        classification = 'quarantined' as is_quarantined
    from {{ ref('int_events_known') }}
    where
        (
            classification = 'accepted'
            or (
                reason in ('missing_attribute', 'mistyped_attribute')
                and source_id is not null
                and event_type is not null
                and occurred_week_start_date is not null
            )
        )
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

-- few pairs against the plan, not many events (distinct, or the planner joins the events first): a
-- planned source id that ends in * covers all that begin so
known_properties as (
    select distinct pairs.source_id, pairs.event_type, planned_properties.property
    from (select distinct source_id, event_type from events) as pairs
    inner join planned_properties
        on
            pairs.event_type = planned_properties.event_type
            and (
                pairs.source_id = planned_properties.source_id
                or (
                    planned_properties.source_id like '%*'
                    and starts_with(pairs.source_id, rtrim(planned_properties.source_id, '*'))
                )
            )
),

event_properties as (
    select
        events.source_id,
        events.event_type,
        events.week_start_date,
        events.event_id,
        known_properties.property,
        {{ json_text('events.data', 'known_properties.property') }} is null as is_missing
    from events
    inner join known_properties
        on events.source_id = known_properties.source_id and events.event_type = known_properties.event_type
    where not events.is_quarantined
    union all
    select
        source_id,
        event_type,
        week_start_date,
        event_id,
        '(envelope)' as property,
        is_quarantined as is_missing
    from events
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    count(*) as event_count,
    count(*) filter (where is_missing) as invalid_count,
    {{ smallest_ids('event_id', 'is_missing') }} as invalid_ids
from event_properties
group by source_id, event_type, week_start_date, property
