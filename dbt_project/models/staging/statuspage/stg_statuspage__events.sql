{#- An incident is any entry of the page; an outage is one that is no planned maintenance. -#}
{% set facts = [
    ('incident.detected', 'is_first_update'),
    ('outage.reported', 'is_first_update and not is_maintenance'),
    ('incident.resolved', 'is_last_end'),
    ('outage.ended', 'is_last_end and not is_maintenance'),
    ('incident.updated', 'not is_first_update and not is_last_end'),
] %}

with

updates as (
    select
        file_id,
        line_number,
        update_number,
        incident_id,
        impact,
        components,
        status,
        updated_at,
        is_first_update,
        is_last_end,
        coalesce(impact, '') = 'maintenance' as is_maintenance,
        problem,
        problem_detail
    from {{ ref('stg_statuspage__incident_updates') }}
),

-- an incident told only after the fact has one update, which both detects and resolves it
events as (
    {%- for event_type, condition in facts %}
    select
        *,
        {{ facts | length }} * (update_number - 1) + {{ loop.index }} as event_number,
        '{{ event_type }}' as event_type
    from updates
    where {{ condition }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    {{ native_event({
        'connector': "'statuspage'",
        'event_id': "incident_id || '/' || cast(event_number as varchar)",
        'source_id': "'statuspage'",
        'subject_id': 'incident_id',
        'occurred_at': 'updated_at',
        'correlation_id': 'incident_id',
        'environment': "'production'",
        'data': json_document({
            'severity': 'impact',
            'maintenance': 'is_maintenance',
            'status': 'status',
            'components': 'components',
        }),
        'problem': "case
            when problem is not null then problem
            when incident_id is null then 'missing_attribute'
            when updated_at is null then 'unparsable_time'
        end",
        'problem_detail': "coalesce(problem_detail, 'incident ' || coalesce(incident_id, 'without id'))",
    }) }}
from events
