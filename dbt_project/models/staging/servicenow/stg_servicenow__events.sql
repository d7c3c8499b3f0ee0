{#- Each row of the log says one or several things; a row that says none of them is an update. -#}
{% set facts = [
    ('ticket.opened', 'is_first_update and not is_resolved_on_entry', 'opened_at'),
    ('ticket.resolved_on_entry', 'is_first_update and is_resolved_on_entry', 'opened_at'),
    ('ticket.resolved', 'is_end_of_resolved_state and resolved_at is not null', 'updated_at'),
    ('ticket.cancelled', 'is_closing and resolved_at is null and not is_resolved_on_entry', 'updated_at'),
    ('ticket.closed', 'is_closing', 'updated_at'),
    ('ticket.reopened', 'is_reopening', 'updated_at'),
    ('ticket.reassigned', 'is_reassignment', 'updated_at'),
    ('ticket.sla_missed', 'is_sla_miss', 'updated_at'),
] %}

with

updates as (
    select
        file_id,
        line_number,
        ticket_id,
        ticket_state,
        previous_state,
        reopen_count,
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
        is_first_update,
        is_resolved_on_entry,
        is_end_of_resolved_state,
        is_closing,
        is_reopening,
        is_reassignment,
        is_sla_miss
    from {{ ref('stg_servicenow__ticket_updates') }}
),

events as (
    {%- for event_type, condition, instant in facts %}
    select *, {{ loop.index }} as event_number, '{{ event_type }}' as event_type,
        {{ instant }} as occurred_at
    from updates
    where {{ condition }}
    union all
    {%- endfor %}
    select *, {{ facts | length + 1 }} as event_number, 'ticket.updated' as event_type,
        updated_at as occurred_at
    from updates
    where
        true
        {%- for _, condition, _ in facts %}
        and ({{ condition }}) is not true
        {%- endfor %}
)

select
    {{ native_event({
        'connector': "'servicenow'",
        'event_id': "ticket_id || '/' || cast(modification_count as varchar) || '/' || cast(updated_at as varchar) || '/' || event_type",
        'source_id': "'servicenow'",
        'subject_id': 'ticket_id',
        'occurred_at': 'occurred_at',
        'recorded_at': 'updated_at',
        'received_at': 'updated_at',
        'actor_id': 'updated_by',
        'actor_kind': "case when updated_by is null then 'unknown' else 'human' end",
        'data': json_document({
            'state': 'ticket_state',
            'previous_state': 'previous_state',
            'reopen_count': 'reopen_count',
            'priority': 'priority',
            'assignment_group': 'assignment_group',
            'contact_type': 'contact_type',
            'category': 'category',
        }),
        'problem': "case
            when ticket_id is null then 'missing_attribute'
            when occurred_at is null or updated_at is null then 'unparsable_time'
        end",
        'problem_detail': 'problem_detail',
    }) }}
from events
