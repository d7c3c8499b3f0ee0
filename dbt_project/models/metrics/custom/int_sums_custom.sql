-- numerator and denominator of custom metrics per period: ripe weeks re-added
with

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

weeks as (
    select product_id, metric_id, week_start_date, numerator, denominator, person_count
    from {{ ref('int_custom_weeks') }}
),

metrics as (
    select metric_id, kind, custom_model from {{ source('registry', 'metrics') }}
)

select
    period_weeks.product_id,
    period_weeks.metric_id,
    period_weeks.period_grain,
    period_weeks.period_start_date,
    {{ ordered('sum', 'weeks.numerator') }} as numerator,
    {{ ordered('sum', 'weeks.denominator') }} as denominator,
    cast(null as {{ double_type() }}) as sum_squares,
    case
        when max(metrics.kind) = 'proportion' or max(metrics.custom_model) = 'forecast_error'
            then cast(round(sum(weeks.denominator)) as bigint)
        else max(weeks.person_count)
    end as unit_count,
    -- the same people come in several weeks: at least so many they are
    max(weeks.person_count) as person_count,
    cast(null as bigint) as open_count
from period_weeks
inner join weeks
    on
        period_weeks.product_id = weeks.product_id
        and period_weeks.metric_id = weeks.metric_id
        and period_weeks.week_start_date = weeks.week_start_date
inner join metrics on period_weeks.metric_id = metrics.metric_id
group by
    period_weeks.product_id, period_weeks.metric_id, period_weeks.period_grain, period_weeks.period_start_date
