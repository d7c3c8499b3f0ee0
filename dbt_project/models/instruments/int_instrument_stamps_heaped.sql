{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, event type, week of occurrence, place on the clock where stamps may heap; only for
-- events at the ends of durations, which heaped stamps round
with

ends as (
    select event_type
    from {{ source('registry', 'tracking_plan') }}
    where role in ('start', 'finish')
    union
    select start_event_type as event_type
    from {{ source('registry', 'task_types') }}
    union
    select finish_event_type as event_type
    from {{ source('registry', 'task_types') }}
),

events as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        {{ to_reporting_zone('events.occurred_at') }} as local_at
    from {{ ref('int_events_known') }} as events
    inner join ends on events.event_type = ends.event_type
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

stamps as (
    select
        source_id,
        event_type,
        week_start_date,
        event_id,
        extract(minute from local_at) as local_minute,
        extract(hour from local_at) as local_hour
    from events
),

{#- place: where stamps lie on it, its share of all stamps -#}
{% set places = [
    ('minute 0', 'local_minute = 0', '1 / 60.0'),
    ('minute 30', 'local_minute = 30', '1 / 60.0'),
    ('midnight', 'local_hour = 0 and local_minute = 0', '1 / 1440.0'),
] %}
counted as (
    select
        source_id,
        event_type,
        week_start_date,
        {%- for _, condition, _ in places %}
        count(*) filter (where {{ condition }}) as heaped_count_{{ loop.index }},
        {{ smallest_ids('event_id', condition) }} as heaped_ids_{{ loop.index }},
        {%- endfor %}
        count(*) as stamp_count
    from stamps
    group by source_id, event_type, week_start_date
),

places as (
    {% for place, _, share in places %}
        select
            source_id,
            event_type,
            week_start_date,
            '{{ place }}' as aspect,
            {{ share }} as even_share,
            stamp_count,
            heaped_count_{{ loop.index }} as heaped_count,
            heaped_ids_{{ loop.index }} as heaped_ids
        from counted
        {% if not loop.last %} union all {% endif %}
    {% endfor %}
)

select
    source_id,
    event_type,
    week_start_date,
    aspect,
    even_share,
    stamp_count,
    heaped_count,
    heaped_count / (stamp_count * even_share) as heaping_index,
    heaped_ids
from places
