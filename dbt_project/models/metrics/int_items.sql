{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}",
        "{{ replaced_by(ref('int_events_changed'), ['item_id'], [\"source_id || '|' || event_id\"]) }}",
        "{{ replaced_where(\"item_kind not in ('event', 'task')\") }}",
    ]
) }}
{% set tasks_changed, events_changed = ref('int_match_values_changed'), ref('int_events_changed') %}
{% set all_events, hot_events = ref('int_events'), ref('int_events_hot') %}
-- depends_on: {{ ref('int_items_left') }}
-- everything that a measure may count, one row per item, whatever it is: its own facts are a JSON object
{% set session_facts = ['event_count', 'duration_minutes', 'segment_id'] %}

with

wanted as (
    select distinct item_kind, item_type from {{ source('registry', 'measures') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

event_items as (
    select
        'event' as item_kind, events.event_type as item_type,
        events.source_id || '|' || events.event_id as item_id,
        events.product_id, events.source_id, events.subject_id,
        events.actor_id, events.actor_kind, events.occurred_at, events.week_start_date,
        cast(null as timestamp) as ended_at,
        cast(null as varchar) as state, cast(null as bigint) as reopen_count, cast(null as bigint) as duration_us,
        cast(null as bigint) as working_us, cast(null as bigint) as paused_us,
        events.sampled_rate, events.segment_id, events.environment, events.ingress_path, events.data,
        cast(null as varchar) as match_value
    from {{ hot_events if is_incremental() else all_events }} as events
    inner join wanted on wanted.item_kind = 'event' and events.event_type = wanted.item_type
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
        {{ in_scope(events_changed, ['events.source_id', 'events.event_id']) }}
),

task_items as (
    select
        'task' as item_kind, tasks.task_type_id as item_type, tasks.task_id as item_id,
        tasks.product_id, tasks.start_source_id as source_id, tasks.subject_id,
        tasks.actor_id, cast(null as varchar) as actor_kind, tasks.started_at as occurred_at, tasks.week_start_date,
        coalesce(tasks.finished_at, tasks.cancelled_at) as ended_at,
        tasks.state, tasks.reopen_count, tasks.duration_us, tasks.working_us, tasks.paused_us,
        1 as sampled_rate, tasks.segment_id, tasks.environment, cast(null as varchar) as ingress_path,
        tasks.start_data as data, tasks.match_value
    from {{ rows_in_scope(ref('int_task_facts'), tasks_changed, ['product_id', 'match_value']) }} as tasks
    inner join wanted on wanted.item_kind = 'task' and tasks.task_type_id = wanted.item_type
),

session_items as (
    select
        session_type as item_type, product_id, source_id, session_id as item_id, session_id as subject_id,
        person_id as actor_id, started_at as occurred_at, week_start_date, ended_at,
        {{ json_from_columns(session_facts) }} as data
    from {{ ref('int_sessions') }}
)

select * from event_items
union all
select * from task_items
union all
select
    fact_items.item_kind, cast(null as varchar) as item_type, fact_items.item_id,
    fact_items.product_id, fact_items.source_id, fact_items.subject_id,
    fact_items.actor_id, cast(null as varchar) as actor_kind,
    fact_items.occurred_at, fact_items.week_start_date, cast(null as timestamp) as ended_at,
    cast(null as varchar) as state, cast(null as bigint) as reopen_count, cast(null as bigint) as duration_us,
    cast(null as bigint) as working_us, cast(null as bigint) as paused_us,
    1 as sampled_rate, cast(null as varchar) as segment_id, cast(null as varchar) as environment,
    cast(null as varchar) as ingress_path, fact_items.data, cast(null as varchar) as match_value
from {{ ref('int_fact_items') }} as fact_items
union all
select
    'session' as item_kind, item_type, item_id, product_id, source_id, subject_id,
    actor_id, 'human' as actor_kind, occurred_at, week_start_date, ended_at,
    cast(null as varchar) as state, cast(null as bigint) as reopen_count, cast(null as bigint) as duration_us,
    cast(null as bigint) as working_us, cast(null as bigint) as paused_us,
    1 as sampled_rate, cast(null as varchar) as segment_id, cast(null as varchar) as environment,
    cast(null as varchar) as ingress_path, data, cast(null as varchar) as match_value
from session_items
