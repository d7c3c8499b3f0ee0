{{ config(materialized='view') }}
-- what was known at the as-of instant: an earlier reading must not see what came in after it
with

events as (
    select
        connector, file_id, line_number, event_number, event_id, source_id, event_type, subject_id,
        product_id, occurred_at, recorded_at, received_at, has_receive_clock, sequence, actor_id,
        actor_kind, segment_id, environment, ingress_path, correlation_id, causation_id,
        idempotency_key, sampled_rate, is_heartbeat, data, classification, reason, reason_detail,
        occurred_week_start_date, received_date, counted_week_start_date
    from {{ ref('int_events_classified') }}
)

select
    connector, file_id, line_number, event_number, event_id, source_id, event_type, subject_id,
    product_id, occurred_at, recorded_at, received_at, has_receive_clock, sequence, actor_id,
    actor_kind, segment_id, environment, ingress_path, correlation_id, causation_id,
    idempotency_key, sampled_rate, is_heartbeat, data, classification, reason, reason_detail,
    occurred_week_start_date, received_date, counted_week_start_date
from events
cross join {{ source('registry', 'run_context') }} as run_context
where {{ is_known('events') }}
