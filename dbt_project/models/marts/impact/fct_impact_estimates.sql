with

estimates as (
    select * from {{ source('guard', 'impact_estimates') }}
),

interventions as (
    select intervention_id, product_id, metric_id, what_launched, launch_date
    from {{ source('registry', 'interventions') }}
),

unit_costs as (
    select intervention_id, currency from {{ source('registry', 'unit_costs') }}
)

select
    estimates.intervention_id,
    interventions.product_id,
    interventions.metric_id,
    interventions.what_launched,
    interventions.launch_date,
    estimates.horizon,
    estimates.design,
    estimates.before_from_date,
    estimates.before_to_date,
    estimates.after_from_date,
    estimates.after_to_date,
    estimates.before_value,
    estimates.after_value,
    estimates.change,
    estimates.ci_low,
    estimates.ci_high,
    estimates.ci_method,
    estimates.effect,
    estimates.control_change,
    estimates.control_count,
    estimates.p_value,
    estimates.has_flat_difference_before,
    estimates.counterfactual_at_last,
    estimates.false_start_rank,
    estimates.false_start_count,
    estimates.avoided,
    estimates.avoided_low,
    estimates.avoided_high,
    estimates.capacity_value,
    estimates.capacity_value_low,
    estimates.capacity_value_high,
    estimates.is_value_shown,
    estimates.no_value_reason,
    unit_costs.currency
from estimates
inner join interventions on estimates.intervention_id = interventions.intervention_id
left join unit_costs on estimates.intervention_id = unit_costs.intervention_id
