-- whose records a metric counts in each week: the subjects of its denominator, or of its numerator
-- where it has none
with

record_metrics as (
    select metric_id from {{ ref('int_metric_least_people') }} where is_of_records
),

counted as (
    select
        sides.product_id, sides.metric_id, sides.measure_id, sides.side,
        sides.aggregate = 'open_at_period_end' as is_open,
        row_number() over (partition by sides.product_id, sides.metric_id order by sides.side) as side_number
    from {{ ref('int_metric_sides') }} as sides
    inner join record_metrics on sides.metric_id = record_metrics.metric_id
),

items as (
    select counted.product_id, counted.metric_id, counted.is_open, open_items.week_start_date, open_items.subject_id
    from counted
    inner join {{ ref('int_open_items') }} as open_items
        on
            counted.product_id = open_items.product_id
            and counted.metric_id = open_items.metric_id
            and counted.side = open_items.side
    where counted.side_number = 1
    union all
    select counted.product_id, counted.metric_id, counted.is_open, measure_values.week_start_date, measure_values.subject_id
    from {{ ref('int_measure_values') }} as measure_values
    inner join counted
        on
            measure_values.product_id = counted.product_id
            and measure_values.measure_id = counted.measure_id
    where counted.side_number = 1 and not counted.is_open
)

select distinct product_id, metric_id, is_open, week_start_date, subject_id
from items
