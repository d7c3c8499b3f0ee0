-- what an increment has to count again of what is counted by day of receipt, UTC
select distinct source_id, cast(received_at as date) as received_date
from {{ ref('int_events_changed') }}
where source_id is not null and received_at is not null
