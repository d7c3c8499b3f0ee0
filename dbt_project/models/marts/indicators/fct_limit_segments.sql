with

segments as (
    select
        segments.*,
        row_number() over (
            partition by segments.product_id, segments.metric_id, segments.segment_number
            order by segments.entry_number desc
        ) as recency
    from {{ source('state', 'limit_segments') }} as segments
    inner join {{ ref('int_product_metrics') }} as product_metrics
        on segments.product_id = product_metrics.product_id and segments.metric_id = product_metrics.metric_id
    inner join {{ ref('dim_metrics') }} as metrics
        on segments.metric_id = metrics.metric_id and segments.metric_version = metrics.metric_version
    where
        -- what a run that failed decided, nobody saw
        segments.run_id in (select run_id from {{ source('state', 'publications') }})
        or segments.run_id in (select run_id from {{ source('registry', 'run_context') }})
),

latest_signals as (
    select
        product_id, metric_id, segment_number, has_stale_limits,
        row_number() over (partition by product_id, metric_id order by week_start_date desc) as recency
    from {{ ref('int_signals') }}
),

annotations as (
    select annotation_id, what_happened from {{ source('registry', 'annotations') }}
)

select
    segments.product_id,
    segments.metric_id,
    cast(segments.metric_version as integer) as metric_version,
    cast(segments.segment_number as integer) as segment_number,
    segments.chart_grain as period_grain,
    segments.start_date,
    segments.baseline_from as baseline_from_date,
    segments.baseline_to as baseline_to_date,
    cast(segments.usable_count as integer) as usable_count,
    segments.chart_method,
    segments.scale as chart_scale,
    cast(segments.centre as {{ double_type() }}) as charted_centre,
    cast(segments.mean_mr as {{ double_type() }}) as mean_moving_range,
    cast(segments.sigma_hat as {{ double_type() }}) as sigma_hat,
    cast(segments.sigma_z as {{ double_type() }}) as sigma_z,
    cast(segments.r1 as {{ double_type() }}) as lag_one_correlation,
    cast(segments.required_run as integer) as required_run,
    segments.state as limit_state,
    segments.reason,
    segments.annotation_id,
    annotations.what_happened,
    coalesce(latest_signals.has_stale_limits, false) as has_stale_limits,
    segments.run_id as decided_run_id,
    segments.as_of_at as decided_as_of_at
from segments
left join annotations on segments.annotation_id = annotations.annotation_id
left join latest_signals
    on segments.product_id = latest_signals.product_id
    and segments.metric_id = latest_signals.metric_id
    and segments.segment_number = latest_signals.segment_number
    and latest_signals.recency = 1
where segments.recency = 1
