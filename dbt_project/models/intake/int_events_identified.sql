{% set received, judged = ref('int_events_received'), ref('int_events_judged') %}
-- Most ids come once. A hash that comes twice makes its events candidates, and only these are put in
-- order; a hash shared by chance makes a candidate more and no copy.
with

received as (
    select source_id, event_id
    {% if is_increment() -%}
    from {{ judged }}
    where event_id is not null and is_with_all_copies
    {%- else -%}
    -- fewer columns of the files: what is checked costs more to read
    from {{ received }}
    where event_id is not null
    {%- endif %}
),

repeated_hashes as (
    select {{ quick_hash(['source_id', 'event_id']) }} as id_hash
    from received
    group by {{ quick_hash(['source_id', 'event_id']) }}
    having count(*) > 1
),

candidates as (
    select
        events.*,
        -- what the same event says again when it is delivered again, and nothing of the delivery
        md5(concat_ws(
            '|',
            {%- for column in [
                'event_type', 'subject_id', 'product_id', 'occurred_at', 'recorded_at',
                'sequence', 'actor_id', 'actor_kind', 'segment_id', 'environment', 'ingress_path',
                'correlation_id', 'causation_id', 'idempotency_key', 'sampled_rate',
                'is_heartbeat', 'data',
            ] %}
            coalesce(cast(events.{{ column }} as varchar), '-'){{ "," if not loop.last }}
            {%- endfor %}
        )) as payload_hash
    from {{ judged }} as events
    where events.problem is null
        and events.is_with_all_copies
        and {{ quick_hash(['events.source_id', 'events.event_id']) }} in (
            select id_hash from repeated_hashes
        )
)

-- delivery is at least once: keep the first copy received of each id. Ties go by content, so that
-- the files in which the copies lie don't matter
select
    file_id,
    line_number,
    event_number,
    row_number() over first_received as copy_number,
    payload_hash <> first_value(payload_hash) over first_received as is_other_payload
from candidates
window first_received as (
    partition by source_id, event_id
    order by received_at, payload_hash, file_id, line_number, event_number
)
