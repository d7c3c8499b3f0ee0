select
    connector,
    file_id,
    line_number,
    1 as event_number,
    cast(null as varchar) as event_id,
    cast(null as varchar) as source_id,
    cast(null as varchar) as event_type,
    cast(null as varchar) as subject_id,
    cast(null as varchar) as product_id,
    cast(null as timestamp) as occurred_at,
    cast(null as timestamp) as recorded_at,
    cast(null as timestamp) as received_at,
    cast(null as varchar) as sequence,
    cast(null as varchar) as actor_id,
    'unknown' as actor_kind,
    cast(null as varchar) as segment_id,
    cast(null as varchar) as environment,
    cast(null as varchar) as ingress_path,
    cast(null as varchar) as correlation_id,
    cast(null as varchar) as causation_id,
    cast(null as varchar) as idempotency_key,
    1 as sampled_rate,
    false as is_heartbeat,
    cast(null as varchar) as data,
    problem,
    -- not the line's text: it may name people, and this is published
    problem_detail
from {{ source('raw', 'rejected_lines') }}
{% if is_increment() -%}
where file_id in (select file_id from {{ source('built', 'new_files') }})
{% endif %}