-- segments of a period in the order in which they would be hidden, and what the hidden ones up to each
-- add up to: that sum is what a reader gets by subtracting the shown ones from the whole
with

cells as (
    select
        cells.product_id, cells.metric_id, cells.segment_type, cells.segment_value, cells.period_grain,
        cells.period_start_date, cells.kind, cells.least_people, cells.has_denominator, cells.numerator,
        cells.denominator, cells.sum_squares, cells.numerator_item_count, cells.denominator_item_count,
        cells.shared_amount, cells.primary_reason, cells.person_count,
        row_number() over (
            partition by cells.product_id, cells.metric_id, cells.period_start_date
            order by case when cells.primary_reason is null then 1 else 0 end, cells.person_count, cells.segment_value
        ) as hide_rank,
        count(cells.primary_reason) over (partition by cells.product_id, cells.metric_id, cells.period_start_date)
            as primary_count
    from {{ ref('int_cells') }} as cells
    inner join {{ source('registry', 'metrics') }} as metrics on cells.metric_id = metrics.metric_id
    inner join {{ ref('int_segment_grains') }} as grains
        on
            cells.product_id = grains.product_id
            and cells.metric_id = grains.metric_id
            and metrics.metric_version = grains.metric_version
            and cells.segment_type = grains.segment_type
            and cells.period_grain = grains.period_grain
    where cells.is_ripe
),

-- a person who is in several segments is one person, and makes the sum of what they did in them
people as (
    select
        cells.product_id, cells.metric_id, cells.period_start_date, cells.hide_rank,
        row_number() over same_person = 1 as is_first,
        sum(case when cells.has_denominator then people.denominator else people.numerator end) over same_person
            as person_amount
    from cells
    inner join {{ ref('int_cell_people') }} as people
        on
            cells.product_id = people.product_id
            and cells.metric_id = people.metric_id
            and cells.segment_type = people.segment_type
            and cells.segment_value = people.segment_value
            and cells.period_grain = people.period_grain
            and cells.period_start_date = people.period_start_date
    where people.person_id is not null
    window same_person as (
        partition by cells.product_id, cells.metric_id, cells.period_start_date, people.person_id
        order by cells.hide_rank rows between unbounded preceding and current row
    )
),

counted as (
    select
        product_id, metric_id, period_start_date, hide_rank,
        count(*) filter (where is_first) as new_person_count,
        max(person_amount) as top_amount
    from people
    group by product_id, metric_id, period_start_date, hide_rank
)

select
    cells.product_id,
    cells.metric_id,
    cells.segment_type,
    cells.segment_value,
    cells.period_grain,
    cells.period_start_date,
    cells.kind,
    cells.least_people,
    cells.has_denominator,
    cells.hide_rank,
    cells.primary_count,
    cells.primary_reason,
    sum(cells.numerator) over hidden_first as numerator,
    sum(cells.denominator) over hidden_first as denominator,
    sum(cells.sum_squares) over hidden_first as sum_squares,
    sum(cells.numerator_item_count) over hidden_first as numerator_item_count,
    sum(cells.denominator_item_count) over hidden_first as denominator_item_count,
    sum(coalesce(counted.new_person_count, 0)) over hidden_first as person_count,
    max(counted.top_amount) over hidden_first / nullif(sum(cells.shared_amount) over hidden_first, 0) as top_share
from cells
left join counted
    on
        cells.product_id = counted.product_id
        and cells.metric_id = counted.metric_id
        and cells.period_start_date = counted.period_start_date
        and cells.hide_rank = counted.hide_rank
window hidden_first as (
    partition by cells.product_id, cells.metric_id, cells.period_start_date
    order by cells.hide_rank rows between unbounded preceding and current row
)
