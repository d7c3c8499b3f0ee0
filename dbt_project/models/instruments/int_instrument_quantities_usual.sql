{{ config(materialized='view') }}
-- grain: source, event type, week of occurrence, quantity. What was usual before the week, NULL where too
-- little is known, and whether anything in the week is a hundred times as large or as small.
{% set scale_log = 'ln(100)' %}
{% set past_weeks = 26 %}
{% set least_weeks = 4 %}
with

weeks as (
    select
        source_id, event_type, week_start_date, property, event_count, unreadable_count, unreadable_ids,
        median_log, least_log, most_log
    from {{ ref('int_instrument_quantities_counted') }}
),

past as (
    select
        source_id,
        event_type,
        week_start_date,
        property,
        count(*) over earlier as week_count,
        avg(median_log) over earlier as median_log
    from weeks
    where median_log is not null
    window earlier as (
        partition by source_id, event_type, property order by week_start_date
        rows between {{ past_weeks }} preceding and 1 preceding
    )
)

select
    weeks.source_id,
    weeks.event_type,
    weeks.week_start_date,
    weeks.property,
    weeks.event_count,
    weeks.unreadable_count,
    weeks.unreadable_ids,
    past.median_log as usual_log,
    coalesce(
        abs(weeks.least_log - past.median_log) > {{ scale_log }}
        or abs(weeks.most_log - past.median_log) > {{ scale_log }},
        false
    ) as is_beyond
from weeks
left join past
    on
        weeks.source_id = past.source_id
        and weeks.event_type = past.event_type
        and weeks.week_start_date = past.week_start_date
        and weeks.property = past.property
        and past.week_count >= {{ least_weeks }}
