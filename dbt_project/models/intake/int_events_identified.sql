with

events as (
    select
        file_id, line_number, event_number, source_id, event_id, received_at, payload_hash
    from {{ ref('int_events_checked') }}
    where problem is null
)

-- delivery is at least once: keep the first copy received of each id. Ties go by content, so that
-- the files in which the copies lie don't matter
select
    file_id,
    line_number,
    event_number,
    row_number() over first_received as copy_number,
    payload_hash <> first_value(payload_hash) over first_received as is_other_payload
from events
window first_received as (
    partition by source_id, event_id
    order by received_at, payload_hash, file_id, line_number, event_number
)
