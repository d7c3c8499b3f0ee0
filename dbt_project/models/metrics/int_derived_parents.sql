-- one row per derived metric and period with what its parents say; parents stand on their own items
with

derived as (
    select
        metrics.metric_id,
        metrics.derived_operator,
        metrics.derived_constant,
        replace(metrics.derived_metric_ids, ' ', '') as parent_list,
        product_metrics.product_id
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ ref('int_product_metrics') }} as product_metrics on metrics.metric_id = product_metrics.metric_id
    where metrics.kind = 'derived'
),

-- a quantile stands on its own items as well: p95 over p50 is a ratio of two metrics
standing as (
    select
        product_id, metric_id, period_grain, period_start_date, value, ci_low, ci_high, ci_method,
        unit_count, person_count, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_own') }}
    union all
    select
        product_id, metric_id, period_grain, period_start_date, value, ci_low, ci_high, ci_method,
        unit_count, person_count, is_ripe, is_provisional, no_value_reason
    from {{ ref('int_values_quantile') }}
),

own as (
    select
        *,
        lag(value, 8) over (partition by product_id, metric_id, period_grain order by period_start_date) as value_8_before
    from standing
),

-- first and second parent in the order in which the registry lists them
parents as (
    select
        derived.product_id, derived.metric_id, derived.derived_operator, derived.derived_constant,
        own.metric_id as parent_metric_id, own.period_grain, own.period_start_date,
        own.value, own.value_8_before, own.ci_low, own.ci_high, own.ci_method, own.unit_count, own.person_count,
        own.is_ripe, own.is_provisional, own.no_value_reason,
        row_number() over (
            partition by derived.product_id, derived.metric_id, own.period_grain, own.period_start_date
            order by position(';' || own.metric_id || ';' in ';' || derived.parent_list || ';')
        ) as parent_number,
        length(derived.parent_list) - length(replace(derived.parent_list, ';', '')) + 1 as parent_count
    from derived
    inner join own
        on
            derived.product_id = own.product_id
            and ';' || derived.parent_list || ';' like '%;' || own.metric_id || ';%'
    -- a projection looks back over weeks
    where derived.derived_operator <> 'deadline_projection' or own.period_grain = 'week'
)

select
    product_id,
    metric_id,
    derived_operator,
    period_grain,
    period_start_date,
    max(derived_constant) as derived_constant,
    max(parent_metric_id) filter (where parent_number = 1) as first_metric_id,
    max(value) filter (where parent_number = 1) as first_value,
    max(value) filter (where parent_number = 2) as second_value,
    max(ci_low) filter (where parent_number = 1) as first_ci_low,
    max(ci_high) filter (where parent_number = 1) as first_ci_high,
    max(ci_method) filter (where parent_number = 1) as first_ci_method,
    max(value_8_before) filter (where parent_number = 1) as first_value_before,
    -- one parent without a value leaves nothing to combine
    count(value) = max(parent_count) as has_all_values,
    min(unit_count) as unit_count,
    min(person_count) as person_count,
    bool_and(is_ripe) as is_ripe,
    bool_or(is_provisional) as is_provisional,
    min(no_value_reason) as parent_reason
from parents
group by product_id, metric_id, derived_operator, period_grain, period_start_date
