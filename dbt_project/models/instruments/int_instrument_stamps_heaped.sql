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
        extract(minute from {{ to_reporting_zone('events.occurred_at') }}) as local_minute,
        extract(hour from {{ to_reporting_zone('events.occurred_at') }}) as local_hour
    from {{ ref('int_events_known') }} as events
    inner join ends on events.event_type = ends.event_type
    where events.classification = 'accepted' and not coalesce(events.is_heartbeat, false)
),

{#- place: where stamps lie on it, its share of all stamps -#}
{% set places = [
    ('minute 0', 'local_minute = 0', '1 / 60.0'),
    ('minute 30', 'local_minute = 30', '1 / 60.0'),
    ('midnight', 'local_hour = 0 and local_minute = 0', '1 / 1440.0'),
] %}
places as (
    {% for place, condition, share in places %}
        select
            source_id,
            event_type,
            week_start_date,
            '{{ place }}' as aspect,
            {{ share }} as even_share,
            count(*) as stamp_count,
            count(*) filter (where {{ condition }}) as heaped_count,
            {{ smallest_ids('event_id', condition) }} as heaped_ids
        from events
        group by source_id, event_type, week_start_date
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
