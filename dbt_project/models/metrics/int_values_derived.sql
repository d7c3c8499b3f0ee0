-- metrics computed from other metrics by one declared operator; their parents stand on their own items
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

own as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        value,
        unit_count,
        person_count,
        is_ripe,
        is_provisional,
        no_value_reason,
        lag(value, 8) over (partition by product_id, metric_id, period_grain order by period_start_date) as value_8_before
    from {{ ref('int_values_own') }}
),

-- first and second parent in the order in which the registry lists them
parents as (
    select
        derived.product_id, derived.metric_id, derived.derived_operator, derived.derived_constant,
        own.metric_id as parent_metric_id, own.period_grain, own.period_start_date,
        own.value, own.value_8_before, own.unit_count, own.person_count,
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
),

combined as (
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
),

computed as (
    select
        combined.*,
        case
            when not combined.has_all_values then null
            when combined.derived_operator = 'difference' then combined.first_value - combined.second_value
            when combined.derived_operator = 'product' then combined.first_value * combined.second_value
            when combined.derived_operator = 'ratio' then {{ ratio('combined.first_value', 'combined.second_value') }}
            -- share of the allowance that is used up
            when combined.derived_operator = 'budget'
                then (1 - combined.first_value) / nullif(1 - combined.derived_constant, 0)
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
                        then (combined.period_start_date + 7) - goals.deadline_date
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
    is_ripe,
    is_provisional,
    case when value is null then coalesce(parent_reason, 'no_denominator') end as no_value_reason
from computed
