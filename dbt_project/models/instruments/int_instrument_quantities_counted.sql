{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence, quantity that a measure sums. What can't be summed, and
-- how large the rest usually is, is at least and at most.
with

quantities as (
    select distinct
        item_type as event_type,
        quantity as property
    from {{ source('registry', 'measures') }}
    where item_kind = 'event' and quantity is not null
),

amounts as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        quantities.property,
        {{ safe_number(json_text('events.data', 'quantities.property')) }} as amount
    from {{ ref('int_events_known') }} as events
    inner join quantities on events.event_type = quantities.event_type
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and {{ json_text('events.data', 'quantities.property') }} is not null
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

logs as (
    select
        *,
        case when amount > 0 then amount end as positive_amount
    from amounts
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    count(*) as event_count,
    count(*) filter (where amount is null) as unreadable_count,
    {{ smallest_ids('event_id', 'amount is null') }} as unreadable_ids,
    -- the median of a week doesn't mind a few that are out of scale
    ln(percentile_cont(0.5) within group (order by positive_amount)) as median_log,
    ln(min(positive_amount)) as least_log,
    ln(max(positive_amount)) as most_log
from logs
group by source_id, event_type, week_start_date, property
