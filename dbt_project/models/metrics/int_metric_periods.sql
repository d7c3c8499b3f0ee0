-- one row per product, metric, segment and period: the value with its parts, interval and reasons
with

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

metrics as (
    select metric_id, unit, metric_version from {{ source('registry', 'metrics') }}
),

rows_of_all as (
    select
        product_id, metric_id, metric_id as defining_metric_id, period_grain, period_start_date,
        value, numerator, denominator, sum_squares, unit_count, person_count, open_count,
        ci_low, ci_high, ci_method, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_own') }}
    union all
    select
        product_id, metric_id, parent_metric_id as defining_metric_id, period_grain, period_start_date,
        value, numerator, denominator, null as sum_squares, unit_count, person_count, open_count,
        ci_low, ci_high, ci_method, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_duration_companions') }}
    union all
    select
        product_id, metric_id, metric_id as defining_metric_id, period_grain, period_start_date,
        value, null as numerator, null as denominator, null as sum_squares, unit_count, person_count, null as open_count,
        ci_low, ci_high, ci_method, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_derived') }}
    union all
    select
        product_id, metric_id, metric_id as defining_metric_id, period_grain, period_start_date,
        value, null as numerator, denominator, null as sum_squares, unit_count, person_count, null as open_count,
        ci_low, ci_high, ci_method, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_quantile') }}
)

select
    rows_of_all.product_id,
    rows_of_all.metric_id,
    'all' as segment_type,
    'all' as segment_value,
    rows_of_all.period_grain,
    rows_of_all.period_start_date,
    cast(rows_of_all.value as {{ double_type() }}) as value,
    cast(rows_of_all.numerator as {{ double_type() }}) as numerator,
    cast(rows_of_all.denominator as {{ double_type() }}) as denominator,
    cast(rows_of_all.sum_squares as {{ double_type() }}) as sum_squares,
    cast(rows_of_all.unit_count as bigint) as unit_count,
    cast(rows_of_all.person_count as bigint) as person_count,
    cast(rows_of_all.open_count as bigint) as open_count,
    cast(rows_of_all.ci_low as {{ double_type() }}) as ci_low,
    cast(rows_of_all.ci_high as {{ double_type() }}) as ci_high,
    cast(rows_of_all.ci_method as varchar) as ci_method,
    metrics.unit,
    rows_of_all.is_ripe,
    rows_of_all.is_provisional,
    cast(rows_of_all.no_value_reason as varchar) as no_value_reason,
    metrics.metric_version,
    run_context.as_of_at
from rows_of_all
cross join run_context
inner join metrics on rows_of_all.defining_metric_id = metrics.metric_id
