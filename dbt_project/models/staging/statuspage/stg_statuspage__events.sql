{#- Planned maintenance is neither up nor down: it has types of its own and never is an outage. -#}
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
    select
        *,
        2 * update_number - 1 as event_number,
        case
            when is_maintenance and is_first_update then 'maintenance.scheduled'
            when is_maintenance and status = 'In progress' then 'maintenance.started'
            when is_maintenance and is_last_end then 'maintenance.finished'
            when is_maintenance then 'maintenance.updated'
            when is_first_update then 'incident.detected'
            when is_last_end then 'incident.resolved'
            else 'incident.updated'
        end as event_type
    from updates

    union all

    select
        *,
        2 * update_number as event_number,
        'incident.resolved' as event_type
    from updates
    where is_first_update and is_last_end and not is_maintenance
)

select
    {{ native_event({
        'connector': "'statuspage'",
        'event_id': "incident_id || '/' || event_number",
        'source_id': "'statuspage'",
        'subject_id': 'incident_id',
        'occurred_at': 'updated_at',
        'correlation_id': 'incident_id',
        'environment': "'production'",
        'data': json_document({
            'impact': 'impact',
            'status': 'status',
            'components': 'components',
        }),
        'problem': "case
            when problem is not null then problem
            when incident_id is null then 'missing_attribute'
            when updated_at is null then 'unparsable_time'
        end",
        'problem_detail': "coalesce(problem_detail, 'update ' || update_number || ' of ' || incident_id)",
    }) }}
from events
