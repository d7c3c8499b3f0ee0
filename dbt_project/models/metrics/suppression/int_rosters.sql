-- who is in a metric about people that counts what is open, and on which sides, as each ripe week ends
with

person_metrics as (
    select metric_id from {{ ref('int_metric_least_people') }} where subject_kind = 'person'
),

weeks as (
    select product_id, metric_id, week_start_date
    from {{ ref('int_metric_weeks') }}
    where is_ripe
),

people as (
    select distinct
        open_items.product_id,
        open_items.metric_id,
        open_items.week_start_date,
        open_items.side,
        {{ hashed_id('open_items.actor_id') }} as person_key
    from {{ ref('int_open_items') }} as open_items
    inner join person_metrics on open_items.metric_id = person_metrics.metric_id
    inner join weeks
        on
            open_items.product_id = weeks.product_id
            and open_items.metric_id = weeks.metric_id
            and open_items.week_start_date = weeks.week_start_date
    where open_items.actor_id is not null
)

select
    product_id,
    metric_id,
    week_start_date,
    person_key,
    min(side) || '-' || max(side) as sides
from people
group by product_id, metric_id, week_start_date, person_key
