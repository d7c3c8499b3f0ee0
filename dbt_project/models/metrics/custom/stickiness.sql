-- days of use out of the working days of the week's people: mean daily over weekly active people
with

settings as (
    select {{ setting_number('working_days_per_week', 5) }} as working_days
),

weeks as (
    select product_id, week_start_date, sum(day_count) as person_days, count(*) as active_people
    from {{ ref('int_use_weeks') }}
    group by product_id, week_start_date
)

select
    metrics.product_id,
    metrics.metric_id,
    weeks.week_start_date,
    cast(weeks.person_days as {{ double_type() }}) as numerator,
    cast(weeks.active_people * settings.working_days as {{ double_type() }}) as denominator,
    weeks.active_people as person_count,
    false as is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join weeks on metrics.product_id = weeks.product_id
cross join settings
where metrics.custom_model = 'stickiness'
