-- metrics computed from other metrics by one declared operator
with

combined as (
    select
        parents.*,
        metrics.minimum_n
    from {{ ref('int_derived_parents') }} as parents
    inner join {{ source('registry', 'metrics') }} as metrics on parents.metric_id = metrics.metric_id
),

computed as (
    select
        combined.*,
        case
            when not combined.has_all_values or {{ too_few('combined.unit_count', 'combined.minimum_n') }} then null
            when combined.derived_operator = 'difference' then combined.first_value - combined.second_value
            when combined.derived_operator = 'product' then combined.first_value * combined.second_value
            when combined.derived_operator = 'ratio' then {{ ratio('combined.first_value', 'combined.second_value') }}
            when combined.derived_operator = 'complement' then combined.derived_constant - combined.first_value
            when combined.derived_operator = 'scaled' then combined.derived_constant * combined.first_value
            -- share of the allowance that is used up
            when combined.derived_operator = 'budget'
                then (1 - combined.first_value) / nullif(1 - combined.derived_constant, 0)
            -- below nothing once more is used up than there is
            when combined.derived_operator = 'budget_left'
                then 1 - (1 - combined.first_value) / nullif(1 - combined.derived_constant, 0)
            when combined.derived_operator = 'change_against_baseline'
                then case
                    when combined.period_start_date >= baselines.baseline_end_date
                        then {{ ratio('combined.first_value', 'baselines.baseline_value') }} - 1
                end
            when combined.derived_operator = 'deadline_projection'
                then case
                    when combined.first_value >= goals.goal_value then 0
                    -- at the rate of the last eight weeks; without progress there is no such day
                    when combined.first_value > combined.first_value_before
                        then {{ days_between('goals.deadline_date', '(combined.period_start_date + 7)') }}
                            + (goals.goal_value - combined.first_value) * 56
                            / (combined.first_value - combined.first_value_before)
                end
        end as value
    from combined
    left join {{ ref('int_derived_baselines') }} as baselines
        on combined.product_id = baselines.product_id and combined.metric_id = baselines.metric_id
    left join {{ source('registry', 'goals') }} as goals
        on combined.product_id = goals.product_id and combined.first_metric_id = goals.metric_id
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    value,
    unit_count,
    person_count,
    -- a shifted or stretched number has the shifted interval; two parents may share items, so that no interval of
    -- independent sides holds for what is made of both
    case
        when value is null then null
        when derived_operator = 'complement' then derived_constant - first_ci_high
        when derived_operator = 'scaled' and derived_constant >= 0 then derived_constant * first_ci_low
    end as ci_low,
    case
        when value is null then null
        when derived_operator = 'complement' then derived_constant - first_ci_low
        when derived_operator = 'scaled' and derived_constant >= 0 then derived_constant * first_ci_high
    end as ci_high,
    case
        when value is null then null
        when derived_operator = 'complement' or (derived_operator = 'scaled' and derived_constant >= 0) then first_ci_method
    end as ci_method,
    is_ripe,
    is_provisional,
    case
        when value is not null then null
        when parent_reason is not null then parent_reason
        when has_all_values and {{ too_few('unit_count', 'minimum_n') }} then 'too_few'
        else 'no_denominator'
    end as no_value_reason
from computed
