-- what sources promised and how it was kept; the gate before publishing adds what it found about the marts
with

people as (
    select source_id, event_type, max(least_people) as least_people, bool_or(is_hidden) as is_hidden
    from {{ ref('int_person_event_types') }}
    group by source_id, event_type
),

checks as (
    select
        checks.source_id, checks.event_type, checks.week_start_date, checks.clause, checks.property,
        checks.expectation, checks.severity, checks.event_count, checks.broken_count, checks.defect, checks.note
    from {{ source('guard', 'contract_checks') }} as checks
),

kept as (
    select
        source_id, event_type, clause, property,
        count(*) as checked_week_count,
        count(*) filter (where severity > 0) as broken_week_count,
        max(case when severity = 0 then week_start_date end) as last_kept_week_start_date,
        max(week_start_date) as week_start_date
    from checks
    group by source_id, event_type, clause, property
),

-- first week of the stretch that is still broken
broken as (
    select
        checks.source_id, checks.event_type, checks.clause, checks.property,
        min(checks.week_start_date) as broken_since_week_start_date
    from checks
    inner join kept
        on checks.source_id = kept.source_id
        and checks.event_type = kept.event_type
        and checks.clause = kept.clause
        and checks.property = kept.property
    where
        checks.severity > 0
        and checks.week_start_date > coalesce(kept.last_kept_week_start_date, date '1900-01-01')
    group by checks.source_id, checks.event_type, checks.clause, checks.property
)

select
    'source/' || checks.source_id as dataset,
    checks.event_type,
    checks.expectation,
    nullif(checks.property, '') as column_name,
    cast(checks.severity as integer) as severity,
    checks.week_start_date,
    cast(kept.checked_week_count as bigint) as checked_week_count,
    cast(kept.broken_week_count as bigint) as broken_week_count,
    broken.broken_since_week_start_date,
    -- a count of the events is a count of the people who made them
    case
        when not coalesce(people.is_hidden or checks.event_count < people.least_people, false)
            then cast(checks.event_count as bigint)
    end as element_count,
    case
        when not coalesce(people.is_hidden or checks.event_count < people.least_people, false)
            then cast(checks.broken_count as bigint)
    end as broken_count,
    checks.defect,
    checks.note
from checks
inner join kept
    on checks.source_id = kept.source_id
    and checks.event_type = kept.event_type
    and checks.clause = kept.clause
    and checks.property = kept.property
    and checks.week_start_date = kept.week_start_date
left join broken
    on checks.source_id = broken.source_id
    and checks.event_type = broken.event_type
    and checks.clause = broken.clause
    and checks.property = broken.property
left join people
    on checks.source_id = people.source_id and checks.event_type = people.event_type
