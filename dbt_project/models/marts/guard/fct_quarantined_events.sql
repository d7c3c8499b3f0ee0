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
from {{ ref('int_events_quarantined') }}
group by path, line_number, reason, source_id, event_type
