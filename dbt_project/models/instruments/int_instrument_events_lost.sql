-- grain: source, event type, week from which lines were taken away, and nobody said that it was on purpose;
-- n is of what was there with them
with

lost as (
    select source_id, event_type, week_start_date, count(*) as lost_count
    from {{ ref('int_events_lost') }}
    where accepted_reason is null
    group by source_id, event_type, week_start_date
)

select
    lost.source_id,
    lost.event_type,
    lost.week_start_date,
    'gone' as aspect,
    lost.lost_count + coalesce(counted.distinct_count, 0) as event_count,
    lost.lost_count
from lost
left join {{ ref('int_instrument_events_counted') }} as counted
    on
        lost.source_id = counted.source_id
        and lost.event_type = counted.event_type
        and lost.week_start_date = counted.week_start_date
