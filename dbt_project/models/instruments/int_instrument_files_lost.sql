{{ config(materialized='view') }}
-- grain: file of which nothing tells whose or of which week its lines are, source that they say; how many they are
with

files as (
    select
        files.file_id,
        files.connector,
        files.path,
        {{ folder_of('files.path') }} as folder,
        files.file_status,
        files.problem,
        files.line_count
    from {{ source('landing', 'landing_files') }} as files
)

-- an empty file has lost nothing, and what no connector reads may be anything
select
    file_id, connector, path, folder, null as told_source_id, greatest(coalesce(line_count, 0), 1) as lost_count
from files
where file_status = 'quarantined' and problem not in ('empty_file', 'unclaimed_file')
union all
-- where lines say whose they are, only the week is taken from beside
select
    files.file_id, files.connector, files.path, files.folder, lines.source_id as told_source_id,
    count(*) as lost_count
from {{ ref('int_lines_unread') }} as lines
inner join files on lines.file_id = files.file_id
where lines.source_id is null or lines.week_start_date is null
group by files.file_id, files.connector, files.path, files.folder, lines.source_id
