{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, week, UTC day of occurrence. Duplicates and heartbeats are signs of life as well, and so is what was
-- set aside for its type only: a tool that renamed what it sends isn't silent
with

events as (
    select
        events.source_id,
        events.occurred_week_start_date as week_start_date,
        events.occurred_at,
        events.received_at,
        case when events.has_receive_clock then events.received_at end as clocked_at,
        events.classification = 'accepted' as is_accepted,
        events.classification = 'quarantined' as is_set_aside,
        -- until the series ended
        coalesce(events.occurred_at <= sources.observed_until, true) as is_observed
    from {{ ref('int_events_known') }} as events
    left join {{ source('registry', 'sources') }} as sources on events.source_id = sources.source_id
    where
        (events.classification in ('accepted', 'duplicate') or events.reason = 'unknown_type')
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    week_start_date,
    cast(occurred_at as date) as occurred_date,
    count(*) as sign_count,
    -- what came again isn't sent more often for it
    count(*) filter (where is_accepted) as accepted_count,
    count(*) filter (where is_observed) as observed_sign_count,
    -- what a source began with is what could be used
    min(case when not is_set_aside then occurred_at end) as first_occurred_at,
    max(occurred_at) as last_occurred_at,
    max(case when is_observed then occurred_at end) as last_observed_at,
    min(case when not is_set_aside then received_at end) as first_received_at,
    max(received_at) as last_received_at,
    min(case when not is_set_aside then clocked_at end) as first_clocked_at,
    min(case when is_accepted then clocked_at end) as first_accepted_at
from events
group by source_id, week_start_date, cast(occurred_at as date)
