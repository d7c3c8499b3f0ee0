-- values with their intervals, 95 % two-sided, by the kind of the metric
{% set z = 1.959963984540054 %}

with

reasoned as (
    select
        product_id, metric_id, kind, statistic, is_count, period_grain, period_start_date, is_ripe,
        is_provisional, numerator, denominator, sum_squares, unit_count, person_count, open_count, raw_value,
        event_count, variance, no_value_reason
    from {{ ref('int_values_raw') }}
),

quantiles as (
    select degrees_of_freedom, quantile
    from {{ ref('ref_t_quantile') }}
    where confidence_level = 0.95
),

limits as (
    select event_count, lower_limit, upper_limit
    from {{ ref('ref_poisson_limits') }}
    where confidence_level = 0.95
),

-- the count's exact limits, and Byar's beyond the table
bounded as (
    select
        reasoned.*,
        quantiles.quantile * sqrt(reasoned.variance / reasoned.unit_count) as half_width,
        -- a variance of rounding errors is none
        reasoned.variance > 1e-12 * reasoned.raw_value * reasoned.raw_value as has_variance,
        coalesce(
            limits.lower_limit,
            reasoned.event_count * power(
                1 - 1.0 / (9 * nullif(reasoned.event_count, 0)) - {{ z }} / (3 * sqrt(nullif(reasoned.event_count, 0))), 3
            )
        ) as count_low,
        coalesce(
            limits.upper_limit,
            (reasoned.event_count + 1)
            * power(1 - 1.0 / (9 * (reasoned.event_count + 1)) + {{ z }} / (3 * sqrt(reasoned.event_count + 1)), 3)
        ) as count_high,
        limits.event_count is not null as is_exact,
        {{ z }} * {{ z }} / nullif(reasoned.denominator, 0) as z_share,
        {{ z }} * sqrt(
            greatest(reasoned.raw_value * (1 - reasoned.raw_value), 0) / nullif(reasoned.denominator, 0)
            + {{ z }} * {{ z }} / 4 / nullif(reasoned.denominator, 0) / nullif(reasoned.denominator, 0)
        ) as wilson_half
    from reasoned
    left join quantiles on least(greatest(reasoned.unit_count - 1, 1), 1000) = quantiles.degrees_of_freedom
    left join limits on reasoned.event_count = limits.event_count
),

intervals as (
    select
        *,
        case
            when kind = 'duration' and no_value_reason is null and has_variance then 't'
            when kind = 'proportion' and no_value_reason is null and raw_value <= 1 then 'wilson'
            when kind = 'count_rate' and no_value_reason is null and is_count and is_exact then 'garwood'
            when kind = 'count_rate' and no_value_reason is null and is_count then 'byar'
            when statistic = 'mtbf' and no_value_reason is null then 'chi_square'
            when statistic = 'mtbf' and no_value_reason = 'no_failures' and numerator > 0 then 'chi_square_one_sided'
        end as ci_method
    from bounded
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    case when no_value_reason is null then raw_value end as value,
    numerator,
    denominator,
    sum_squares,
    unit_count,
    person_count,
    open_count,
    case ci_method
        -- no time is shorter than none
        when 't' then greatest(0, raw_value - half_width)
        when 'wilson' then greatest(0, (raw_value + z_share / 2 - wilson_half) / (1 + z_share))
        when 'garwood' then count_low / denominator
        when 'byar' then count_low / denominator
        when 'chi_square' then numerator / count_high
        when 'chi_square_one_sided' then numerator / (-ln(0.05))
    end as ci_low,
    case ci_method
        when 't' then raw_value + half_width
        when 'wilson' then least(1, (raw_value + z_share / 2 + wilson_half) / (1 + z_share))
        when 'garwood' then count_high / denominator
        when 'byar' then count_high / denominator
        when 'chi_square' then numerator / nullif(count_low, 0)
    end as ci_high,
    ci_method,
    is_ripe,
    is_provisional,
    no_value_reason
from intervals
