-- grain: source, event type, week of occurrence; the share is that of the property which is
-- missing or unreadable most often, or of events quarantined for their envelope if that is worse
with

properties as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        event_count,
        invalid_count,
        invalid_ids
    from {{ ref('int_instrument_properties_checked') }}
    union all
    select
        source_id,
        event_type,
        week_start_date,
        property || ' (no number)' as property,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(unreadable_count) as bigint) as invalid_count,
        -- what can't be read is of no magnitude: one group has all of it
        max(unreadable_ids) as invalid_ids
    from {{ ref('int_instrument_quantities_counted') }}
    group by source_id, event_type, week_start_date, property
),

ranked as (
    select
        *,
        row_number() over (
            partition by source_id, event_type, week_start_date
            order by {{ ratio('invalid_count', 'event_count') }} desc, property asc
        ) as invalid_rank
    from properties
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    event_count,
    invalid_count,
    invalid_ids
from ranked
where invalid_rank = 1
