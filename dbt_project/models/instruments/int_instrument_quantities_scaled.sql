-- grain: source, event type, week of occurrence, quantity that a measure sums. What can't be summed, and
-- what is a hundred times as large or as small as usual: milliseconds where seconds are promised.
{% set scale_log = 'ln(100)' %}
{% set past_weeks = 26 %}
{% set least_weeks = 4 %}
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
),

usual as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        -- the median of a week doesn't mind a few that are out of scale
        ln(percentile_cont(0.5) within group (order by amount)) as median_log
    from amounts
    where amount > 0
    group by source_id, event_type, week_start_date, property
),

past as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        count(*) over earlier as week_count,
        avg(median_log) over earlier as median_log
    from usual
    window earlier as (
        partition by source_id, event_type, property order by week_start_date
        rows between {{ past_weeks }} preceding and 1 preceding
    )
),

compared as (
    select
        amounts.source_id,
        amounts.event_type,
        amounts.week_start_date,
        amounts.event_id,
        amounts.property,
        amounts.amount is null as is_unreadable,
        coalesce(
            abs(ln(case when amounts.amount > 0 then amounts.amount end) - past.median_log) > {{ scale_log }},
            false
        ) as is_out_of_scale
    from amounts
    left join past
        on
            amounts.source_id = past.source_id
            and amounts.event_type = past.event_type
            and amounts.week_start_date = past.week_start_date
            and amounts.property = past.property
            and past.week_count >= {{ least_weeks }}
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    count(*) as event_count,
    count(*) filter (where is_unreadable) as unreadable_count,
    count(*) filter (where is_out_of_scale) as out_of_scale_count,
    {{ smallest_ids('event_id', 'is_unreadable') }} as unreadable_ids,
    {{ smallest_ids('event_id', 'is_out_of_scale') }} as out_of_scale_ids
from compared
group by source_id, event_type, week_start_date, property
