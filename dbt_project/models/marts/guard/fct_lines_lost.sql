-- grain: file, way in which lines of it were lost, source that this counts against, or nobody
with

hidden as (
    select distinct source_id
    from {{ ref('int_person_event_types') }}
    where event_type = '*' and is_hidden
),

losses as (
    select
        files.path,
        'unreadable' as loss,
        lines.source_id,
        1 as line_count,
        lines.week_start_date,
        cast(null as varchar) as reason
    from {{ ref('int_lines_unread') }} as lines
    inner join {{ source('landing', 'landing_files') }} as files on lines.file_id = files.file_id
    cross join {{ source('registry', 'run_context') }} as run_context
    where
        lines.source_id is not null
        and lines.week_start_date is not null
        and lines.known_at <= run_context.as_of_at
    union all
    select path, 'unreadable' as loss, source_id, line_count, week_start_date, cast(null as varchar) as reason
    from {{ ref('int_instrument_files_unread') }}
    union all
    select
        path,
        case when accepted_reason is null then 'taken_away' else 'taken_away_on_purpose' end as loss,
        source_id,
        1 as line_count,
        week_start_date,
        accepted_reason as reason
    from {{ ref('int_events_lost') }}
),

by_reason as (
    select
        {{ without_addresses('path') }} as path,
        loss,
        coalesce(source_id, 'nobody') as source_id,
        reason,
        cast(sum(line_count) as bigint) as line_count,
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
    case when hidden.source_id is null or losses.loss = 'unreadable' then cast(sum(losses.line_count) as bigint) end
        as line_count,
    min(losses.first_week_start_date) as first_week_start_date,
    max(losses.last_week_start_date) as last_week_start_date,
    string_agg(losses.reason, '; ' order by losses.reason) as reason
from by_reason as losses
left join hidden on losses.source_id = hidden.source_id
group by losses.path, losses.loss, losses.source_id, hidden.source_id
