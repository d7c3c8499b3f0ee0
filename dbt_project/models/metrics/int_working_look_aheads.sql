-- how long after its end a week must be followed until a tau of working hours has passed, week by week
with

metrics as (
    select metrics.metric_id, task_types.calendar_id, round(metrics.tau_hours * 3600000000) as tau_us
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ source('registry', 'task_types') }} as task_types on metrics.task_type_id = task_types.task_type_id
    where metrics.kind = 'duration' and metrics.clock = 'working'
),

intervals as (
    select
        calendar_id,
        opens_at,
        closes_at,
        worked_before_us,
        worked_before_us + {{ micros_between('opens_at', 'closes_at') }} as worked_after_us
    from {{ ref('int_working_intervals') }}
),

weeks as (
    select {{ weeks_between('first_week', 'last_week') }} as week_start_date
    from (
        select {{ week_start('min(opens_at)') }} as first_week, {{ week_start('max(closes_at)') }} as last_week
        from intervals
    ) as ends
),

week_ends as (
    select
        calendars.calendar_id,
        weeks.week_start_date,
        {{ from_reporting_zone('weeks.week_start_date + 7') }} as week_end_at
    from weeks
    cross join (select distinct calendar_id from intervals) as calendars
),

worked as (
    select
        week_ends.calendar_id,
        week_ends.week_start_date,
        week_ends.week_end_at,
        coalesce(max(
            intervals.worked_before_us
            + {{ micros_between('intervals.opens_at', 'least(intervals.closes_at, week_ends.week_end_at)') }}
        ), 0) as worked_us
    from week_ends
    left join intervals
        on week_ends.calendar_id = intervals.calendar_id and week_ends.week_end_at > intervals.opens_at
    group by week_ends.calendar_id, week_ends.week_start_date, week_ends.week_end_at
)

-- a week whose tau ends beyond the calendar has no row: it can't be ripe yet
select
    metrics.metric_id,
    worked.week_start_date,
    (
        {{ micros_between('worked.week_end_at', 'intervals.opens_at') }}
        + worked.worked_us + metrics.tau_us - intervals.worked_before_us
    ) / 3600000000.0 as look_ahead_hours
from metrics
inner join worked on metrics.calendar_id = worked.calendar_id
inner join intervals
    on
        metrics.calendar_id = intervals.calendar_id
        and worked.worked_us + metrics.tau_us > intervals.worked_before_us
        and worked.worked_us + metrics.tau_us <= intervals.worked_after_us
