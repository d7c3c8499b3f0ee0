-- one row per ripe chart point: which rules fire there, against the limits locked before it
with

points as (
    select
        product_id, metric_id, chart_grain, point_number, period_start_date, value, z, side, limit_state,
        judged_upper_limit as upper_limit, judged_lower_limit as lower_limit,
        judged_segment_number as segment_number, is_judged_baseline as is_baseline,
        is_usable, is_open_gap, required_run, trust_grade, no_value_reason
    from {{ source('guard', 'chart_points') }}
    where is_ripe
),

numbered as (
    select
        points.*,
        row_number() over (partition by product_id, metric_id order by point_number) as ripe_number,
        -- the gap since the last outage is not over: it can only be too long
        limit_state = 'locked' and is_usable and not is_baseline as is_judged,
        limit_state = 'locked' and is_usable and not is_baseline and not is_open_gap
        and z is not null as is_monitored
    from points
),

turned as (
    select
        product_id, metric_id, ripe_number, period_start_date, z, side, required_run,
        -- new limits begin anew: no run reaches across
        case
            when side = lag(side) over (partition by product_id, metric_id, segment_number order by ripe_number) then 0
            else 1
        end as is_new_run
    from numbered
    -- a value on the centre line is skipped: it neither extends nor breaks a run
    where is_monitored and side <> 0
),

in_runs as (
    select
        turned.*,
        sum(is_new_run) over (
            partition by product_id, metric_id
            order by ripe_number rows unbounded preceding
        ) as run_number
    from turned
),

runs as (
    select
        product_id, metric_id, ripe_number, side, required_run,
        row_number() over run_so_far as run_length,
        min(period_start_date) over run_so_far as run_from_date,
        avg(z) over (
            partition by product_id, metric_id, run_number
            order by ripe_number rows between 7 preceding and current row
        ) as run_mean_z
    from in_runs
    window run_so_far as (
        partition by product_id, metric_id, run_number order by ripe_number rows unbounded preceding
    )
),

-- values on the centre line count here, else a metric that went back to it would stay "improved"
recent_means as (
    select
        product_id, metric_id, ripe_number,
        avg(z) over (
            partition by product_id, metric_id, segment_number
            order by ripe_number rows between 7 preceding and current row
        ) as last_eight_mean_z
    from numbered
    where is_monitored
)

select
    numbered.product_id,
    numbered.metric_id,
    numbered.chart_grain,
    numbered.point_number,
    numbered.ripe_number,
    numbered.period_start_date,
    -- the week at whose end the point is known; the day of an outage belongs to its week
    cast(date_trunc('week', numbered.period_start_date) as date)
    + 7 * (coalesce({{ grain_weeks('numbered.chart_grain') }}, 1) - 1) as known_week_start_date,
    numbered.value,
    numbered.limit_state,
    numbered.segment_number,
    numbered.is_usable,
    numbered.is_open_gap,
    numbered.is_monitored,
    numbered.required_run,
    -- a limit outside the possible range is NULL and cannot fire
    coalesce(numbered.is_judged and numbered.value > numbered.upper_limit + 1e-9, false) as is_point_high,
    coalesce(
        numbered.is_judged and not numbered.is_open_gap
        and numbered.value < numbered.lower_limit - 1e-9, false
    ) as is_point_low,
    case runs.side when 1 then 'high' when -1 then 'low' end as run_side,
    runs.run_length,
    runs.run_from_date,
    runs.run_mean_z,
    recent_means.last_eight_mean_z,
    coalesce(runs.run_length >= runs.required_run and abs(runs.run_mean_z) >= 1, false) as is_sustained
from numbered
left join runs
    on numbered.product_id = runs.product_id
    and numbered.metric_id = runs.metric_id
    and numbered.ripe_number = runs.ripe_number
left join recent_means
    on numbered.product_id = recent_means.product_id
    and numbered.metric_id = recent_means.metric_id
    and numbered.ripe_number = recent_means.ripe_number
