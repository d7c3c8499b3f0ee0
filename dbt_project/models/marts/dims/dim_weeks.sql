with

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

weeks as (
    select distinct period_start_date as week_start_date
    from {{ ref('int_metric_periods') }}
    where period_grain = 'week'
),

-- longer periods are counted in whole weeks from one Monday, 2024-01-01
counted as (
    select
        week_start_date,
        cast(week_start_date as date) - cast('2024-01-01' as date) as day_number
    from weeks
)

select
    counted.week_start_date,
    cast(counted.week_start_date + interval '6' day as date) as last_day_date,
    cast(extract(isoyear from counted.week_start_date) as integer) as iso_year,
    cast(extract(week from counted.week_start_date) as integer) as iso_week,
    {{ counted_period_start('counted.day_number', 14) }} as fortnight_start_date,
    {{ counted_period_start('counted.day_number', 28) }} as four_weeks_start_date,
    {{ counted_period_start('counted.day_number', 91) }} as thirteen_weeks_start_date,
    counted.week_start_date + interval '7' day <= run_context.as_of_at as is_past
from counted
cross join run_context
