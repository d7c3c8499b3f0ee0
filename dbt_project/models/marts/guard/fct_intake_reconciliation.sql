with

reconciliation as (
    select
        file_id, connector, path, file_status, line_count, accepted_line_count,
        duplicate_line_count, quarantined_line_count, is_balanced
    from {{ ref('int_intake_reconciliation') }}
),

files as (
    select
        file_id, problem, problem_detail
    from {{ source('landing', 'landing_files') }}
)

select
    reconciliation.file_id,
    reconciliation.connector,
    {{ without_addresses('reconciliation.path') }} as path,
    reconciliation.file_status,
    files.problem,
    files.problem_detail,
    cast(reconciliation.line_count as bigint) as line_count,
    cast(reconciliation.accepted_line_count as bigint) as accepted_line_count,
    cast(reconciliation.duplicate_line_count as bigint) as duplicate_line_count,
    cast(reconciliation.quarantined_line_count as bigint) as quarantined_line_count,
    reconciliation.is_balanced
from reconciliation
left join files on reconciliation.file_id = files.file_id
