{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_events_rejudged'), ['file_id', 'line_number', 'event_number']) }}"
) }}
with

events as (
    select
        connector, file_id, line_number, event_number, event_id, source_id, event_type, subject_id,
        product_id, occurred_at, recorded_at, received_at, has_receive_clock, sequence, actor_id,
        actor_kind, segment_id, environment, ingress_path, correlation_id, causation_id,
        idempotency_key, sampled_rate, is_heartbeat, data, problem, problem_detail, is_of_future
    from {{ ref('int_events_judged') }}
),

copies as (
    select file_id, line_number, event_number, is_other_payload
    from {{ ref('int_events_identified') }}
    where copy_number > 1
),

doubles as (
    select file_id, line_number, event_number from {{ ref('int_events_double_ingress') }}
),

classified as (
    select
        events.connector,
        events.file_id,
        events.line_number,
        events.event_number,
        events.event_id,
        events.source_id,
        events.event_type,
        events.subject_id,
        events.product_id,
        events.occurred_at,
        events.recorded_at,
        events.received_at,
        events.has_receive_clock,
        events.sequence,
        events.actor_id,
        events.actor_kind,
        events.segment_id,
        events.environment,
        events.ingress_path,
        events.correlation_id,
        events.causation_id,
        events.idempotency_key,
        events.sampled_rate,
        events.is_heartbeat,
        events.data,
        case
            when events.problem is not null then 'quarantined'
            when copies.file_id is not null or doubles.file_id is not null then 'duplicate'
            else 'accepted'
        end as classification,
        case
            when events.problem is not null then events.problem
            when copies.is_other_payload then 'same_id_other_payload'
            when copies.file_id is not null then 'same_id'
            when doubles.file_id is not null then 'same_business_key'
        end as reason,
        events.problem_detail as reason_detail,
        -- what lies in the future was put there by a broken clock. Its week tells nothing, and would stand in the statistics
        -- of each part of the column, by which what is asked of a few weeks finds their part of it
        case when not events.is_of_future then {{ week_start('events.occurred_at') }} end as occurred_week_start_date,
        cast(events.received_at as date) as received_date,
        -- a copy that comes later is found by it
        {{ quick_hash(['events.source_id', 'events.event_id']) }} as id_hash
    from events
    left join copies
        on events.file_id = copies.file_id
            and events.line_number = copies.line_number
            and events.event_number = copies.event_number
    left join doubles
        on events.file_id = doubles.file_id
            and events.line_number = doubles.line_number
            and events.event_number = doubles.event_number
)

select
    *,
    -- what can't tell when it happened belongs to the week in which it came
    coalesce(occurred_week_start_date, {{ week_start('received_at') }}) as counted_week_start_date
from classified
