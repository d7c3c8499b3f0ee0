{{ config(materialized='view') }}
{% set columns = [
    'connector', 'file_id', 'line_number', 'event_number', 'event_id', 'source_id', 'event_type',
    'subject_id', 'product_id', 'occurred_at', 'recorded_at', 'received_at', 'has_receive_clock',
    'sequence', 'actor_id', 'actor_kind', 'segment_id', 'environment', 'ingress_path',
    'correlation_id', 'causation_id', 'idempotency_key', 'sampled_rate', 'is_heartbeat', 'data',
] %}
-- what this run classifies: everything new, and what was stored and has to be looked at again
select {{ columns | join(', ') }}, problem, problem_detail, is_of_future, true as is_with_all_copies
from {{ ref('int_events_checked') }}
{%- if is_increment() %}
union all
select
    {{ columns | join(', ') }},
    cast(null as varchar) as problem,
    cast(null as varchar) as problem_detail,
    -- what was set aside isn't looked at again
    false as is_of_future,
    has_new_copy as is_with_all_copies
from {{ ref('int_events_rejudged') }}
{%- endif %}
