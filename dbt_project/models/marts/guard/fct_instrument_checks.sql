with

people as (
    select source_id, event_type, max(least_people) as least_people, bool_or(is_hidden) as is_hidden
    from {{ ref('int_person_event_types') }}
    group by source_id, event_type
),

-- weeks in which a type's own count is not told: what all types make together, less the others, would tell it
few as (
    select distinct checks.source_id, checks.week_start_date, '*' as event_type
    from {{ source('guard', 'instrument_checks') }} as checks
    inner join people on checks.source_id = people.source_id and checks.event_type = people.event_type
    -- this check counts all that a source sent of a type
    where checks.check_id = 1 and checks.n < people.least_people
),

-- what one check hides of a type and week, no other tells: with what was taken away it would be less by as many
few_types as (
    select distinct checks.source_id, checks.week_start_date, checks.event_type
    from {{ source('guard', 'instrument_checks') }} as checks
    inner join people on checks.source_id = people.source_id and checks.event_type = people.event_type
    where checks.check_id in (1, 11, 20) and checks.event_type <> '*' and checks.n < people.least_people
),

checks as (
    select
        checks.source_id, checks.event_type, checks.week_start_date, checks.check_id, checks.check_name,
        checks.severity, checks.statistic, checks.n, checks.p_value, checks.expected, checks.defect,
        checks.finding, checks.note, checks.threshold_version,
        -- a count of the events is a count of the people who made them; hours and days are not
        coalesce(people.is_hidden or checks.n < people.least_people, false)
        or few.source_id is not null
        or few_types.source_id is not null
        -- who skipped a step, and which accounts look automated, are few by nature: one may be a person
        or checks.check_id in (13, 15) as is_secret,
        checks.check_id in (9, 10) or (checks.check_id = 11 and checks.event_type = '*') as is_of_time
    from {{ source('guard', 'instrument_checks') }} as checks
    left join people on checks.source_id = people.source_id and checks.event_type = people.event_type
    left join few
        on
            checks.source_id = few.source_id
            and checks.event_type = few.event_type
            and checks.week_start_date = few.week_start_date
    left join few_types
        on
            checks.source_id = few_types.source_id
            and checks.event_type = few_types.event_type
            and checks.week_start_date = few_types.week_start_date
)

select
    source_id,
    event_type,
    week_start_date,
    cast(check_id as integer) as check_id,
    check_name,
    cast(severity as integer) as severity,
    case when is_of_time or not is_secret then cast(statistic as {{ double_type() }}) end as statistic,
    case when not is_secret then cast(n as bigint) end as n,
    case when not is_secret then cast(p_value as {{ double_type() }}) end as p_value,
    case when is_of_time or not is_secret then cast(expected as {{ double_type() }}) end as expected,
    defect,
    -- by how much an amount is off tells the amount; which property it is tells nobody's
    case
        when not is_secret then finding
        when check_id = 12 then split_part(finding, ' about ', 1)
    end as finding,
    note,
    cast(threshold_version as integer) as threshold_version
from checks
