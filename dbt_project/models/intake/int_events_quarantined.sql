with

files as (
    select file_id, connector, path, file_status, problem, problem_detail
    from {{ source('landing', 'landing_files') }}
),

events as (
    select file_id, line_number, event_number, reason, reason_detail, source_id, event_type
    from {{ ref('int_lines_quarantined') }}
)

select
    files.connector,
    files.path,
    events.line_number,
    events.event_number,
    events.reason,
    events.reason_detail,
    events.source_id,
    events.event_type
from events
left join files on events.file_id = files.file_id

union all

-- a file that can't be read has no lines to name
select
    connector,
    path,
    cast(null as bigint) as line_number,
    cast(null as integer) as event_number,
    problem as reason,
    problem_detail as reason_detail,
    cast(null as varchar) as source_id,
    cast(null as varchar) as event_type
from files
where file_status = 'quarantined'
