-- weeks in which a person used a product, with the first ever and the neighbours
with

weeks as (
    select product_id, person_id, week_start_date, count(*) as day_count
    from {{ ref('int_use_days') }}
    group by product_id, person_id, week_start_date
)

select
    product_id,
    person_id,
    week_start_date,
    day_count,
    min(week_start_date) over (partition by product_id, person_id) as first_week_start_date,
    lag(week_start_date) over (partition by product_id, person_id order by week_start_date) as previous_week_start_date,
    lead(week_start_date) over (partition by product_id, person_id order by week_start_date) as next_week_start_date
from weeks
