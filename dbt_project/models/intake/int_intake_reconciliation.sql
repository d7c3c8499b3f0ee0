with

files as (
    select file_id, connector, path, file_status, line_count
    from {{ source('landing', 'landing_files') }}
),

events as (
    select
        file_id,
        line_number,
        event_number,
        case classification when 'quarantined' then 3 when 'accepted' then 2 else 1 end as rank
    from {{ ref('int_events_classified') }}
),

files_with_many_on_a_line as (
    select distinct file_id from events where event_number > 1
),

-- a line may hold several events: it is as bad as its worst
lines as (
    select file_id, max(rank) as rank
    from events
    where file_id in (select file_id from files_with_many_on_a_line)
    group by file_id, line_number

    union all

    select file_id, rank
    from events
    where file_id not in (select file_id from files_with_many_on_a_line)
),

counted as (
    select
        file_id,
        count(*) filter (where rank = 2) as accepted_line_count,
        count(*) filter (where rank = 1) as duplicate_line_count,
        count(*) filter (where rank = 3) as quarantined_line_count
    from lines
    group by file_id
),

-- full: lines of a file that the manifest doesn't know would be lost from the sums
reconciled as (
    select
        coalesce(files.file_id, counted.file_id) as file_id,
        files.connector,
        files.path,
        files.file_status,
        coalesce(files.line_count, 0) as line_count,
        coalesce(counted.accepted_line_count, 0) as accepted_line_count,
        coalesce(counted.duplicate_line_count, 0) as duplicate_line_count,
        coalesce(counted.quarantined_line_count, 0)
        + case when files.file_status = 'quarantined' then files.line_count else 0 end
            as quarantined_line_count
    from files
    full join counted on files.file_id = counted.file_id
)

select
    file_id,
    connector,
    path,
    file_status,
    line_count,
    accepted_line_count,
    duplicate_line_count,
    quarantined_line_count,
    line_count = accepted_line_count + duplicate_line_count + quarantined_line_count as is_balanced
from reconciled
