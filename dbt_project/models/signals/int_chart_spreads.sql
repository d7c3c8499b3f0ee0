-- spread of each product-metric's current chart
with

segments as (
    select
        product_id, metric_id, sigma_hat, sigma_z, chart_method,
        row_number() over (
            partition by product_id, metric_id order by metric_version desc, entry_number desc
        ) as recency
    from {{ source('state', 'limit_segments') }}
)

select
    product_id,
    metric_id,
    sigma_hat,
    -- weeks that scatter more than chance widen an interval; weeks that scatter less never narrow it
    case when chart_method in ('laney_p', 'laney_u') then greatest(coalesce(sigma_z, 1), 1) else 1 end
    as widening
from segments
where recency = 1
