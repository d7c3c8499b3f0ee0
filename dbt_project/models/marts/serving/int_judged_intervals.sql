-- what the judge step says beside a value: intervals by resampling, and bounds where finishes are missing
with

parts as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        ci_low,
        ci_high,
        'cluster_bootstrap' as ci_method,
        cast(null as {{ double_type() }}) as bound_low,
        cast(null as {{ double_type() }}) as bound_high,
        cast(null as varchar) as bound_reason
    from {{ source('guard', 'ratio_period_intervals') }}
    union all
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        ci_low,
        ci_high,
        'bca_bootstrap' as ci_method,
        null as bound_low,
        null as bound_high,
        null as bound_reason
    from {{ source('guard', 'mean_intervals') }}
    union all
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        null as ci_low,
        null as ci_high,
        null as ci_method,
        bound_low,
        bound_high,
        bound_reason
    from {{ source('guard', 'metric_bounds') }}
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    max(ci_low) as ci_low,
    max(ci_high) as ci_high,
    max(ci_method) as ci_method,
    max(bound_low) as bound_low,
    max(bound_high) as bound_high,
    max(bound_reason) as bound_reason
from parts
group by product_id, metric_id, period_grain, period_start_date
