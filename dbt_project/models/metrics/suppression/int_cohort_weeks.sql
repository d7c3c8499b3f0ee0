-- weeks of custom metrics whose people each belong to one week only, so that weeks of them can be added up
select weeks.product_id, weeks.metric_id, weeks.week_start_date, weeks.numerator, weeks.denominator
from {{ ref('int_custom_weeks') }} as weeks
inner join {{ ref('int_custom_metrics') }} as metrics
    on weeks.product_id = metrics.product_id and weeks.metric_id = metrics.metric_id
where metrics.custom_model in ('retention', 'activation')
