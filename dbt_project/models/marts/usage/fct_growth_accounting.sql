{% set states = ['new', 'retained', 'resurrected', 'churned', 'departed'] %}

with

judged as (
    select
        weeks.*,
        coalesce(trust.trust_grade, 'D') as trust_grade,
        case
            when weeks.active_people < weeks.least_people then 'suppressed'
            when coalesce(trust.trust_grade, 'D') = 'D' then 'withheld'
        end as no_total_reason,
        case
            when weeks.is_small or weeks.active_people < weeks.least_people then 'suppressed'
            when coalesce(trust.trust_grade, 'D') = 'D' then 'withheld'
        end as no_value_reason
    from {{ ref('int_growth_weeks') }} as weeks
    left join {{ ref('int_usage_trust') }} as trust
        on
            trust.purpose = 'use'
            and weeks.product_id = trust.product_id
            and weeks.week_start_date = trust.week_start_date
    -- a week that isn't over would show everybody as churned
    where weeks.is_complete
)

select
    product_id,
    week_start_date,
    case when no_total_reason is null then cast(active_people as bigint) end as active_people,
    {% for state in states %}
    case when no_value_reason is null then cast({{ state }}_people as bigint) end as {{ state }}_people,
    {% endfor %}
    trust_grade,
    no_value_reason
from judged
