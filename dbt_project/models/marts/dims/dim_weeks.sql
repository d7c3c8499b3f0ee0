with

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

weeks as (
    select distinct period_start_date as week_start_date
    from {{ ref('int_metric_periods') }}
    where period_grain = 'week'
)

select
    weeks.week_start_date,
    cast(weeks.week_start_date + interval '6' day as date) as last_day_date,
    cast(extract(isoyear from weeks.week_start_date) as integer) as iso_year,
    cast(extract(week from weeks.week_start_date) as integer) as iso_week,
    cast({{ period_start('weeks.week_start_date', 2) }} as date) as fortnight_start_date,
    cast({{ period_start('weeks.week_start_date', 4) }} as date) as four_weeks_start_date,
    cast({{ period_start('weeks.week_start_date', 13) }} as date) as thirteen_weeks_start_date,
    weeks.week_start_date + interval '7' day <= {{ to_reporting_zone('run_context.as_of_at') }} as is_past
from weeks
cross join run_context
