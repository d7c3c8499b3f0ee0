with

events as (
    select
        line_number, reason,
        {{ without_addresses('path') }} as path,
        {{ without_addresses('reason_detail') }} as reason_detail,
        {{ without_addresses('source_id') }} as source_id,
        {{ without_addresses('event_type') }} as event_type
    from {{ ref('int_events_quarantined') }}
)

select
    path,
    cast(line_number as bigint) as line_number,
    reason,
    -- a line that can't be parsed may hold anything: its text stays in the warehouse
    max(
        case
            when reason not in ('invalid_json', 'not_an_object') then substr(reason_detail, 1, 120)
        end
    ) as reason_detail,
    source_id,
    event_type,
    count(*) as event_count
from events
group by path, line_number, reason, source_id, event_type
