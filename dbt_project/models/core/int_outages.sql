-- one row per outage; what its first incident says about it stands for the outage
with

outages as (
    select
        product_id,
        interruption_number as outage_number,
        started_at,
        ended_at,
        incident_count,
        first_task_id
    from {{ ref('int_interruptions') }}
    where interruption_kind = 'outage'
),

first_incidents as (
    select
        task_id,
        start_source_id,
        observed_until_at,
        week_start_date,
        actor_id,
        segment_id,
        start_data
    from {{ ref('int_tasks') }}
    where task_type_id = 'incident'
)

select
    outages.product_id,
    first_incidents.start_source_id as source_id,
    outages.outage_number,
    outages.first_task_id as outage_id,
    outages.started_at,
    outages.ended_at,
    first_incidents.week_start_date,
    outages.ended_at is null as is_open,
    outages.incident_count,
    {{ json_text('first_incidents.start_data', "'detected_by'") }} as detected_by,
    coalesce(lower({{ json_text('first_incidents.start_data', "'detected_by'") }}) = 'user', false) as is_user_detected,
    {{ json_text('first_incidents.start_data', "'service'") }} as service_id,
    {{ json_text('first_incidents.start_data', "'severity'") }} as severity,
    -- an open outage has lasted until the end of what is known
    {{ micros_between(
        'outages.started_at', 'coalesce(outages.ended_at, first_incidents.observed_until_at)'
    ) }} / 3600000000.0 as duration_hours,
    first_incidents.segment_id,
    first_incidents.observed_until_at
from outages
inner join first_incidents on outages.first_task_id = first_incidents.task_id
