{{ config(materialized='view') }}
-- what the metrics may count: accepted events, one row each
with

classified as (
    select
        event_id,
        source_id,
        product_id,
        event_type,
        subject_id,
        occurred_at,
        received_at,
        has_receive_clock,
        actor_id,
        actor_kind,
        segment_id,
        environment,
        correlation_id,
        causation_id,
        ingress_path,
        coalesce(sampled_rate, 1) as sampled_rate,
        coalesce(is_heartbeat, false) as is_heartbeat,
        data,
        occurred_week_start_date as week_start_date,
        file_id,
        line_number
    from {{ ref('int_events_known') }}
    where classification = 'accepted'
)

select
    event_id,
    source_id,
    product_id,
    event_type,
    subject_id,
    occurred_at,
    received_at,
    has_receive_clock,
    actor_id,
    actor_kind,
    segment_id,
    environment,
    correlation_id,
    causation_id,
    ingress_path,
    sampled_rate,
    is_heartbeat,
    data,
    week_start_date,
    file_id,
    line_number
from classified
