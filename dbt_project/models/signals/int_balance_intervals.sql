-- change of each balancing metric, after - before (of the ratio, where the margin is one: after / before - 1),
-- with its 90 % interval by kind; NULL where there is none
with

estimates as (
    select
        product_id, kpi_id, metric_id, week_start_date, side, kind, from_date, to_date,
        ripe_week_count, n, estimate, estimate_low, estimate_high, mean_variance
    from {{ ref('int_balance_estimates') }}
),

pairs as (
    select
        windows.product_id, windows.kpi_id, windows.metric_id, windows.week_start_date,
        windows.margin_scale, windows.window_periods, windows.window_end_date,
        afters.kind, afters.n as after_n, afters.from_date as after_from_date,
        afters.to_date as after_to_date, afters.ripe_week_count as after_ripe_week_count,
        afters.estimate as after_value, afters.estimate_low as after_low,
        afters.estimate_high as after_high, afters.mean_variance as after_variance,
        befores.n as before_n, befores.from_date as before_from_date,
        befores.to_date as before_to_date, befores.estimate as before_value,
        befores.estimate_low as before_low, befores.estimate_high as before_high,
        befores.mean_variance as before_variance,
        spreads.sigma_hat,
        coalesce(spreads.widening, 1) as widening
    from {{ ref('int_balance_periods') }} as windows
    left join estimates as afters
        on windows.product_id = afters.product_id
        and windows.kpi_id = afters.kpi_id
        and windows.metric_id = afters.metric_id
        and windows.week_start_date = afters.week_start_date
        and afters.side = 'after'
    left join estimates as befores
        on windows.product_id = befores.product_id
        and windows.kpi_id = befores.kpi_id
        and windows.metric_id = befores.metric_id
        and windows.week_start_date = befores.week_start_date
        and befores.side = 'before'
    left join {{ ref('int_chart_spreads') }} as spreads
        on windows.product_id = spreads.product_id and windows.metric_id = spreads.metric_id
),

-- Welch: each side has a variance of its own
freed as (
    select
        pairs.*,
        floor(
            power(after_variance + before_variance, 2) / nullif(
                power(after_variance, 2) / nullif(after_n - 1, 0)
                + power(before_variance, 2) / nullif(before_n - 1, 0), 0
            )
        ) as degrees_of_freedom
    from pairs
),

halved as (
    select
        freed.*,
        case
            when kind in ('proportion', 'count_rate')
                then widening * sqrt(power(after_value - after_low, 2) + power(before_high - before_value, 2))
            when kind = 'duration'
                then student.quantile * sqrt(after_variance + before_variance)
            when kind = 'stock'
                then 1.6448536269514722 * sigma_hat * sqrt(1.0 / after_n + 1.0 / before_n)
        end as half_below,
        case
            when kind in ('proportion', 'count_rate')
                then widening * sqrt(power(after_high - after_value, 2) + power(before_value - before_low, 2))
            when kind = 'duration'
                then student.quantile * sqrt(after_variance + before_variance)
            when kind = 'stock'
                then 1.6448536269514722 * sigma_hat * sqrt(1.0 / after_n + 1.0 / before_n)
        end as half_above,
        case kind
            when 'proportion' then after_n >= 5 and before_n >= 5
            when 'count_rate' then true
            when 'duration'
                then after_n >= 12 and before_n >= 12 and after_variance > 0 and before_variance > 0
            when 'stock' then sigma_hat > 0
            else false
        end and margin_scale = 'absolute' as has_interval
    from freed
    left join {{ ref('ref_t_quantile') }} as student
        on student.confidence_level = 0.9
        and student.degrees_of_freedom = least(freed.degrees_of_freedom, 1000)
)

select
    halved.product_id, halved.kpi_id, halved.metric_id, halved.week_start_date, halved.kind,
    halved.after_from_date, halved.after_to_date, halved.after_ripe_week_count,
    halved.before_from_date, halved.before_to_date, halved.before_value, halved.after_value,
    coalesce(resampled.unit_count_before, halved.before_n) as before_n,
    coalesce(resampled.unit_count_after, halved.after_n) as after_n,
    case
        when halved.margin_scale = 'ratio'
            then {{ ratio('halved.after_value', 'halved.before_value') }} - 1
        else halved.after_value - halved.before_value
    end as change,
    case
        when halved.has_interval then halved.after_value - halved.before_value - halved.half_below
        else resampled.ci90_low
    end as change_low,
    case
        when halved.has_interval then halved.after_value - halved.before_value + halved.half_above
        else resampled.ci90_high
    end as change_high,
    case
        when halved.has_interval
            then case halved.kind
                when 'proportion' then 'newcombe' when 'count_rate' then 'mover_garwood'
                when 'duration' then 'welch' when 'stock' then 'sigma_hat'
            end
        when resampled.ci90_low is not null
            then case halved.kind when 'count_rate' then 'exact_conditional' else 'cluster_bootstrap' end
    end as method
from halved
left join {{ source('guard', 'ratio_intervals') }} as resampled
    on halved.product_id = resampled.product_id
    and halved.metric_id = resampled.metric_id
    and halved.window_end_date = resampled.window_end_date
    and halved.window_periods = resampled.window_periods
    and halved.margin_scale = resampled.scale
