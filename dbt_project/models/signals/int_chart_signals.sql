-- one row per ripe chart point: what the chart says once the point is known, good or bad by direction
with

rules as (
    select
        rules.product_id, rules.metric_id, rules.chart_grain, rules.ripe_number,
        rules.known_week_start_date, rules.limit_state, rules.segment_number, rules.is_monitored,
        rules.required_run, rules.is_point_high, rules.is_point_low, rules.run_side,
        rules.run_length, rules.run_from_date, rules.run_mean_z, rules.last_eight_mean_z,
        rules.is_sustained, metrics.direction
    from {{ ref('int_chart_rules') }} as rules
    inner join {{ source('registry', 'metrics') }} as metrics on rules.metric_id = metrics.metric_id
),

-- a band has two bad sides; a metric without a direction has none
sided as (
    select
        rules.*,
        direction in ('up', 'band') and is_point_low
        or direction in ('down', 'band') and is_point_high as is_bad_point,
        coalesce(
            is_sustained and (
                direction = 'up' and run_side = 'high' or direction = 'down' and run_side = 'low'
            ), false
        ) as is_good_run,
        coalesce(
            run_length >= required_run and (
                direction in ('up', 'band') and run_side = 'low'
                or direction in ('down', 'band') and run_side = 'high'
            ), false
        ) as is_bad_run,
        last_eight_mean_z * case direction when 'down' then -1 else 1 end as good_mean_z,
        -- points that say nothing carry what the last monitored one said
        count(case when is_monitored and run_side is not null then 1 end) over (
            partition by product_id, metric_id order by ripe_number rows unbounded preceding
        ) as carried_number
    from rules
),

ended as (
    select
        sided.*,
        sum(case when is_bad_point or good_mean_z <= 0.5 then 1 else 0 end) over (
            partition by product_id, metric_id, segment_number order by ripe_number rows unbounded preceding
        ) as spell_number
    from sided
)

select
    product_id,
    metric_id,
    chart_grain,
    ripe_number,
    known_week_start_date,
    limit_state,
    segment_number,
    -- "improved" stays until the level is back near the centre or a bad point comes
    min(case when is_good_run then run_from_date end) over spell_so_far as improved_from_date,
    max(case when is_monitored then known_week_start_date end) over so_far as monitored_to_date,
    ripe_number - max(case when is_bad_point then ripe_number end) over so_far < 4
    as is_bad_point_recent,
    max(case when is_bad_point then known_week_start_date end) over so_far as bad_point_date,
    required_run,
    bool_or(is_bad_run) over carried as is_in_bad_run,
    min(case when is_bad_run then run_from_date end) over carried as bad_run_from_date,
    max(run_length) over carried as run_length,
    max(run_mean_z) over carried as run_mean_z
from ended
window
    so_far as (
        partition by product_id, metric_id, segment_number order by ripe_number rows unbounded preceding
    ),
    spell_so_far as (
        partition by product_id, metric_id, segment_number, spell_number
        order by ripe_number rows unbounded preceding
    ),
    carried as (partition by product_id, metric_id, carried_number)
