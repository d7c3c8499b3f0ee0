{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
{% set events, hot_events = ref('int_events'), ref('int_events_hot') %}
{% set named = "case task_types.match_key when 'correlation' then events.correlation_id else events.subject_id end" %}
-- grain: finish of a task, type of task. Whether a start of the same match value came before it.
with

task_types as (
    select
        task_type_id, start_event_type, start_property, start_value, finish_event_type, finish_property,
        finish_value, match_key
    from {{ source('registry', 'task_types') }}
),

roles as (
    select task_type_id, start_event_type as event_type from task_types
    union
    select task_type_id, finish_event_type as event_type from task_types
),

marks as (
    select
        events.product_id,
        task_types.task_type_id,
        events.source_id,
        events.event_type,
        events.event_id,
        events.occurred_at,
        events.week_start_date,
        {{ named }} as named_value,
        -- a finish that names nothing is found again by its subject
        coalesce({{ named }}, events.subject_id) as match_value,
        coalesce(
            events.event_type = task_types.start_event_type
            and {{ meets_condition('events.data', 'task_types.start_property', 'task_types.start_value') }},
            false
        ) as is_start,
        coalesce(
            events.event_type = task_types.finish_event_type
            and {{ meets_condition('events.data', 'task_types.finish_property', 'task_types.finish_value') }},
            false
        ) as is_finish
    from {{ hot_events if is_incremental() else events }} as events
    inner join roles on events.event_type = roles.event_type
    inner join task_types on roles.task_type_id = task_types.task_type_id
    where
        not events.is_heartbeat
        and events.product_id is not null
        {% if is_incremental() -%}
        and (events.product_id, coalesce({{ named }}, events.subject_id)) in (
            select product_id, match_value from {{ changed }}
        )
        {%- endif %}
),

judged as (
    select *
    from marks
    where is_start or is_finish
),

pairs as (
    select
        product_id,
        task_type_id,
        named_value,
        min(case when is_start then occurred_at end) as first_started_at,
        count(*) filter (where is_start) as start_count,
        count(*) filter (where is_finish) as finish_count
    from judged
    group by product_id, task_type_id, named_value
),

finishes as (
    select
        judged.*,
        coalesce(pairs.first_started_at <= judged.occurred_at, false) as has_start,
        -- its one start comes after its one finish; with several, the finish may belong to an
        -- earlier start that was never sent, so it is an orphan
        coalesce(
            pairs.first_started_at > judged.occurred_at
            and pairs.start_count = 1
            and pairs.finish_count = 1,
            false
        ) as is_negative
    from judged
    left join pairs
        on
            judged.product_id = pairs.product_id
            and judged.task_type_id = pairs.task_type_id
            and judged.named_value = pairs.named_value
    where judged.is_finish
)

select
    product_id,
    task_type_id,
    match_value,
    source_id,
    event_type,
    week_start_date,
    occurred_at,
    has_start,
    is_negative,
    case when not has_start then event_id end as event_id
from finishes
