-- one row per cell (product, metric, segment, period) and person behind it; a cell without items has
-- one row without a person, as has what nobody is named for
with

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date, is_ripe
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

-- distinct people of a longer period are counted anew where nothing beside them adds up
recomputed as (
    select product_id, metric_id
    from {{ ref('int_metric_sides') }}
    group by product_id, metric_id
    having bool_and(aggregate = 'distinct_people')
),

segment_values as (
    select product_id, metric_id, segment_type, segment_value, min(week_start_date) as first_week_start_date
    from {{ ref('int_metric_contributions') }}
    group by product_id, metric_id, segment_type, segment_value
),

contributions as (
    select
        product_id, metric_id, segment_type, segment_value, week_start_date, side, person_id, amount,
        sum_squares, item_count
    from {{ ref('int_metric_contributions') }}
),

added as (
    select
        segment_values.product_id,
        segment_values.metric_id,
        segment_values.segment_type,
        segment_values.segment_value,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        contributions.person_id,
        bool_and(period_weeks.is_ripe) as is_ripe,
        {{ ordered('sum', 'contributions.amount') }} filter (where contributions.side = 'numerator') as numerator,
        {{ ordered('sum', 'contributions.amount') }} filter (where contributions.side = 'denominator') as denominator,
        {{ ordered('sum', 'contributions.sum_squares') }} filter (where contributions.side = 'numerator') as sum_squares,
        sum(contributions.item_count) filter (where contributions.side = 'numerator') as numerator_item_count,
        sum(contributions.item_count) filter (where contributions.side = 'denominator') as denominator_item_count
    from segment_values
    inner join period_weeks
        on
            segment_values.product_id = period_weeks.product_id
            and segment_values.metric_id = period_weeks.metric_id
            and segment_values.first_week_start_date <= period_weeks.week_start_date
    left join contributions
        on
            segment_values.product_id = contributions.product_id
            and segment_values.metric_id = contributions.metric_id
            and segment_values.segment_type = contributions.segment_type
            and segment_values.segment_value = contributions.segment_value
            and period_weeks.week_start_date = contributions.week_start_date
    group by
        segment_values.product_id, segment_values.metric_id, segment_values.segment_type,
        segment_values.segment_value, period_weeks.period_grain, period_weeks.period_start_date,
        contributions.person_id
)

select
    added.product_id,
    added.metric_id,
    added.segment_type,
    added.segment_value,
    added.period_grain,
    added.period_start_date,
    added.person_id,
    added.is_ripe,
    case when recomputed.metric_id is null then added.numerator else least(added.numerator, 1.0) end as numerator,
    case when recomputed.metric_id is null then added.denominator else least(added.denominator, 1.0) end as denominator,
    added.sum_squares,
    added.numerator_item_count,
    added.denominator_item_count
from added
left join recomputed on added.product_id = recomputed.product_id and added.metric_id = recomputed.metric_id
