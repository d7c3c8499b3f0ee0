-- operating hours over outages (mtbf), or over operating and down hours (availability), per period
with

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

operating_weeks as (
    select product_id, metric_id, week_start_date, operating_hours, down_hours, outage_count
    from {{ ref('int_operating_weeks') }}
)

select
    period_weeks.product_id,
    period_weeks.metric_id,
    period_weeks.period_grain,
    period_weeks.period_start_date,
    {{ ordered('sum', 'operating_weeks.operating_hours') }} as numerator,
    case metrics.statistic
        when 'availability' then {{ ordered('sum', 'operating_weeks.operating_hours + operating_weeks.down_hours') }}
        else cast(sum(operating_weeks.outage_count) as {{ double_type() }})
    end as denominator,
    cast(null as {{ double_type() }}) as sum_squares,
    cast(sum(operating_weeks.outage_count) as bigint) as unit_count,
    0 as person_count,
    cast(null as bigint) as open_count
from period_weeks
inner join {{ source('registry', 'metrics') }} as metrics on period_weeks.metric_id = metrics.metric_id
inner join operating_weeks
    on
        period_weeks.product_id = operating_weeks.product_id
        and period_weeks.metric_id = operating_weeks.metric_id
        and period_weeks.week_start_date = operating_weeks.week_start_date
group by
    period_weeks.product_id, period_weeks.metric_id, period_weeks.period_grain, period_weeks.period_start_date,
    metrics.statistic
