with

updates as (
    select
        file_id,
        line_number,
        nullif(number, '?') as ticket_id,
        nullif(ident_state, '?') as ticket_state,
        {{ whole_number('reopen_count') }} as reopen_count,
        {{ whole_number('reassignment_count') }} as reassignment_count,
        {{ whole_number('sys_mod_count') }} as modification_count,
        made_sla = 'false' as is_sla_missed,
        nullif(sys_updated_by, '?') as updated_by,
        nullif(priority, '?') as priority,
        nullif(assignment_group, '?') as assignment_group,
        nullif(contact_type, '?') as contact_type,
        nullif(category, '?') as category,
        {{ day_month_instant('opened_at') }} as opened_at,
        {{ day_month_instant('resolved_at') }} as resolved_at,
        {{ day_month_instant('closed_at') }} as closed_at,
        {{ day_month_instant('sys_updated_at') }} as updated_at,
        'number ' || coalesce(number, '') || ', opened_at ' || coalesce(opened_at, '')
        || ', sys_updated_at ' || coalesce(sys_updated_at, '') as problem_detail
    from {{ source('raw', 'servicenow__incident_updates') }}
),

-- five tickets carry a wrong modification count on their first row: the clock orders the log
ordered as (
    select
        *,
        row_number() over by_time as update_number,
        lag(ticket_state) over by_time as previous_state,
        lead(ticket_state) over by_time as next_state,
        lag(reopen_count) over by_time as previous_reopen_count,
        lag(reassignment_count) over by_time as previous_reassignment_count,
        coalesce(lag(is_sla_missed) over by_time, false) as was_sla_missed,
        first_value(ticket_state) over by_time as first_state
    from updates
    window by_time as (
        partition by ticket_id order by updated_at, modification_count, line_number
    )
)

select
    file_id,
    line_number,
    update_number,
    ticket_id,
    ticket_state,
    previous_state,
    reopen_count,
    reassignment_count,
    modification_count,
    updated_by,
    priority,
    assignment_group,
    contact_type,
    category,
    opened_at,
    resolved_at,
    updated_at,
    problem_detail,
    update_number = 1 as is_first_update,
    -- answered while it was being written down: the tool records no time of resolution
    (first_state = 'Resolved' and resolved_at is null) as is_resolved_on_entry,
    (ticket_state = 'Resolved' and next_state is distinct from 'Resolved') as is_end_of_resolved_state,
    (ticket_state = 'Closed' and previous_state is distinct from 'Closed') as is_closing,
    reopen_count > coalesce(previous_reopen_count, 0) as is_reopening,
    reassignment_count > coalesce(previous_reassignment_count, 0) as is_reassignment,
    is_sla_missed and not was_sla_missed as is_sla_miss
from ordered
