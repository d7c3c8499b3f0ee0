with

judged as (
    select
        cells.product_id,
        cells.cohort_week_start_date,
        cells.week_number,
        cells.cohort_people,
        cells.retained_people,
        coalesce(trust.trust_grade, 'D') as trust_grade,
        case
            when not cells.is_complete then 'not_ripe'
            when cells.is_small then 'suppressed'
            when coalesce(trust.trust_grade, 'D') = 'D' then 'withheld'
        end as no_value_reason
    from {{ ref('int_retention_cells') }} as cells
    left join {{ ref('int_usage_trust') }} as trust
        on
            trust.purpose = 'use'
            and cells.product_id = trust.product_id
            and cells.week_start_date = trust.week_start_date
)

select
    product_id,
    cohort_week_start_date,
    week_number,
    case when no_value_reason is null then cast(cohort_people as bigint) end as cohort_people,
    case when no_value_reason is null then cast(retained_people as bigint) end as retained_people,
    case when no_value_reason is null then {{ ratio('retained_people', 'cohort_people') }} end as retained_share,
    trust_grade,
    no_value_reason
from judged
