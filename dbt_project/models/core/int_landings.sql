-- one row per change that landed on the main line, the first notice of it
with

landings as (
    select
        product_id,
        source_id,
        event_id,
        subject_id as change_id,
        {{ json_text('data', "'service'") }} as service_id,
        {{ json_text('data', "'artifact'") }} as declared_version,
        coalesce(lower({{ json_text('data', "'is_revert'") }}), 'false') in ('true', '1') as is_revert,
        {{ json_text('data', "'authored_at'") }} as authored_text,
        {{ json_text('data', "'committed_at'") }} as committed_text,
        actor_id,
        occurred_at as landed_at,
        received_at,
        week_start_date
    from {{ ref('int_events_of_facts') }}
    where event_type in ('change.landed', 'change.committed') and not is_heartbeat
),

numbered as (
    select
        *,
        row_number() over (
            partition by product_id, service_id, change_id
            order by landed_at, received_at, source_id, event_id
        ) as copy_number
    from landings
)

select
    product_id,
    source_id,
    event_id,
    change_id,
    service_id,
    declared_version,
    is_revert,
    {{ to_utc('authored_text', naive_zone='UTC') }} as authored_at,
    {{ to_utc('committed_text', naive_zone='UTC') }} as committed_at,
    landed_at,
    actor_id,
    week_start_date
from numbered
where copy_number = 1
