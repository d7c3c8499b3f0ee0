-- grain: source, event type, week of occurrence; the share is that of the property which is
-- missing, unreadable or out of scale most often, or of events quarantined for their envelope if
-- that is worse
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
        event_count,
        unreadable_count as invalid_count,
        unreadable_ids as invalid_ids
    from {{ ref('int_instrument_quantities_scaled') }}
    union all
    select
        source_id,
        event_type,
        week_start_date,
        property || ' (out of scale)' as property,
        event_count,
        out_of_scale_count as invalid_count,
        out_of_scale_ids as invalid_ids
    from {{ ref('int_instrument_quantities_scaled') }}
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
