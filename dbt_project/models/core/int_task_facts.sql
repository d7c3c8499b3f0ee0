{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- depends_on: {{ ref('int_task_weeks_left') }}
-- depends_on: {{ ref('int_tasks_left') }}
-- one row per task: how it ended, and how long it took by the calendar, at work and waiting
with

items as (
    select
        items.product_id, items.task_type_id, items.match_value, items.item_number, items.subject_id,
        items.start_source_id, items.start_event_id, items.finish_source_id, items.started_at, items.ended_at,
        items.is_cancelled, items.reopen_count, items.week_start_date, items.actor_id, items.segment_id,
        items.environment, items.causation_id, items.start_data, items.finish_data,
        task_types.calendar_id,
        task_types.pause_event_type is not null as is_pausable
    from {{ rows_in_scope(ref('int_task_items'), changed, ['product_id', 'match_value']) }} as items
    inner join {{ source('registry', 'task_types') }} as task_types on items.task_type_id = task_types.task_type_id
),

paused as (
    select
        items.product_id, items.task_type_id, items.match_value, items.item_number,
        sum({{ micros_between(
            'greatest(items.started_at, pauses.paused_at)',
            'least(items.ended_at, coalesce(pauses.resumed_at, items.ended_at))'
        ) }}) as paused_us
    from items
    inner join {{ ref('int_task_pauses') }} as pauses
        on
            items.product_id = pauses.product_id
            and items.task_type_id = pauses.task_type_id
            and items.match_value = pauses.match_value
            and items.ended_at > pauses.paused_at
            and items.started_at < coalesce(pauses.resumed_at, items.ended_at)
    group by items.product_id, items.task_type_id, items.match_value, items.item_number
),

worked as (
    select
        items.product_id, items.task_type_id, items.match_value, items.item_number,
        sum({{ micros_between(
            'greatest(items.started_at, intervals.opens_at)', 'least(items.ended_at, intervals.closes_at)'
        ) }}) as working_us
    from items
    inner join {{ ref('int_working_intervals') }} as intervals
        on
            items.calendar_id = intervals.calendar_id
            and items.ended_at > intervals.opens_at
            and items.started_at < intervals.closes_at
    group by items.product_id, items.task_type_id, items.match_value, items.item_number
)

select
    items.product_id,
    items.task_type_id,
    md5(
        items.product_id || '|' || items.task_type_id || '|' || items.match_value || '|' || items.item_number
    ) as task_id,
    items.match_value,
    items.subject_id,
    items.start_source_id,
    items.start_event_id,
    items.finish_source_id,
    items.started_at,
    case when not items.is_cancelled then items.ended_at end as finished_at,
    case when items.is_cancelled then items.ended_at end as cancelled_at,
    case
        when items.ended_at is null then 'open' when items.is_cancelled then 'cancelled' else 'finished'
    end as state,
    items.reopen_count,
    case when not items.is_cancelled then {{ micros_between('items.started_at', 'items.ended_at') }} end as duration_us,
    -- what lies outside working hours altogether took no working time
    case
        when items.calendar_id is not null and items.ended_at is not null and not items.is_cancelled
            then cast(coalesce(worked.working_us, 0) as bigint)
    end as working_us,
    case
        when items.is_pausable and items.ended_at is not null then cast(coalesce(paused.paused_us, 0) as bigint)
    end as paused_us,
    items.week_start_date,
    -- by which tasks are found again, so it isn't made of the instant each time
    case when not items.is_cancelled then {{ week_start('items.ended_at') }} end as finish_week_start_date,
    items.actor_id,
    items.segment_id,
    items.environment,
    items.causation_id,
    items.start_data,
    items.finish_data
from items
left join paused
    on
        items.product_id = paused.product_id
        and items.task_type_id = paused.task_type_id
        and items.match_value = paused.match_value
        and items.item_number = paused.item_number
left join worked
    on
        items.product_id = worked.product_id
        and items.task_type_id = worked.task_type_id
        and items.match_value = worked.match_value
        and items.item_number = worked.item_number
