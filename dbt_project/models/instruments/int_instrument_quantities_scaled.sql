{{ config(materialized='view') }}
-- grain: source, event type, week of occurrence, quantity that a measure sums. What can't be summed, and
-- what is a hundred times as large or as small as usual: milliseconds where seconds are promised.
select
    weeks.source_id,
    weeks.event_type,
    weeks.week_start_date,
    weeks.property,
    weeks.event_count,
    weeks.unreadable_count,
    coalesce(beyond.out_of_scale_count, 0) as out_of_scale_count,
    weeks.unreadable_ids,
    beyond.out_of_scale_ids
from {{ ref('int_instrument_quantities_usual') }} as weeks
left join {{ ref('int_instrument_quantities_beyond') }} as beyond
    on
        weeks.source_id = beyond.source_id
        and weeks.event_type = beyond.event_type
        and weeks.week_start_date = beyond.week_start_date
        and weeks.property = beyond.property
