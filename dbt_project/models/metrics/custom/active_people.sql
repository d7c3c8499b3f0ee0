-- people who use the product, on a day as the mean of the week, or in four weeks; four-week periods
-- don't overlap, and their people stand in the last week
with

use_weeks as (
    select product_id, person_id, week_start_date, day_count
    from {{ ref('int_use_weeks') }}
),

weeks as (
    select product_id, week_start_date, sum(day_count) as person_days, count(*) as people
    from use_weeks
    group by product_id, week_start_date
),

period_weeks as (
    select product_id, person_id, {{ period_start('week_start_date', 4) }} + 21 as last_week_start_date
    from use_weeks
),

-- the weeks before the last stand there without a figure: the grid starts with them
four_weeks as (
    select product_id, last_week_start_date as week_start_date, count(distinct person_id) as people
    from period_weeks
    group by product_id, last_week_start_date
    union all
    select product_id, week_start_date, null as people
    from weeks
),

placed as (
    select
        'day' as counted_over,
        product_id,
        week_start_date,
        person_days as amount,
        7 as exposure,
        people
    from weeks
    union all
    select
        'four_weeks' as counted_over,
        product_id,
        week_start_date,
        max(people) as amount,
        case when max(people) > 0 then 1 end as exposure,
        coalesce(max(people), 0) as people
    from four_weeks
    group by product_id, week_start_date
)

select
    metrics.product_id,
    metrics.metric_id,
    placed.week_start_date,
    cast(placed.amount as {{ double_type() }}) as numerator,
    cast(placed.exposure as {{ double_type() }}) as denominator,
    placed.people as person_count,
    false as is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join placed
    on metrics.product_id = placed.product_id and metrics.custom_parameter = placed.counted_over
where metrics.custom_model = 'active_people'
