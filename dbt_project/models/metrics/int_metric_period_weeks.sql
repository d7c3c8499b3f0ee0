-- depends_on: {{ ref('int_metric_period_weeks_left') }}
-- which weeks make up a period of a product's metric: itself, or the ripe ones of a longer period
with

grains as (
    select * from (values
        ('week', 1), ('fortnight', 2), ('four_weeks', 4), ('thirteen_weeks', 13), ('month', null), ('quarter', null)
    ) as lengths (period_grain, week_count)
),

weeks as (
    select product_id, metric_id, week_start_date, is_ripe, is_provisional
    from {{ ref('int_metric_weeks') }}
),

placed as (
    select
        weeks.product_id,
        weeks.metric_id,
        grains.period_grain,
        case grains.period_grain
            when 'month' then {{ calendar_period_start('weeks.week_start_date', 'month') }}
            when 'quarter' then {{ calendar_period_start('weeks.week_start_date', 'quarter') }}
            else {{ period_start('weeks.week_start_date', 'grains.week_count') }}
        end as period_start_date,
        weeks.week_start_date,
        weeks.is_ripe,
        weeks.is_provisional
    from weeks
    cross join grains
),

measured as (
    select
        product_id, metric_id, period_grain, period_start_date, week_start_date, is_ripe, is_provisional,
        {{ period_days('period_grain', 'period_start_date') }} / 7 as week_count
    from placed
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    week_start_date,
    is_ripe as is_week_ripe,
    period_grain = 'week' or is_ripe as is_added,
    -- ripe when all its weeks are there and ripe
    count(case when is_ripe then 1 end) over (partition by product_id, metric_id, period_grain, period_start_date)
    = week_count as is_ripe,
    sum(case when is_ripe or is_provisional then 1 else 0 end) over (
        partition by product_id, metric_id, period_grain, period_start_date
    ) = week_count as is_over
from measured
