-- value and reason of metrics that stand on their own items; the kind decides, no metric may choose

with

metrics as (
    select metric_id, kind, statistic, numerator_measure_id, minimum_n
    from {{ source('registry', 'metrics') }}
),

counting as (
    select measure_id
    from {{ source('registry', 'measures') }}
    where aggregate in ('count', 'distinct_people', 'distinct_subjects', 'distinct_actors')
),

sums as (
    select
        metric_sums.product_id,
        metric_sums.metric_id,
        metrics.kind,
        metrics.statistic,
        metrics.minimum_n,
        counting.measure_id is not null as is_count,
        metric_sums.period_grain,
        metric_sums.period_start_date,
        metric_sums.is_ripe,
        metric_sums.is_provisional,
        metric_sums.ripe_week_count,
        metric_sums.numerator,
        metric_sums.denominator,
        metric_sums.sum_squares,
        metric_sums.unit_count,
        metric_sums.person_count,
        metric_sums.open_count,
        case
            when metrics.kind = 'stock' then metric_sums.numerator
            else {{ ratio('metric_sums.numerator', 'metric_sums.denominator') }}
        end as raw_value,
        -- events whose number a Poisson interval bounds
        cast(case
            when metrics.kind = 'count_rate' then round(metric_sums.numerator)
            when metrics.statistic = 'mtbf' then metric_sums.denominator
        end as bigint) as event_count,
        case
            when metrics.kind = 'duration' and metric_sums.unit_count >= 2
                then (
                    metric_sums.sum_squares - metric_sums.numerator * metric_sums.numerator / metric_sums.unit_count
                ) / (metric_sums.unit_count - 1)
        end as variance,
        coalesce(abs(trends.trend_u) > 1.96, false) as has_trend
    from {{ ref('int_metric_sums') }} as metric_sums
    inner join metrics on metric_sums.metric_id = metrics.metric_id and metrics.kind <> 'quantile'
    left join {{ ref('int_failure_trends') }} as trends
        on
            metric_sums.product_id = trends.product_id
            and metric_sums.metric_id = trends.metric_id
            and metric_sums.period_grain = trends.period_grain
            and metric_sums.period_start_date = trends.period_start_date
    left join counting on metrics.numerator_measure_id = counting.measure_id
)

select
    product_id,
    metric_id,
    kind,
    statistic,
    is_count,
    period_grain,
    period_start_date,
    is_ripe,
    is_provisional,
    numerator,
    denominator,
    sum_squares,
    unit_count,
    person_count,
    open_count,
    raw_value,
    event_count,
    variance,
    case
        when kind = 'duration' and ripe_week_count = 0 then 'not_ripe'
        when period_grain <> 'week' and ripe_week_count = 0 then 'not_ripe'
        when kind = 'duration' and unit_count = 0 then 'no_items'
        when statistic = 'mtbf' and coalesce(denominator, 0) = 0 then 'no_failures'
        -- failures that crowd together have no one rate
        when statistic = 'mtbf' and has_trend then 'trend_in_failures'
        when raw_value is null then 'no_denominator'
        when {{ too_few('unit_count', 'minimum_n') }} then 'too_few'
    end as no_value_reason
from sums
