-- one row per product, metric and period with the parts of its value; longer periods hold ripe weeks only
with

sums as (
    select
        product_id, metric_id, period_grain, period_start_date, numerator, denominator,
        sum_squares, unit_count, person_count, open_count
    from {{ ref('int_sums_duration') }}
    union all
    select
        product_id, metric_id, period_grain, period_start_date, numerator, denominator,
        sum_squares, unit_count, person_count, open_count
    from {{ ref('int_sums_measures') }}
    union all
    select
        product_id, metric_id, period_grain, period_start_date, numerator, denominator,
        sum_squares, unit_count, person_count, open_count
    from {{ ref('int_sums_reliability') }}
    union all
    select
        product_id, metric_id, period_grain, period_start_date, numerator, denominator,
        sum_squares, unit_count, person_count, open_count
    from {{ ref('int_sums_custom') }}
),

periods as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        bool_and(is_ripe) as is_ripe,
        bool_and(is_over) and not bool_and(is_ripe) as is_provisional,
        count(*) filter (where is_week_ripe) as ripe_week_count
    from {{ ref('int_metric_period_weeks') }}
    group by product_id, metric_id, period_grain, period_start_date
)

select
    periods.product_id,
    periods.metric_id,
    periods.period_grain,
    periods.period_start_date,
    periods.is_ripe,
    periods.is_provisional,
    periods.ripe_week_count,
    sums.numerator,
    sums.denominator,
    sums.sum_squares,
    coalesce(sums.unit_count, 0) as unit_count,
    coalesce(sums.person_count, 0) as person_count,
    sums.open_count
from periods
left join sums
    on
        periods.product_id = sums.product_id
        and periods.metric_id = sums.metric_id
        and periods.period_grain = sums.period_grain
        and periods.period_start_date = sums.period_start_date
