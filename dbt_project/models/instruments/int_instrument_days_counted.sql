{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, day of the reporting zone with an event, of a type that is planned or not
with

events as (
    select
        source_id,
        event_type,
        occurred_week_start_date as week_start_date,
        cast({{ to_reporting_zone('occurred_at') }} as date) as occurred_date,
        classification = 'accepted' as is_accepted,
        coalesce(is_heartbeat, false) as is_heartbeat,
        classification = 'quarantined' as is_unplanned
    from {{ ref('int_events_known') }}
    where
        (classification in ('accepted', 'duplicate') or reason = 'unknown_type')
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    event_type,
    week_start_date,
    occurred_date,
    count(*) filter (where is_accepted and not is_heartbeat) as event_count,
    count(*) filter (where is_accepted and is_heartbeat) as heartbeat_count,
    count(*) as sign_count,
    -- set aside, for no plan names the type
    is_unplanned
from events
group by source_id, event_type, week_start_date, occurred_date, is_unplanned
