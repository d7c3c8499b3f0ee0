-- grain: source, event type, week of occurrence, where the tracking plan requires properties;
-- the share is that of the property which is missing most often
with

planned_properties as (
    select
        source_id,
        event_type,
        {{ parts_of('required_properties') }} as property
    from {{ source('registry', 'tracking_plan') }}
    where required_properties is not null
),

events as (
    select
        source_id,
        event_type,
        event_id,
        occurred_week_start_date as week_start_date,
        data
    from {{ ref('int_events_classified') }}
    where classification = 'accepted'
),

event_properties as (
    select
        events.source_id,
        events.event_type,
        events.week_start_date,
        events.event_id,
        planned_properties.property,
        {{ json_text('events.data', 'planned_properties.property') }} is null as is_missing
    from events
    inner join planned_properties
        on
            events.event_type = planned_properties.event_type
            and (
                events.source_id = planned_properties.source_id
                -- a planned source id that ends in * covers all that begin so
                or (
                    planned_properties.source_id like '%*'
                    and starts_with(events.source_id, rtrim(planned_properties.source_id, '*'))
                )
            )
),

properties as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        count(*) as event_count,
        count(*) filter (where is_missing) as missing_count,
        {{ smallest_ids('event_id', 'is_missing') }} as missing_ids
    from event_properties
    group by source_id, event_type, week_start_date, property
),

ranked as (
    select
        *,
        row_number() over (
            partition by source_id, event_type, week_start_date
            order by missing_count desc, property asc
        ) as missing_rank
    from properties
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    event_count,
    missing_count,
    missing_ids
from ranked
where missing_rank = 1
