-- grain: source, finish event type, week of the finish
with

task_types as (
    select
        task_types.task_type_id,
        task_types.start_event_type,
        task_types.start_property,
        task_types.start_value,
        task_types.finish_event_type,
        task_types.finish_property,
        task_types.finish_value,
        task_types.match_key,
        coalesce(horizons.horizon_hours, 720) as horizon_hours
    from {{ source('registry', 'task_types') }} as task_types
    inner join {{ ref('int_task_horizons') }} as horizons on task_types.task_type_id = horizons.task_type_id
),

events as (
    select
        source_id,
        product_id,
        event_type,
        event_id,
        subject_id,
        correlation_id,
        occurred_at,
        occurred_week_start_date,
        data
    from {{ ref('int_events_known') }}
    where classification = 'accepted' and not coalesce(is_heartbeat, false)
),

starts as (
    select
        events.product_id,
        task_types.task_type_id,
        case task_types.match_key
            when 'correlation' then events.correlation_id else events.subject_id
        end as match_value,
        min(events.occurred_at) as first_started_at,
        count(*) as start_count
    from events
    inner join task_types
        on
            events.event_type = task_types.start_event_type
            and {{ meets_condition('events.data', 'task_types.start_property', 'task_types.start_value') }}
    group by events.product_id, task_types.task_type_id, match_value
),

observed as (
    select
        product_id,
        task_type_id,
        min(first_started_at) as first_started_at
    from starts
    group by product_id, task_type_id
),

finishes as (
    select
        events.source_id,
        events.product_id,
        events.event_type,
        events.event_id,
        events.occurred_at,
        events.occurred_week_start_date as week_start_date,
        task_types.task_type_id,
        task_types.horizon_hours,
        case task_types.match_key
            when 'correlation' then events.correlation_id else events.subject_id
        end as match_value
    from events
    inner join task_types
        on
            events.event_type = task_types.finish_event_type
            and {{ meets_condition('events.data', 'task_types.finish_property', 'task_types.finish_value') }}
),

finishes_counted as (
    select
        *,
        count(*) over (partition by product_id, task_type_id, match_value) as finish_count
    from finishes
),

matched as (
    select
        finishes.source_id,
        finishes.event_type,
        finishes.week_start_date,
        finishes.event_id,
        coalesce(starts.first_started_at <= finishes.occurred_at, false) as has_start,
        -- its one start comes after its one finish; with several, the finish may belong to an
        -- earlier start that was never sent, so it is an orphan
        coalesce(
            starts.first_started_at > finishes.occurred_at
            and starts.start_count = 1
            and finishes.finish_count = 1,
            false
        ) as is_negative
    from finishes_counted as finishes
    inner join observed
        on
            finishes.product_id = observed.product_id
            and finishes.task_type_id = observed.task_type_id
    left join starts
        on
            finishes.product_id = starts.product_id
            and finishes.task_type_id = starts.task_type_id
            and finishes.match_value = starts.match_value
    where
        -- earlier finishes may belong to starts from before the first event
        {{ micros_between('observed.first_started_at', 'finishes.occurred_at') }}
        >= finishes.horizon_hours * 3600e6
)

select
    source_id,
    event_type,
    week_start_date,
    count(*) as finish_count,
    count(*) filter (where not has_start and not is_negative) as orphan_count,
    count(*) filter (where is_negative) as negative_count,
    {{ smallest_ids('event_id', 'not has_start and not is_negative') }} as orphan_ids,
    {{ smallest_ids('event_id', 'is_negative') }} as negative_ids
from matched
group by source_id, event_type, week_start_date
