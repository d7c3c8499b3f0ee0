-- what each source ever sent, by product and event type
with

weeks as (
    select product_id, source_id, event_type, week_start_date, event_count, first_occurred_at
    from {{ ref('int_source_event_weeks') }}
    where not is_unplanned
)

select
    product_id,
    source_id,
    event_type,
    cast(sum(event_count) as bigint) as event_count,
    min(first_occurred_at) as first_occurred_at,
    min(week_start_date) as first_week_start_date
from weeks
group by product_id, source_id, event_type
