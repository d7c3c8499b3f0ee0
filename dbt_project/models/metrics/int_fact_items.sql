-- what core makes of several events, one row per item: its own facts are a JSON object
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
{% set iteration_facts = [
    'iteration_id', 'is_committed_at_start', 'is_added', 'is_withdrawn', 'is_delivered', 'is_completed', 'segment_id'
] %}

with

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
    union all
    select
        'iteration_item' as item_kind, product_id, source_id,
        product_id || '|' || iteration_id || '|' || work_item_id as item_id, work_item_id as subject_id,
        cast(null as varchar) as actor_id, ended_at as occurred_at, week_start_date,
        {{ json_from_columns(iteration_facts) }} as data
    from {{ ref('int_iterations') }}
)

select
    item_kind,
    product_id,
    source_id,
    item_id,
    subject_id,
    actor_id,
    occurred_at,
    week_start_date,
    data
from fact_items
where item_kind in (select item_kind from {{ source('registry', 'measures') }})
