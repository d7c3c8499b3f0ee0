-- one row per product-metric and week: the signal as the chart shows it at the end of that week
with

metric_weeks as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_start_date as week_start_date,
        metrics.kind in ('derived', 'quantile') or coalesce(metrics.statistic, '') = 'availability'
        as is_without_chart
    from {{ ref('int_metric_periods') }} as periods
    inner join {{ source('registry', 'metrics') }} as metrics
        on periods.metric_id = metrics.metric_id
    where periods.period_grain = 'week' and periods.segment_type = 'all'
),

-- several outages may end a gap within one week: the last one speaks
latest_of_week as (
    select
        product_id, metric_id, chart_grain, known_week_start_date, limit_state, segment_number,
        improved_from_date, monitored_to_date, is_bad_point_recent, bad_point_date, is_in_bad_run,
        bad_run_from_date, required_run, run_length, run_mean_z,
        row_number() over (
            partition by product_id, metric_id, known_week_start_date order by ripe_number desc
        ) as recency
    from {{ ref('int_chart_signals') }}
),

valid as (
    select
        latest_of_week.*,
        lead(known_week_start_date) over (
            partition by product_id, metric_id order by known_week_start_date
        ) as next_known_date
    from latest_of_week
    where recency = 1
),

judged as (
    select
        metric_weeks.product_id,
        metric_weeks.metric_id,
        metric_weeks.week_start_date,
        metric_weeks.is_without_chart,
        valid.chart_grain,
        valid.limit_state,
        valid.segment_number,
        valid.improved_from_date,
        valid.monitored_to_date,
        valid.is_bad_point_recent,
        valid.bad_point_date,
        valid.bad_run_from_date,
        valid.required_run,
        valid.run_length,
        valid.run_mean_z,
        case
            when valid.is_bad_point_recent or valid.is_in_bad_run then 'worsened'
            when valid.improved_from_date is not null then 'improved'
            else 'none'
        end as signal
    from metric_weeks
    left join valid
        on metric_weeks.product_id = valid.product_id
        and metric_weeks.metric_id = valid.metric_id
        and metric_weeks.week_start_date >= valid.known_week_start_date
        and (metric_weeks.week_start_date < valid.next_known_date or valid.next_known_date is null)
)

select
    product_id,
    metric_id,
    week_start_date,
    signal,
    case
        when signal = 'worsened' and is_bad_point_recent then 'point'
        when signal = 'worsened' then 'run'
        when signal = 'improved' then 'sustained'
    end as rule,
    case
        when signal = 'worsened' and is_bad_point_recent then bad_point_date
        when signal = 'worsened' then bad_run_from_date
        when signal = 'improved' then improved_from_date
    end as signal_from_date,
    case when signal <> 'none' then monitored_to_date end as signal_to_date,
    case when is_without_chart then 'no_chart' else coalesce(limit_state, 'learning') end as limit_state,
    chart_grain,
    segment_number,
    run_length,
    run_mean_z,
    -- it has fired for sixteen periods: the level moved, and nobody recorded why
    coalesce(run_length >= required_run + 15, false) as has_stale_limits
from judged
