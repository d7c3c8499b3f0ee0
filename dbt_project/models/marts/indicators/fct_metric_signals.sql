with

points as (
    select
        product_id, metric_id, chart_grain, point_number, period_start_date, value, centre,
        lower_limit, upper_limit, is_usable, is_baseline, limit_state, segment_number,
        chart_method, scale, required_run, is_open_gap, is_short_week
    from {{ source('guard', 'chart_points') }}
),

rules as (
    select
        product_id, metric_id, chart_grain, point_number, is_point_high, is_point_low,
        run_side, run_length, is_sustained
    from {{ ref('int_chart_rules') }}
),

metrics as (
    select
        metric_id, direction
    from {{ ref('dim_metrics') }}
),

served as (
    select
        product_id, metric_id, period_grain, period_start_date, is_suppressed,
        trust_grade = 'D' as is_withheld
    from {{ ref('fct_metric_values') }}
    where segment_type = 'all'
),

joined as (
    select
        points.*,
        coalesce(served.is_suppressed, false) as is_suppressed,
        not coalesce(served.is_suppressed or served.is_withheld, false) as is_shown,
        coalesce(rules.is_point_high, false) as is_point_high,
        coalesce(rules.is_point_low, false) as is_point_low,
        rules.run_side,
        rules.run_length,
        coalesce(rules.is_sustained, false) as is_sustained,
        metrics.direction
    from points
    inner join metrics on points.metric_id = metrics.metric_id
    left join rules
        on points.product_id = rules.product_id
        and points.metric_id = rules.metric_id
        and points.chart_grain = rules.chart_grain
        and points.point_number = rules.point_number
    left join served
        on points.product_id = served.product_id
        and points.metric_id = served.metric_id
        -- a gap between outages belongs to the week in which it ends
        and case points.chart_grain when 'outage' then 'week' else points.chart_grain end
        = served.period_grain
        and case points.chart_grain
            when 'outage' then cast(date_trunc('week', points.period_start_date) as date)
            else points.period_start_date
        end = served.period_start_date
)

select
    product_id,
    metric_id,
    chart_grain as period_grain,
    period_start_date,
    cast(point_number as bigint) as point_number,
    case when is_shown then cast(value as {{ double_type() }}) end as value,
    case when not is_suppressed then cast(centre as {{ double_type() }}) end as centre,
    case when not is_suppressed then cast(lower_limit as {{ double_type() }}) end as lower_limit,
    case when not is_suppressed then cast(upper_limit as {{ double_type() }}) end as upper_limit,
    is_usable,
    is_short_week,
    is_open_gap,
    is_baseline,
    limit_state,
    cast(segment_number as integer) as segment_number,
    chart_method,
    scale as chart_scale,
    case
        when is_shown and (is_point_high or is_point_low) then 'point'
        when is_shown and run_length >= required_run then 'run_of_' || cast(required_run as varchar)
    end as rule,
    case
        when not is_shown then null
        when direction = 'up' and is_point_high or direction = 'down' and is_point_low
            then 'favourable'
        when direction = 'up' and is_point_low or direction = 'down' and is_point_high
            then 'unfavourable'
        when run_length >= required_run and direction = 'up' and run_side = 'high'
            or run_length >= required_run and direction = 'down' and run_side = 'low'
            then 'favourable'
        when run_length >= required_run and direction in ('up', 'down') then 'unfavourable'
    end as signal_side,
    is_shown and is_sustained as is_sustained
from joined
