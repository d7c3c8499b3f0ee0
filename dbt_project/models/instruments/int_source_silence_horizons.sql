-- grain: source with an event
{% set horizon_events = 'ln(1000)' %}
with

weekdays as (
    select source_id, weekday, events_per_day
    from {{ ref('int_source_weekday_rates') }}
),

weeks as (
    select
        source_id,
        -- a source not observed for a week yet has weekdays without a rate: taken as the others
        avg(events_per_day) as mean_events_per_day,
        7 * avg(events_per_day) as events_per_week
    from weekdays
    group by source_id
),

-- whole weeks of silence first, then the days of one more
silences as (
    select
        weeks.source_id,
        first_days.weekday as first_weekday,
        more_days.day_number,
        floor({{ horizon_events }} / weeks.events_per_week) as whole_weeks,
        floor({{ horizon_events }} / weeks.events_per_week) * weeks.events_per_week
        + sum(coalesce(weekdays.events_per_day, weeks.mean_events_per_day)) over (
            partition by weeks.source_id, first_days.weekday order by more_days.day_number
        ) as expected_events
    from weeks
    cross join (values (1), (2), (3), (4), (5), (6), (7)) as first_days (weekday)
    cross join (values (1), (2), (3), (4), (5), (6), (7)) as more_days (day_number)
    left join weekdays
        on
            weeks.source_id = weekdays.source_id
            and weekdays.weekday = (first_days.weekday + more_days.day_number - 2) % 7 + 1
),

enough as (
    select
        source_id,
        first_weekday,
        min(whole_weeks * 7 + day_number) as horizon_days
    from silences
    -- the last sum of a whole week may miss by a rounding error
    where expected_events >= {{ horizon_events }} or day_number = 7
    group by source_id, first_weekday
)

select
    source_id,
    cast(max(horizon_days) as integer) as silence_horizon_days
from enough
group by source_id
