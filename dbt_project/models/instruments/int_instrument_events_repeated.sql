{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
{% set action = ['source_id', 'event_type', 'subject_id', 'actor_id', 'occurred_at'] %}
-- grain: source, event type, week of occurrence, whether stamps are finer than a second; at how many
-- instants an accepted event says again under another id what one before it said
with

-- read twice, for fewer columns the first time: kept, it would cost more
events as not materialized (
    select
        source_id,
        event_type,
        occurred_week_start_date as week_start_date,
        event_id,
        subject_id,
        actor_id,
        product_id,
        correlation_id,
        idempotency_key,
        data,
        occurred_at,
        received_at,
        occurred_at > date_trunc('second', occurred_at) as is_fine,
        {{ quick_hash(action) }} as action_hash
    from {{ ref('int_events_known') }}
    where
        classification = 'accepted'
        and not coalesce(is_heartbeat, false)
        -- nobody knows how many things may happen in a minute; and who it was tells two views of one page apart
        and occurred_at > date_trunc('minute', occurred_at)
        and (actor_id is not null or occurred_at > date_trunc('second', occurred_at))
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

counted as (
    select source_id, event_type, week_start_date, is_fine, count(*) as event_count
    from events
    group by source_id, event_type, week_start_date, is_fine
),

repeated_hashes as (
    select action_hash from events
    group by action_hash
    having count(*) > 1
),

numbered as (
    select
        source_id,
        event_type,
        week_start_date,
        is_fine,
        event_id,
        occurred_at,
        row_number() over (
            partition by
                {{ action | join(', ') }}, product_id, correlation_id, idempotency_key, data
            order by received_at, event_id
        ) as copy_number
    from events
    where action_hash in (select action_hash from repeated_hashes)
),

repeated as (
    select
        source_id,
        event_type,
        week_start_date,
        is_fine,
        -- what one commit or batch says many times over is one piece of evidence
        count(distinct occurred_at) as instant_count,
        {{ smallest_ids('event_id', 'true') }} as repeated_ids
    from numbered
    where copy_number > 1
    group by source_id, event_type, week_start_date, is_fine
)

select
    counted.source_id,
    counted.event_type,
    counted.week_start_date,
    case when counted.is_fine then 'new ids' else 'new ids to the second' end as aspect,
    counted.event_count,
    coalesce(repeated.instant_count, 0) as instant_count,
    repeated.repeated_ids
from counted
left join repeated
    on
        counted.source_id = repeated.source_id
        and counted.event_type = repeated.event_type
        and counted.week_start_date = repeated.week_start_date
        and counted.is_fine = repeated.is_fine
