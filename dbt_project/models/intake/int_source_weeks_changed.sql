-- what an increment has to count again: cells of a source and a week
select distinct source_id, occurred_week_start_date as week_start_date
from {{ ref('int_events_changed') }}
where source_id is not null and occurred_week_start_date is not null
