-- spread of each product-metric's current chart
with

segments as (
    select
        product_id, metric_id, sigma_hat, sigma_z, chart_method,
        row_number() over (
            partition by product_id, metric_id order by metric_version desc, entry_number desc
        ) as recency
    from {{ source('state', 'limit_segments') }}
    -- provisional limits beside locked ones judge nothing yet
    where segment_number = 1 or state = 'locked'
),

baselines as (
    select
        points.product_id,
        points.metric_id,
        metrics.kind,
        points.point_number,
        points.numerator,
        points.denominator,
        sum(points.numerator) over chart / nullif(sum(points.denominator) over chart, 0) as rate
    from {{ source('guard', 'chart_points') }} as points
    inner join {{ source('registry', 'metrics') }} as metrics on points.metric_id = metrics.metric_id
    where
        points.is_baseline
        and points.segment_number = (
            select max(later.segment_number) from {{ source('guard', 'chart_points') }} as later
            where
                later.is_baseline
                and later.product_id = points.product_id
                and later.metric_id = points.metric_id
        )
        and points.chart_method = 'probability'
        and points.denominator > 0
    window chart as (
        partition by points.product_id, points.metric_id
        order by points.point_number rows between unbounded preceding and unbounded following
    )
),

-- variance over mean of the counts, each against what its own denominator lets expect
dispersions as (
    select
        product_id,
        metric_id,
        {{ ordered(
            'sum',
            "power(numerator - denominator * rate, 2)
            / nullif(denominator * rate * case kind when 'proportion' then 1 - rate else 1 end, 0)",
            'point_number'
        ) }} / nullif(count(*) - 1, 0) as phi
    from baselines
    group by product_id, metric_id
)

select
    segments.product_id,
    segments.metric_id,
    segments.sigma_hat,
    -- periods that scatter more than chance widen an interval; ones that scatter less never narrow it
    case
        when segments.chart_method in ('laney_p', 'laney_u') then greatest(coalesce(segments.sigma_z, 1), 1)
        else sqrt(greatest(coalesce(dispersions.phi, 1), 1))
    end as widening
from segments
left join dispersions
    on segments.product_id = dispersions.product_id and segments.metric_id = dispersions.metric_id
where segments.recency = 1
