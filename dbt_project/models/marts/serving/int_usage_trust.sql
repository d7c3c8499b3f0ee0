-- how far the sources of use, and of each funnel, are to be trusted in a week: the worst of them
with

definitions as (
    select 'use' as purpose, product_id, event_type from {{ source('registry', 'active_uses') }}
    union all
    select funnel_id as purpose, product_id, event_type from {{ source('registry', 'funnels') }}
),

source_trust as (
    select source_id, week_start_date, grade from {{ source('guard', 'source_trust') }}
),

graded as (
    select definitions.purpose, definitions.product_id, source_trust.week_start_date, source_trust.grade
    from definitions
    inner join {{ ref('int_source_event_counts') }} as counts
        on definitions.product_id = counts.product_id and definitions.event_type = counts.event_type
    inner join source_trust on counts.source_id = source_trust.source_id
)

select
    graded.purpose,
    graded.product_id,
    graded.week_start_date,
    -- a person may lower, never raise
    max(greatest(graded.grade, coalesce(lowered.grade, 'A'))) as trust_grade
from graded
left join {{ ref('int_products_lowered') }} as lowered
    on graded.product_id = lowered.product_id and graded.week_start_date = lowered.week_start_date
group by graded.purpose, graded.product_id, graded.week_start_date
