-- the grade of a period is the worst of its weeks in use; a week without checks is a D
with

periods as (
    select
        product_id, metric_id, period_grain, period_start_date, is_ripe,
        {{ period_days('period_grain', 'period_start_date') }} as length_days
    from {{ ref('int_metric_periods') }}
),

companions as (
    select
        metric_id,
        coalesce(companion_of_metric_id, metric_id) as trusted_metric_id
    from {{ ref('dim_metrics') }}
),

metric_trust as (
    select
        product_id, metric_id, week_start_date, grade, check_id
    from {{ source('guard', 'metric_trust') }}
),

weeks as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_start_date as week_start_date,
        periods.is_ripe,
        coalesce(metric_trust.grade, 'D') as grade,
        {{ is_lost('metric_trust.grade', 'metric_trust.check_id') }} as is_lost
    from periods
    inner join companions on periods.metric_id = companions.metric_id
    left join metric_trust
        on periods.product_id = metric_trust.product_id
        and companions.trusted_metric_id = metric_trust.metric_id
        and periods.period_start_date = metric_trust.week_start_date
    where periods.period_grain = 'week'
)

select
    periods.product_id,
    periods.metric_id,
    periods.period_grain,
    periods.period_start_date,
    periods.is_ripe,
    coalesce(
        max(weeks.grade) filter (where weeks.is_ripe or periods.period_grain = 'week'),
        max(weeks.grade),
        'D'
    ) as trust_grade,
    coalesce(
        bool_or(weeks.is_lost) filter (where weeks.is_ripe or periods.period_grain = 'week'),
        bool_or(weeks.is_lost),
        true
    ) as is_lost
from periods
left join weeks
    on periods.product_id = weeks.product_id
    and periods.metric_id = weeks.metric_id
    and weeks.week_start_date >= periods.period_start_date
    and weeks.week_start_date < periods.period_start_date + periods.length_days
group by 1, 2, 3, 4, 5
