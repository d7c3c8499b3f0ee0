-- open tasks at the end of each week, by product, metric and side
select
    product_id,
    metric_id,
    side,
    week_start_date,
    count(*) as open_count,
    count(distinct actor_id) as person_count
from {{ ref('int_open_items') }}
group by product_id, metric_id, side, week_start_date
