-- one row per cell: its parts, the people behind it, and why it may not be shown for itself
with

metrics as (
    select
        metrics.metric_id,
        least_people.kind,
        least_people.least_people,
        metrics.kind = 'duration' or metrics.denominator_measure_id is not null as has_denominator
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ ref('int_metric_least_people') }} as least_people on metrics.metric_id = least_people.metric_id
),

people as (
    select
        people.product_id, people.metric_id, people.segment_type, people.segment_value, people.period_grain,
        people.period_start_date, people.person_id, people.is_ripe, people.numerator, people.denominator,
        people.sum_squares, people.numerator_item_count, people.denominator_item_count,
        metrics.kind, metrics.least_people, metrics.has_denominator,
        case when metrics.has_denominator then people.denominator else people.numerator end as shared_amount
    from {{ ref('int_cell_people') }} as people
    inner join metrics on people.metric_id = metrics.metric_id
),

cells as (
    select
        product_id,
        metric_id,
        segment_type,
        segment_value,
        period_grain,
        period_start_date,
        max(kind) as kind,
        max(least_people) as least_people,
        bool_or(has_denominator) as has_denominator,
        bool_and(is_ripe) as is_ripe,
        coalesce({{ ordered('sum', 'numerator') }}, 0) as numerator,
        {{ ordered('sum', 'denominator') }} as denominator,
        {{ ordered('sum', 'sum_squares') }} as sum_squares,
        coalesce(sum(numerator_item_count), 0) as numerator_item_count,
        coalesce(sum(denominator_item_count), 0) as denominator_item_count,
        count(person_id) as person_count,
        coalesce({{ ordered('sum', 'shared_amount') }}, 0) as shared_amount,
        -- what nobody is named for is nobody's share
        max(shared_amount) filter (where person_id is not null) / nullif({{ ordered('sum', 'shared_amount') }}, 0) as top_share
    from people
    group by product_id, metric_id, segment_type, segment_value, period_grain, period_start_date
)

select
    product_id,
    metric_id,
    segment_type,
    segment_value,
    period_grain,
    period_start_date,
    kind,
    least_people,
    has_denominator,
    is_ripe,
    numerator,
    denominator,
    sum_squares,
    numerator_item_count,
    denominator_item_count,
    person_count,
    shared_amount,
    top_share,
    {{ primary_reason('person_count', 'least_people', 'kind', 'numerator', 'denominator', 'top_share') }}
        as primary_reason
from cells
