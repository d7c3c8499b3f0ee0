{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, week, product, type of task with a start in it
select
    events.source_id,
    events.occurred_week_start_date as week_start_date,
    events.product_id,
    task_types.task_type_id,
    min(events.occurred_at) as first_started_at
from {{ ref('int_events_known') }} as events
inner join {{ source('registry', 'task_types') }} as task_types
    on
        events.event_type = task_types.start_event_type
        and {{ meets_condition('events.data', 'task_types.start_property', 'task_types.start_value') }}
where
    events.classification = 'accepted'
    and not coalesce(events.is_heartbeat, false)
    and events.product_id is not null
    {% if is_incremental() -%}
    and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
    {%- endif %}
group by events.source_id, events.occurred_week_start_date, events.product_id, task_types.task_type_id
