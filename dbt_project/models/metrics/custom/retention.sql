-- share of a week's newcomers who use the product k weeks later, by the week of their first use
select
    metrics.product_id,
    metrics.metric_id,
    cells.cohort_week_start_date as week_start_date,
    cast(cells.retained_people as {{ double_type() }}) as numerator,
    cast(cells.cohort_people as {{ double_type() }}) as denominator,
    cells.cohort_people as person_count,
    cells.is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join {{ ref('int_retention_cells') }} as cells
    on
        metrics.product_id = cells.product_id
        and {{ whole_number('metrics.custom_parameter') }} = cells.week_number
where metrics.custom_model = 'retention'
