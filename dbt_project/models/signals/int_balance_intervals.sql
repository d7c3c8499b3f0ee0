-- change of each balancing metric, after - before (of the ratio, where the margin is one: after / before - 1),
-- with its 90 % interval by kind; NULL where there is none
with

estimates as (
    select
        product_id, kpi_id, metric_id, week_start_date, side, kind, from_date, to_date,
        ripe_week_count, n, numerator, denominator, estimate, estimate_low, estimate_high, mean_variance
    from {{ ref('int_balance_estimates') }}
),

pairs as (
    select
        windows.product_id, windows.kpi_id, windows.metric_id, windows.week_start_date,
        windows.margin_scale, windows.window_periods, windows.window_end_date,
        afters.kind, afters.numerator as after_numerator, afters.denominator as after_denominator,
        befores.numerator as before_numerator, befores.denominator as before_denominator,
        afters.n as after_n, afters.from_date as after_from_date,
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
        ) as degrees_of_freedom,
        case kind
            when 'duration' then sqrt(after_variance + before_variance)
            when 'stock' then sqrt(1.0 / after_n + 1.0 / before_n)
        end as even_spread
    from pairs
),

spread as (
    select
        freed.*,
        case
            when kind in ('proportion', 'count_rate') then widening
            when kind = 'duration' then student.quantile
            when kind = 'stock' then 1.6448536269514722 * sigma_hat
        end as factor,
        coalesce(even_spread, sqrt(power(after_value - after_low, 2) + power(before_high - before_value, 2)))
        as spread_below,
        coalesce(even_spread, sqrt(power(after_high - after_value, 2) + power(before_value - before_low, 2)))
        as spread_above,
        margin_scale = 'absolute' and case kind
            when 'proportion' then after_n >= 5 and before_n >= 5
            when 'count_rate' then true
            when 'duration'
                then after_n >= 12 and before_n >= 12 and after_variance > 0 and before_variance > 0
            when 'stock' then sigma_hat > 0
            else false
        end as has_interval
    from freed
    left join {{ ref('ref_t_quantile') }} as student
        on student.confidence_level = 0.9
        and student.degrees_of_freedom = least(freed.degrees_of_freedom, 1000)
)

select
    spread.product_id, spread.kpi_id, spread.metric_id, spread.week_start_date, spread.kind,
    spread.after_from_date, spread.after_to_date, spread.after_ripe_week_count,
    spread.before_from_date, spread.before_to_date, spread.before_value, spread.after_value,
    coalesce(resampled.unit_count_before, spread.before_n) as before_n,
    coalesce(resampled.unit_count_after, spread.after_n) as after_n,
    spread.before_numerator, spread.before_denominator, spread.after_numerator, spread.after_denominator,
    sqrt(spread.before_variance * spread.before_n) as before_sd,
    sqrt(spread.after_variance * spread.after_n) as after_sd,
    spread.sigma_hat, spread.widening,
    case
        when spread.margin_scale = 'ratio'
            then {{ ratio('spread.after_value', 'spread.before_value') }} - 1
        else spread.after_value - spread.before_value
    end as change,
    case
        when spread.has_interval then spread.after_value - spread.before_value - spread.factor * spread.spread_below
        else resampled.ci90_low
    end as change_low,
    case
        when spread.has_interval then spread.after_value - spread.before_value + spread.factor * spread.spread_above
        else resampled.ci90_high
    end as change_high,
    case
        when spread.has_interval
            then case spread.kind
                when 'proportion' then 'newcombe' when 'count_rate' then 'mover_garwood'
                when 'duration' then 'welch' when 'stock' then 'sigma_hat'
            end
        when resampled.ci90_low is not null
            then case spread.kind when 'count_rate' then 'exact_conditional' else 'cluster_bootstrap' end
    end as method
from spread
left join {{ source('guard', 'ratio_intervals') }} as resampled
    on spread.product_id = resampled.product_id
    and spread.metric_id = resampled.metric_id
    and spread.window_end_date = resampled.window_end_date
    and spread.window_periods = resampled.window_periods
    and spread.margin_scale = resampled.scale
