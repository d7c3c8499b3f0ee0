{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
{% set events, hot_events = ref('int_events'), ref('int_events_hot') %}
-- one row per attempt at a task: everything between two ends of the same thing
with

-- one row per task type and type of event: millions of events are joined with few rows
roles as (
    select
        event_type, task_type_id, match_key, start_property, start_value, finish_property, finish_value, is_start_type,
        is_finish_type, is_reopening, is_cancelling
    from {{ ref('int_task_roles') }}
),

steps as (
    select
        events.product_id,
        roles.task_type_id,
        case when roles.match_key = 'correlation' then events.correlation_id else events.subject_id end as match_value,
        roles.is_start_type
        and {{ meets_condition('events.data', 'roles.start_property', 'roles.start_value') }} as is_start,
        roles.is_finish_type
        and {{ meets_condition('events.data', 'roles.finish_property', 'roles.finish_value') }} as is_finish,
        roles.is_reopening,
        roles.is_cancelling,
        events.source_id,
        events.event_id,
        events.subject_id,
        events.occurred_at,
        events.received_at,
        events.week_start_date,
        events.actor_id,
        events.segment_id,
        events.environment,
        events.causation_id,
        events.data
    from {{ hot_events if is_incremental() else events }} as events
    inner join roles on events.event_type = roles.event_type
    left join {{ source('registry', 'excluded_accounts') }} as excluded_accounts
        on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

-- what would both start and finish a task changes nothing
judged as (
    select
        *,
        is_reopening or (is_start and not is_finish) as is_opening,
        is_cancelling or (is_finish and not is_start) as is_ending
    from steps
    where match_value is not null {{ in_scope(changed, ['product_id', 'match_value']) }}
),

-- at the same instant a start comes before an end, so that a task of no length is a task
numbered as (
    select
        *,
        1 + coalesce(sum(case when is_ending then 1 else 0 end) over (
            partition by product_id, task_type_id, match_value
            order by occurred_at, is_ending, received_at, source_id, event_id
            rows between unbounded preceding and 1 preceding
        ), 0) as attempt_number,
        coalesce(lag(is_ending) over (
            partition by product_id, task_type_id, match_value
            order by occurred_at, is_ending, received_at, source_id, event_id
        ), true) as is_first
    from judged
    where is_opening or is_ending
),

-- the first start counts; starts of what is open already change nothing
openings as (
    select *
    from numbered
    where is_opening and is_first
),

endings as (
    select product_id, task_type_id, match_value, attempt_number, source_id, occurred_at, is_cancelling, data
    from numbered
    where is_ending
)

-- an end without a start is no task: the instrument checks count those
select
    openings.product_id,
    openings.task_type_id,
    openings.match_value,
    openings.attempt_number,
    openings.is_reopening,
    openings.source_id as start_source_id,
    openings.event_id as start_event_id,
    openings.subject_id,
    openings.occurred_at as started_at,
    openings.week_start_date,
    openings.actor_id,
    openings.segment_id,
    openings.environment,
    openings.causation_id,
    openings.data as start_data,
    endings.source_id as finish_source_id,
    endings.occurred_at as ended_at,
    endings.is_cancelling as is_cancelled,
    endings.data as finish_data
from openings
left join endings
    on
        openings.product_id = endings.product_id
        and openings.task_type_id = endings.task_type_id
        and openings.match_value = endings.match_value
        and openings.attempt_number = endings.attempt_number
