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
),

-- files that bring events by which hidden people are counted: what else is in them is served elsewhere
coarse as (
    select distinct sent.file_id
    from {{ ref('int_file_sources_counted') }} as sent
    inner join {{ ref('int_person_event_types') }} as people
        on sent.source_id = people.source_id and people.event_type = '*' and people.is_hidden
),

told as (
    select
        reconciliation.*,
        coarse.file_id is not null as is_coarse,
        case
            when coarse.file_id is null then reconciliation.accepted_line_count
            else floor(reconciliation.accepted_line_count / steps.step + 0.5) * steps.step
        end as told_line_count
    from reconciliation
    cross join (select 2 * {{ setting_number('suppression_k_sensitive', 10) }} as step) as steps
    left join coarse on reconciliation.file_id = coarse.file_id
)

select
    told.file_id,
    told.connector,
    {{ without_addresses('told.path') }} as path,
    told.file_status,
    files.problem,
    files.problem_detail,
    cast(told.line_count - told.accepted_line_count + told.told_line_count as bigint) as line_count,
    cast(told.told_line_count as bigint) as accepted_line_count,
    cast(told.duplicate_line_count as bigint) as duplicate_line_count,
    cast(told.quarantined_line_count as bigint) as quarantined_line_count,
    told.is_coarse,
    told.is_balanced
from told
left join files on told.file_id = files.file_id
