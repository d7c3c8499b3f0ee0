-- everything that a measure may count, one row per item, whatever it is: its own facts are a JSON object
{% set release_facts = [
    'is_judged', 'is_well_packaged', 'criterion_not_rolled_back', 'criterion_few_activities',
    'criterion_coverage', 'team_activity_count', 'platform_minutes', 'covered', 'coverable', 'segment_id'
] %}
{% set deployment_facts = [
    'service_id', 'environment', 'artifact_version', 'deployment_kind', 'is_remediation', 'is_rollback',
    'is_downgrade', 'is_failed', 'failure_route', 'is_rework', 'incident_count', 'segment_id'
] %}
{% set change_facts = [
    'service_id', 'is_revert', 'is_own_artifact', 'first_deployed_at', 'is_deployed', 'lead_time_hours', 'hours_to_land'
] %}
{% set outage_facts = [
    'is_open', 'incident_count', 'detected_by', 'is_user_detected', 'service_id', 'severity',
    'duration_hours', 'segment_id'
] %}
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
        events.sampled_rate, events.segment_id, events.environment, events.ingress_path, events.data
    from {{ ref('int_events') }} as events
    inner join wanted on wanted.item_kind = 'event' and events.event_type = wanted.item_type
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

task_items as (
    select
        'task' as item_kind, tasks.task_type_id as item_type, tasks.task_id as item_id,
        tasks.product_id, tasks.start_source_id as source_id, tasks.subject_id,
        tasks.actor_id, cast(null as varchar) as actor_kind, tasks.started_at as occurred_at, tasks.week_start_date,
        coalesce(tasks.finished_at, tasks.cancelled_at) as ended_at,
        tasks.state, tasks.reopen_count, tasks.duration_us,
        1 as sampled_rate, tasks.segment_id, tasks.environment, cast(null as varchar) as ingress_path,
        tasks.start_data as data
    from {{ ref('int_tasks') }} as tasks
    inner join wanted on wanted.item_kind = 'task' and tasks.task_type_id = wanted.item_type
),

changes as (
    select
        product_id,
        source_id,
        event_id,
        change_id,
        landed_at,
        actor_id,
        week_start_date,
        service_id,
        is_revert,
        is_own_artifact,
        first_deployed_at,
        first_deployed_at is not null as is_deployed,
        lead_time_us / 3600000000.0 as lead_time_hours,
        {{ micros_between('authored_at', 'landed_at') }} / 3600000000.0 as hours_to_land
    from {{ ref('int_changes') }}
),

fact_items as (
    select
        'release' as item_kind, product_id, source_id,
        product_id || '|' || release_id as item_id, release_id as subject_id,
        cast(null as varchar) as actor_id, published_at as occurred_at, week_start_date,
        {{ json_from_columns(release_facts) }} as data
    from {{ ref('int_releases') }}
    union all
    select
        'deployment' as item_kind, product_id, source_id, deployment_id as item_id, service_id as subject_id,
        cast(null as varchar) as actor_id, deployed_at as occurred_at, week_start_date,
        {{ json_from_columns(deployment_facts) }} as data
    from {{ ref('int_deployments') }}
    union all
    select
        'change' as item_kind, product_id, source_id,
        source_id || '|' || event_id as item_id, change_id as subject_id,
        actor_id, landed_at as occurred_at, week_start_date,
        {{ json_from_columns(change_facts) }} as data
    from changes
    union all
    select
        'outage' as item_kind, product_id, source_id, outage_id as item_id, outage_id as subject_id,
        cast(null as varchar) as actor_id, started_at as occurred_at, week_start_date,
        {{ json_from_columns(outage_facts) }} as data
    from {{ ref('int_outages') }}
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
    1 as sampled_rate, cast(null as varchar) as segment_id, cast(null as varchar) as environment,
    cast(null as varchar) as ingress_path, fact_items.data
from fact_items
where fact_items.item_kind in (select item_kind from wanted)
union all
select
    'session' as item_kind, item_type, item_id, product_id, source_id, subject_id,
    actor_id, 'human' as actor_kind, occurred_at, week_start_date, ended_at,
    cast(null as varchar) as state, cast(null as bigint) as reopen_count, cast(null as bigint) as duration_us,
    1 as sampled_rate, cast(null as varchar) as segment_id, cast(null as varchar) as environment,
    cast(null as varchar) as ingress_path, data
from session_items
