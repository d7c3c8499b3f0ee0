-- weeks in which an increment's events occurred
select distinct product_id, occurred_week_start_date as week_start_date
from {{ ref('int_events_changed') }}
where occurred_week_start_date is not null
