-- grain: file, way in which lines of it were lost, source that this counts against, or nobody
with

hidden as (
    select distinct source_id
    from {{ ref('int_person_event_types') }}
    where event_type = '*' and is_hidden
),

-- of few people's events nobody may know how many there were, nor how many of them are gone
few as (
    select distinct checks.source_id, checks.event_type, checks.week_start_date
    from {{ source('guard', 'instrument_checks') }} as checks
    inner join {{ ref('int_person_event_types') }} as people
        on checks.source_id = people.source_id and checks.event_type = people.event_type
    where
        checks.event_type <> '*'
        and (people.is_hidden or (checks.check_id in (1, 11, 20) and checks.n < people.least_people))
),

losses as (
    select
        files.path,
        'unreadable' as loss,
        lines.source_id,
        1 as line_count,
        lines.week_start_date,
        cast(null as varchar) as reason,
        false as is_few
    from {{ ref('int_lines_unread') }} as lines
    inner join {{ source('landing', 'landing_files') }} as files on lines.file_id = files.file_id
    cross join {{ source('registry', 'run_context') }} as run_context
    where
        lines.source_id is not null
        and lines.week_start_date is not null
        and lines.known_at <= run_context.as_of_at
    union all
    select path, 'unreadable' as loss, source_id, line_count, week_start_date, cast(null as varchar) as reason,
        false as is_few
    from {{ ref('int_instrument_files_unread') }}
    union all
    select
        lost.path,
        case when lost.accepted_reason is null then 'taken_away' else 'taken_away_on_purpose' end as loss,
        lost.source_id,
        1 as line_count,
        lost.week_start_date,
        lost.accepted_reason as reason,
        few.source_id is not null as is_few
    from {{ ref('int_events_lost') }} as lost
    left join few
        on
            lost.source_id = few.source_id
            and lost.event_type = few.event_type
            and lost.week_start_date = few.week_start_date
),

by_reason as (
    select
        {{ without_addresses('path') }} as path,
        loss,
        coalesce(source_id, 'nobody') as source_id,
        reason,
        cast(sum(line_count) as bigint) as line_count,
        bool_or(is_few) as is_few,
        min(week_start_date) as first_week_start_date,
        max(week_start_date) as last_week_start_date
    from losses
    group by {{ without_addresses('path') }}, loss, coalesce(source_id, 'nobody'), reason
)

select
    losses.path,
    losses.loss,
    losses.source_id as counts_against,
    -- what was taken away was events, and of some nobody may know how many there were
    case
        when losses.loss = 'unreadable' or not (hidden.source_id is not null or bool_or(losses.is_few))
            then cast(sum(losses.line_count) as bigint)
    end
        as line_count,
    min(losses.first_week_start_date) as first_week_start_date,
    max(losses.last_week_start_date) as last_week_start_date,
    string_agg(losses.reason, '; ' order by losses.reason) as reason
from by_reason as losses
left join hidden on losses.source_id = hidden.source_id
group by losses.path, losses.loss, losses.source_id, hidden.source_id
