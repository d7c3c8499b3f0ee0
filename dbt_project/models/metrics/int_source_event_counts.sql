-- what each source ever sent, by product and event type
with

events as (
    select product_id, source_id, event_type, occurred_at, week_start_date
    from {{ ref('int_events') }}
)

select
    product_id,
    source_id,
    event_type,
    count(*) as event_count,
    min(occurred_at) as first_occurred_at,
    min(week_start_date) as first_week_start_date
from events
group by product_id, source_id, event_type
