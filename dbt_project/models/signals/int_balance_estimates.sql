-- estimate and 90 % limits of each side: Wilson for shares, Garwood for rates, variance of the mean for durations
{% set z = 1.6448536269514722 %}

with

sides as (
    select
        sides.product_id, sides.kpi_id, sides.metric_id, sides.week_start_date, sides.side,
        sides.from_date, sides.to_date, sides.ripe_week_count, sides.week_count,
        cast(sides.numerator as {{ double_type() }}) as numerator,
        cast(sides.denominator as {{ double_type() }}) as denominator,
        cast(sides.sum_squares as {{ double_type() }}) as sum_squares,
        sides.unit_count,
        sides.mean_value,
        metrics.kind
    from {{ ref('int_balance_sides') }} as sides
    inner join {{ source('registry', 'metrics') }} as metrics on sides.metric_id = metrics.metric_id
),

poisson_limits as (
    select
        event_count, lower_limit, upper_limit
    from {{ ref('ref_poisson_limits') }}
    where confidence_level = 0.9
),

limited as (
    select
        sides.*,
        coalesce(
            poisson_limits.lower_limit, {{ byar_limit('sides.numerator', z, 'lower') }}
        ) as count_low,
        coalesce(
            poisson_limits.upper_limit, {{ byar_limit('sides.numerator', z, 'upper') }}
        ) as count_high
    from sides
    left join poisson_limits
        on sides.kind = 'count_rate'
        and cast(round(sides.numerator) as integer) = poisson_limits.event_count
)

select
    product_id,
    kpi_id,
    metric_id,
    week_start_date,
    side,
    kind,
    from_date,
    to_date,
    ripe_week_count,
    week_count,
    case
        -- by the method: 5 a side for the difference of shares, 12 for means
        when kind = 'proportion' then round(denominator)
        when kind = 'duration' then round(denominator)
        when kind = 'stock' then week_count
        else unit_count
    end as n,
    numerator,
    denominator,
    case
        when kind = 'stock' then mean_value
        else {{ ratio('numerator', 'denominator') }}
    end as estimate,
    case
        when kind = 'proportion' and denominator > 0
            then {{ score_limit('numerator', 'denominator', z, 'lower') }}
        when kind = 'count_rate' and denominator > 0 then count_low / denominator
    end as estimate_low,
    case
        when kind = 'proportion' and denominator > 0
            then {{ score_limit('numerator', 'denominator', z, 'upper') }}
        when kind = 'count_rate' and denominator > 0 then count_high / denominator
    end as estimate_high,
    -- sums of equal squares may come out a hair below zero
    case
        when kind = 'duration' and denominator > 1
            then greatest(sum_squares - numerator * numerator / denominator, 0)
            / (denominator - 1) / denominator
    end as mean_variance
from limited
