{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence
with

events as (
    select
        source_id,
        event_type,
        occurred_week_start_date as week_start_date,
        event_id,
        coalesce(reason = 'same_id', false) as is_redelivered,
        coalesce(reason = 'same_id_other_payload', false) as has_other_payload,
        coalesce(reason = 'same_business_key', false) as is_counted_twice
    from {{ ref('int_events_known') }}
    where
        classification in ('accepted', 'duplicate')
        and not coalesce(is_heartbeat, false)
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    event_type,
    week_start_date,
    count(*) as received_count,
    count(*) filter (where is_redelivered) as redelivered_count,
    count(*) filter (where not is_redelivered and not has_other_payload) as distinct_count,
    count(*) filter (where has_other_payload) as other_payload_count,
    count(*) filter (where is_counted_twice) as counted_twice_count,
    {{ smallest_ids('event_id', 'is_redelivered') }} as redelivered_ids,
    {{ smallest_ids('event_id', 'has_other_payload') }} as other_payload_ids,
    {{ smallest_ids('event_id', 'is_counted_twice') }} as counted_twice_ids
from events
group by source_id, event_type, week_start_date
