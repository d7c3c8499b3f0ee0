{% set columns = [
    'connector', 'file_id', 'line_number', 'event_number', 'event_id', 'source_id', 'event_type',
    'subject_id', 'product_id', 'occurred_at', 'recorded_at', 'received_at', 'has_receive_clock',
    'sequence', 'actor_id', 'actor_kind', 'segment_id', 'environment', 'ingress_path',
    'correlation_id', 'causation_id', 'idempotency_key', 'sampled_rate', 'is_heartbeat', 'data',
] %}
{% set stored = left_by_earlier_runs('intake', 'int_events_classified') %}
{% set action = ['product_id', 'event_type', 'subject_id', 'actor_id'] %}

{% if not is_increment() -%}
-- everything is judged for the first time
select
    {{ columns | join(', ') }},
    cast(null as boolean) as has_new_copy,
    cast(null as varchar) as classification,
    cast(null as varchar) as reason
from {{ ref('int_events_checked') }}
where false
{%- else -%}
-- events of earlier runs that what is new may make a copy, or a double, or neither any more
with

new_events as (
    select source_id, event_id, {{ action | join(', ') }}, coalesce(idempotency_key, '') as idempotency_key
    from {{ ref('int_events_checked') }}
    where problem is null
),

same_ids as (
    select {{ columns | join(', ') }}, classification, reason
    from {{ rows_in_scope(stored, 'new_events', ['id_hash'], [quick_hash(['source_id', 'event_id'])]) }} as stored
    where classification <> 'quarantined'
),

-- what changes among the copies of an id changes what they are doubles of
actions as (
    select {{ action | join(', ') }}, idempotency_key from new_events
    union
    select {{ action | join(', ') }}, coalesce(idempotency_key, '') as idempotency_key from same_ids
),

same_actions as (
    select {{ columns | join(', ') }}, classification, reason
    from {{ stored }}
    where (classification = 'accepted' or reason = 'same_business_key')
        and event_type in (
            select event_type
            from {{ ref('int_event_paths') }}
            group by event_type
            having count(distinct ingress_path) > 1
        )
        and ({{ action | join(', ') }}, coalesce(idempotency_key, '')) in (
            select {{ action | join(', ') }}, idempotency_key from actions
        )
        and not exists (
            select 1
            from same_ids
            where same_ids.file_id = {{ stored.identifier }}.file_id
                and same_ids.line_number = {{ stored.identifier }}.line_number
                and same_ids.event_number = {{ stored.identifier }}.event_number
        )
)

select {{ columns | join(', ') }}, true as has_new_copy, classification, reason from same_ids
union all
select {{ columns | join(', ') }}, false as has_new_copy, classification, reason from same_actions
{%- endif %}
