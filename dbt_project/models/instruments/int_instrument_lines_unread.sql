-- grain: source, week with lines that can't be read; n is of all that the source sent, heartbeats too
with

lines as (
    select
        lines.source_id,
        lines.week_start_date,
        1 as line_count,
        lines.file_id || ':' || lines.line_number || ':' || lines.event_number as line_key
    from {{ ref('int_lines_unread') }} as lines
    cross join {{ source('registry', 'run_context') }} as run_context
    where lines.source_id is not null and lines.week_start_date is not null and lines.known_at <= run_context.as_of_at
    union all
    -- nobody can read which of its lines are whose
    select source_id, week_start_date, line_count, null as line_key
    from {{ ref('int_instrument_files_unread') }}
    where source_id is not null and week_start_date is not null
),

unread as (
    select
        source_id,
        week_start_date,
        sum(line_count) as unread_count,
        {{ smallest_ids('line_key', 'line_key is not null') }} as unread_ids
    from lines
    group by source_id, week_start_date
),

sent as (
    select source_id, week_start_date, sum(sign_count) as sent_count
    from {{ ref('int_source_days_counted') }}
    group by source_id, week_start_date
)

select
    unread.source_id,
    '*' as event_type,
    unread.week_start_date,
    'unreadable' as aspect,
    cast(coalesce(sent.sent_count, 0) + unread.unread_count as bigint) as line_count,
    cast(unread.unread_count as bigint) as unread_count,
    unread.unread_ids
from unread
left join sent on unread.source_id = sent.source_id and unread.week_start_date = sent.week_start_date
