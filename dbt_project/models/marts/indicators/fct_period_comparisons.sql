with

comparisons as (
    select
        product_id, metric_id, chart_method, from_date, to_date, period_count, baseline_count, side,
        p_value, adjusted_p_value, is_different
    from {{ source('guard', 'period_comparisons') }}
),

metrics as (
    select
        metric_id, metric_name, direction
    from {{ ref('dim_metrics') }}
)

select
    comparisons.product_id,
    comparisons.metric_id,
    metrics.metric_name,
    comparisons.chart_method,
    comparisons.from_date,
    comparisons.to_date,
    comparisons.period_count,
    comparisons.baseline_count,
    case
        when comparisons.side = 'same' or metrics.direction not in ('up', 'down') then 'neutral'
        when (comparisons.side = 'high') = (metrics.direction = 'up') then 'favourable'
        else 'unfavourable'
    end as change_side,
    comparisons.p_value,
    comparisons.adjusted_p_value,
    comparisons.is_different
from comparisons
inner join metrics on comparisons.metric_id = metrics.metric_id
