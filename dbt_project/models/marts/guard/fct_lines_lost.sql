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
        lines.week_start_date
    from {{ ref('int_lines_unread') }} as lines
    inner join {{ source('landing', 'landing_files') }} as files on lines.file_id = files.file_id
    cross join {{ source('registry', 'run_context') }} as run_context
    where
        lines.source_id is not null
        and lines.week_start_date is not null
        and lines.known_at <= run_context.as_of_at
    union all
    select path, 'unreadable' as loss, source_id, line_count, week_start_date
    from {{ ref('int_instrument_files_unread') }}
    union all
    select path, 'taken_away' as loss, source_id, 1 as line_count, week_start_date
    from {{ ref('int_events_lost') }}
)

select
    {{ without_addresses('losses.path') }} as path,
    losses.loss,
    coalesce(losses.source_id, 'nobody') as counts_against,
    -- what was taken away was events, and of some nobody may know how many there were
    case when hidden.source_id is null or losses.loss = 'unreadable' then cast(sum(losses.line_count) as bigint) end
        as line_count,
    min(losses.week_start_date) as first_week_start_date,
    max(losses.week_start_date) as last_week_start_date
from losses
left join hidden on losses.source_id = hidden.source_id
group by {{ without_addresses('losses.path') }}, losses.loss, coalesce(losses.source_id, 'nobody'), hidden.source_id
