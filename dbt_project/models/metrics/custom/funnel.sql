-- share of a week's entries into a funnel that reach its last step within the conversion window
with

last_steps as (
    select funnel_id, product_id, max(step_number) as step_number
    from {{ source('registry', 'funnels') }}
    group by funnel_id, product_id
),

weeks as (
    select
        steps.funnel_id,
        steps.product_id,
        steps.week_start_date,
        count(*) filter (where steps.step_number = 1) as entered_count,
        count(*) filter (where steps.step_number = last_steps.step_number) as converted_count,
        count(distinct steps.match_value) as person_count
    from {{ ref('int_funnel_steps') }} as steps
    inner join last_steps on steps.funnel_id = last_steps.funnel_id
    group by steps.funnel_id, steps.product_id, steps.week_start_date
)

select
    metrics.product_id,
    metrics.metric_id,
    weeks.week_start_date,
    cast(weeks.converted_count as {{ double_type() }}) as numerator,
    cast(weeks.entered_count as {{ double_type() }}) as denominator,
    weeks.person_count,
    funnel_weeks.is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join weeks on metrics.product_id = weeks.product_id and metrics.custom_parameter = weeks.funnel_id
inner join {{ ref('int_funnel_weeks') }} as funnel_weeks
    on
        weeks.funnel_id = funnel_weeks.funnel_id
        and weeks.week_start_date = funnel_weeks.week_start_date
        and funnel_weeks.step_number = 1
where metrics.custom_model = 'funnel'
