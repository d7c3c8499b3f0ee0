with

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

judged as (
    select
        weeks.funnel_id,
        weeks.product_id,
        weeks.week_start_date,
        weeks.step_number,
        weeks.event_type,
        weeks.entered_count,
        weeks.reached_count,
        weeks.first_step_event_count,
        coalesce(trust.trust_grade, 'D') as trust_grade,
        case
            when weeks.final_at > run_context.as_of_at then 'not_ripe'
            when weeks.is_small then 'suppressed'
            when coalesce(trust.trust_grade, 'D') = 'D' then 'withheld'
        end as no_value_reason
    from {{ ref('int_funnel_weeks') }} as weeks
    cross join run_context
    left join {{ ref('int_usage_trust') }} as trust
        on
            weeks.funnel_id = trust.purpose
            and weeks.product_id = trust.product_id
            and weeks.week_start_date = trust.week_start_date
)

select
    funnel_id,
    product_id,
    week_start_date,
    cast(step_number as integer) as step_number,
    event_type,
    case when no_value_reason is null then cast(entered_count as bigint) end as entered_count,
    case when no_value_reason is null then cast(reached_count as bigint) end as reached_count,
    case when no_value_reason is null then {{ ratio('reached_count', 'entered_count') }} end as reached_share,
    case when no_value_reason is null then {{ ratio('first_step_event_count', 'entered_count') }} end as duplicate_ratio,
    trust_grade,
    no_value_reason
from judged
