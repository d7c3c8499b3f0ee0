-- the level that a change is measured against: the first ripe weeks with a value, their parts re-added
with

derived as (
    select
        metric_id,
        replace(derived_metric_ids, ' ', '') as parent_metric_id,
        cast(coalesce(derived_constant, 8) as integer) as baseline_weeks
    from {{ source('registry', 'metrics') }}
    where kind = 'derived' and derived_operator = 'change_against_baseline'
),

numbered as (
    select
        derived.metric_id,
        derived.baseline_weeks,
        own.product_id,
        own.period_start_date,
        own.value,
        own.numerator,
        own.denominator,
        row_number() over (partition by derived.metric_id, own.product_id order by own.period_start_date) as week_number
    from derived
    inner join {{ ref('int_values_own') }} as own on derived.parent_metric_id = own.metric_id
    where own.period_grain = 'week' and own.is_ripe and own.value is not null
)

select
    metric_id,
    product_id,
    max(period_start_date) + 7 as baseline_end_date,
    coalesce(
        {{ ratio(ordered('sum', 'numerator'), ordered('sum', 'denominator')) }},
        {{ ordered('avg', 'value') }}
    ) as baseline_value
from numbered
where week_number <= baseline_weeks
group by metric_id, product_id, baseline_weeks
-- no baseline before all its weeks are there
having count(*) = baseline_weeks
