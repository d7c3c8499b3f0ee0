-- one row per product-metric and week: can it be judged, going by its four latest ripe periods and what is lost since?
with

chart_grains as (
    select
        product_id, metric_id, max(chart_grain) as chart_grain
    from {{ source('guard', 'chart_points') }}
    group by product_id, metric_id
),

periods as (
    select
        periods.product_id, periods.metric_id, periods.period_start_date, periods.value, periods.no_value_reason,
        suppressed.metric_id is not null as is_suppressed,
        {{ grain_weeks('periods.period_grain') }} as week_count
    from {{ ref('int_metric_periods') }} as periods
    inner join {{ source('registry', 'metrics') }} as metrics on periods.metric_id = metrics.metric_id
    left join chart_grains
        on periods.product_id = chart_grains.product_id
        and periods.metric_id = chart_grains.metric_id
    left join {{ ref('int_metric_periods_suppressed') }} as suppressed
        on periods.product_id = suppressed.product_id
        and periods.metric_id = suppressed.metric_id
        and periods.period_grain = suppressed.period_grain
        and periods.period_start_date = suppressed.period_start_date
    where periods.segment_type = 'all'
        and periods.is_ripe
        -- gaps between outages have no period of their own: there the declared one is read
        and periods.period_grain = case
            when {{ grain_weeks('chart_grains.chart_grain') }} is null then metrics.natural_period
            else chart_grains.chart_grain
        end
),

-- the worst week counts for a longer period; what has no grade has not been checked
graded as (
    select
        periods.product_id, periods.metric_id, periods.period_start_date, periods.week_count, periods.value,
        periods.no_value_reason, periods.is_suppressed,
        coalesce(max(trust.grade), 'D') as trust_grade
    from periods
    left join {{ source('guard', 'metric_trust') }} as trust
        on periods.product_id = trust.product_id
        and periods.metric_id = trust.metric_id
        and trust.week_start_date >= periods.period_start_date
        and trust.week_start_date < periods.period_start_date + 7 * periods.week_count
    group by
        periods.product_id, periods.metric_id, periods.period_start_date, periods.week_count,
        periods.value, periods.no_value_reason, periods.is_suppressed
),

latest_four as (
    select
        product_id,
        metric_id,
        period_start_date,
        period_start_date + 7 * (week_count - 1) as known_week_start_date,
        lead(period_start_date + 7 * (week_count - 1)) over metric_periods as next_known_date,
        value,
        is_suppressed,
        max(trust_grade) over four as trust_grade,
        -- a stretch without a failure is a reading, though it has no mean
        bool_or(
            trust_grade in ('A', 'B') and not is_suppressed
            and (value is not null or no_value_reason in ('no_failures', 'trend_in_failures'))
        ) over four as has_usable_period
    from graded
    window
        metric_periods as (partition by product_id, metric_id order by period_start_date),
        four as (
            partition by product_id, metric_id
            order by period_start_date rows between 3 preceding and current row
        )
),

known as (
    select
        weeks.product_id, weeks.metric_id, weeks.period_start_date as week_start_date,
        latest_four.period_start_date as latest_ripe_period_start_date,
        latest_four.known_week_start_date, latest_four.value as latest_value, latest_four.trust_grade,
        latest_four.has_usable_period, latest_four.is_suppressed
    from {{ ref('int_metric_periods') }} as weeks
    left join latest_four
        on weeks.product_id = latest_four.product_id
        and weeks.metric_id = latest_four.metric_id
        and weeks.period_start_date >= latest_four.known_week_start_date
        and (weeks.period_start_date < latest_four.next_known_date or latest_four.next_known_date is null)
    where weeks.period_grain = 'week' and weeks.segment_type = 'all'
),

-- a period is no better than its worst week, and no complete one after it is known to be sound
lost_since as (
    select
        known.product_id, known.metric_id, known.week_start_date, max(lost_weeks.trust_grade) as trust_grade
    from known
    inner join {{ ref('int_lost_weeks') }} as lost_weeks
        on known.product_id = lost_weeks.product_id
        and known.metric_id = lost_weeks.metric_id
        and known.week_start_date >= lost_weeks.week_start_date
        and (known.known_week_start_date is null or known.known_week_start_date < lost_weeks.week_start_date)
    group by known.product_id, known.metric_id, known.week_start_date
)

select
    known.product_id,
    known.metric_id,
    known.week_start_date,
    known.latest_ripe_period_start_date,
    known.latest_value,
    greatest(known.trust_grade, lost_since.trust_grade) as trust_grade,
    coalesce(known.has_usable_period, false) as has_usable_period,
    coalesce(known.is_suppressed, false) as is_suppressed
from known
left join lost_since
    on known.product_id = lost_since.product_id
    and known.metric_id = lost_since.metric_id
    and known.week_start_date = lost_since.week_start_date
