{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
{% set least_actions = 5 %}
-- grain: source, event type, week in which events are repeated under new ids, whether stamps are finer than a second
with

weeks as (
    select source_id, event_type, week_start_date, aspect
    from {{ ref('int_instrument_events_repeated') }}
    where
        instant_count > 0
        {% if is_incremental() -%}
        and (source_id, week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

-- what the repetitions are looked for in
events as (
    select
        weeks.source_id,
        weeks.event_type,
        weeks.week_start_date,
        weeks.aspect,
        events.occurred_at,
        events.subject_id,
        events.actor_id,
        events.product_id,
        events.correlation_id,
        events.idempotency_key,
        events.data
    from {{ ref('int_events_known') }} as events
    inner join weeks
        on
            events.source_id = weeks.source_id
            and events.event_type = weeks.event_type
            and events.occurred_week_start_date = weeks.week_start_date
            and weeks.aspect = case
                when events.occurred_at > date_trunc('second', events.occurred_at) then 'new ids'
                else 'new ids to the second'
            end
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and events.occurred_at > date_trunc('minute', events.occurred_at)
        and (events.actor_id is not null or events.occurred_at > date_trunc('second', events.occurred_at))
),

actions as (
    select source_id, event_type, week_start_date, aspect, occurred_at, count(*) as copy_count
    from events
    group by
        source_id, event_type, week_start_date, aspect, occurred_at, subject_id, actor_id, product_id, correlation_id,
        idempotency_key, data
),

-- one that was sent again wholly has two copies of what it had once, and four of what it had twice
batches as (
    select
        source_id,
        event_type,
        week_start_date,
        aspect,
        case
            when max(copy_count % 2) = 0 then sum(copy_count) / 2
            when max(copy_count % 3) = 0 then sum(copy_count) * 2 / 3
        end as copied_count
    from actions
    group by source_id, event_type, week_start_date, aspect, occurred_at
    having count(*) >= {{ least_actions }}
)

select
    source_id,
    event_type,
    week_start_date,
    aspect,
    count(*) as batch_count,
    count(copied_count) as whole_count,
    cast(coalesce(sum(copied_count), 0) as bigint) as copied_count
from batches
group by source_id, event_type, week_start_date, aspect
