-- share of last week's people who do not use the product this week; who left the organisation is not among them
select
    metrics.product_id,
    metrics.metric_id,
    weeks.week_start_date,
    cast(weeks.churned_people as {{ double_type() }}) as numerator,
    cast(weeks.previous_active_people - weeks.departed_people as {{ double_type() }}) as denominator,
    weeks.previous_active_people - weeks.departed_people as person_count,
    weeks.is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join {{ ref('int_growth_weeks') }} as weeks on metrics.product_id = weeks.product_id
where metrics.custom_model = 'churn'
