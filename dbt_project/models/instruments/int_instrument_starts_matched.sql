-- grain: source that finishes, finish event type, week of START. Only starts old enough that
-- their finish was due: a week is left out until all its starts are.
with

horizons as (
    select
        task_types.task_type_id,
        task_types.finish_event_type,
        coalesce(horizons.horizon_hours, 720) as horizon_hours
    from {{ source('registry', 'task_types') }} as task_types
    inner join {{ ref('int_task_horizons') }} as horizons on task_types.task_type_id = horizons.task_type_id
),

watermarks as (
    select source_id, observed_until_at, lateness_hours
    from {{ ref('int_source_watermarks') }}
),

counted as (
    select
        product_id,
        task_type_id,
        start_source_id,
        finish_source_id,
        week_start_date,
        start_count,
        ended_count,
        unended_ids
    from {{ ref('int_instrument_starts_counted') }}
),

-- an unfinished task doesn't say who should have finished it: the source that most often does
finishers as (
    select
        product_id,
        task_type_id,
        start_source_id,
        finish_source_id,
        row_number() over (
            partition by product_id, task_type_id, start_source_id
            order by sum(start_count) desc, finish_source_id asc
        ) as finisher_rank
    from counted
    where finish_source_id is not null
    group by product_id, task_type_id, start_source_id, finish_source_id
),

cells as (
    select
        coalesce(finishers.finish_source_id, counted.start_source_id) as source_id,
        horizons.finish_event_type as event_type,
        horizons.horizon_hours,
        counted.week_start_date,
        counted.start_count,
        counted.ended_count,
        counted.unended_ids
    from counted
    inner join horizons on counted.task_type_id = horizons.task_type_id
    left join finishers
        on
            counted.product_id = finishers.product_id
            and counted.task_type_id = finishers.task_type_id
            and counted.start_source_id = finishers.start_source_id
            and finishers.finisher_rank = 1
),

unended as (
    select
        source_id,
        event_type,
        week_start_date,
        {{ listed_ids('unended_ids') }} as task_id
    from cells
    where unended_ids is not null
),

-- the smallest of all are among the smallest of each cell
named as (
    select
        source_id,
        event_type,
        week_start_date,
        {{ smallest_ids('task_id', 'true') }} as unended_ids
    from unended
    group by source_id, event_type, week_start_date
),

weeks as (
    select
        source_id,
        event_type,
        week_start_date,
        max(horizon_hours) as horizon_hours,
        cast(sum(start_count) as bigint) as start_count,
        cast(sum(ended_count) as bigint) as ended_count
    from cells
    group by source_id, event_type, week_start_date
)

select
    weeks.source_id,
    weeks.event_type,
    weeks.week_start_date,
    weeks.start_count,
    weeks.ended_count,
    named.unended_ids
from weeks
inner join watermarks on weeks.source_id = watermarks.source_id
left join named
    on
        weeks.source_id = named.source_id
        and weeks.event_type = named.event_type
        and weeks.week_start_date = named.week_start_date
where
    {{ micros_between(
        "cast(weeks.week_start_date as timestamp) + interval '7' day",
        to_reporting_zone('watermarks.observed_until_at')
    ) }}
    >= (weeks.horizon_hours + watermarks.lateness_hours) * 3600e6
