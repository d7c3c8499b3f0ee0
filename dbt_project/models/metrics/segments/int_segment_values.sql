-- served rows of segments with their intervals, 95 % two-sided, by the kind of the metric
{% set z = 1.959963984540054 %}

with

periods as (
    select
        product_id, metric_id, segment_type, segment_value, period_grain, period_start_date, kind, is_count, unit,
        metric_version, as_of_at, is_suppressed, suppressed_reason, is_too_few, value, numerator, denominator, unit_count,
        person_count,
        cast(case when kind = 'count_rate' and is_count then round(numerator) end as bigint) as event_count,
        case
            when kind = 'duration' and unit_count >= 2
                then (sum_squares - numerator * numerator / unit_count) / (unit_count - 1)
        end as variance
    from {{ ref('int_segment_periods') }}
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

bounded as (
    select
        periods.*,
        case when periods.variance > 1e-12 * periods.value * periods.value
            then quantiles.quantile * sqrt(periods.variance / periods.unit_count) end as half_width,
        limits.event_count is not null as is_exact,
        coalesce(limits.lower_limit, {{ byar_limit('periods.event_count', z, 'lower') }}) as count_low,
        coalesce(limits.upper_limit, {{ byar_limit('periods.event_count', z, 'upper') }}) as count_high
    from periods
    left join quantiles on least(greatest(periods.unit_count - 1, 1), 1000) = quantiles.degrees_of_freedom
    left join limits on periods.event_count = limits.event_count
)

select
    product_id,
    metric_id,
    segment_type,
    segment_value,
    period_grain,
    period_start_date,
    value,
    numerator,
    denominator,
    unit_count,
    person_count,
    case
        when value is null then null
        -- no time is shorter than none
        when kind = 'duration' and half_width is not null then greatest(0, value - half_width)
        when kind = 'proportion' and denominator > 0 then {{ score_limit('numerator', 'denominator', z, 'lower') }}
        when kind = 'count_rate' and is_count then count_low / nullif(denominator, 0)
    end as ci_low,
    case
        when value is null then null
        when kind = 'duration' then value + half_width
        when kind = 'proportion' and denominator > 0 then {{ score_limit('numerator', 'denominator', z, 'upper') }}
        when kind = 'count_rate' and is_count then count_high / nullif(denominator, 0)
    end as ci_high,
    case
        when value is null then null
        when kind = 'duration' and half_width is not null then 't'
        when kind = 'proportion' then 'wilson'
        when kind = 'count_rate' and is_count and is_exact then 'garwood'
        when kind = 'count_rate' and is_count then 'byar'
    end as ci_method,
    unit,
    metric_version,
    as_of_at,
    is_suppressed,
    suppressed_reason,
    case
        when value is not null or is_suppressed then null
        when denominator > 0 and is_too_few then 'too_few'
        else 'no_denominator'
    end as no_value_reason
from bounded
