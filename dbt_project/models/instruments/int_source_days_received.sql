{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_days_changed'), ['source_id', 'received_date']) }}"
) }}
{% set changed = ref('int_source_days_changed') %}
-- grain: source with a receive clock, week, UTC day of receipt. What was set aside has been received, too
with

events as (
    select
        events.source_id,
        events.received_at,
        events.received_date,
        -- until the series ended
        coalesce(events.received_at <= sources.observed_until, true) as is_observed
    from {{ ref('int_events_known') }} as events
    left join {{ source('registry', 'sources') }} as sources on events.source_id = sources.source_id
    where
        events.source_id is not null
        and events.classification in ('accepted', 'duplicate', 'quarantined')
        and events.has_receive_clock
        {% if is_incremental() -%}
        and (events.source_id, events.received_date) in (select source_id, received_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    {{ week_start('received_at') }} as week_start_date,
    received_date,
    count(*) as sign_count,
    max(received_at) as last_received_at,
    count(*) filter (where is_observed) as observed_sign_count,
    max(case when is_observed then received_at end) as last_observed_at
from events
group by source_id, {{ week_start('received_at') }}, received_date
