with

files as (
    select file_id, connector, path, file_status, line_count
    from {{ source('landing', 'landing_files') }}
),

counted as (
    select file_id, accepted_line_count, duplicate_line_count, quarantined_line_count
    from {{ ref('int_file_lines_counted') }}
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
