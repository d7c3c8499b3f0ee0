-- grain: source, event type, day of the reporting zone with an event
with

events as (
    select
        source_id,
        event_type,
        cast({{ to_reporting_zone('occurred_at') }} as date) as occurred_date,
        classification = 'accepted' and not coalesce(is_heartbeat, false) as is_event,
        coalesce(is_heartbeat, false) as is_heartbeat
    from {{ ref('int_events_known') }}
    where classification in ('accepted', 'duplicate')
)

select
    source_id,
    event_type,
    occurred_date,
    count(*) filter (where is_event) as event_count,
    count(*) filter (where is_heartbeat) as heartbeat_count,
    count(*) as sign_count
from events
group by source_id, event_type, occurred_date
