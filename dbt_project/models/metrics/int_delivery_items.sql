-- what the delivery measures of a quarter add up, in production: arrivals, changes on their first arrival, and
-- what tells of failures; a quarter is made of weeks, as everywhere
with

deployments as (
    select
        product_id, service_id, deployment_id, deployed_at, deployment_kind, replaced_version, is_remediation,
        is_failed, failure_route, is_rework, incident_count, recovery_us
    from {{ ref('int_deployments') }}
    where coalesce(environment, 'production') = 'production'
),

failures as (
    select deployment_id, evidence_id, evidence_kind, resolved_at from {{ ref('int_deployment_failures') }}
),

-- the first roll-back or hotfix ends a failure of which no incident tells
mends as (
    select deployment_id, min(resolved_at) as mended_at
    from failures
    where evidence_kind <> 'incident'
    group by deployment_id
),

deliveries as (
    select product_id, service_id, artifact_version from {{ ref('int_artifact_deliveries') }}
),

-- a change is new with an arrival if what that replaced was cut from a known change, or if nothing was there:
-- behind an artefact of unknown origin it may have been live for long
known_arrivals as (
    select distinct deployments.product_id, deployments.service_id, deployments.deployed_at
    from deployments
    left join deliveries
        on
            deployments.product_id = deliveries.product_id
            and deployments.service_id = deliveries.service_id
            and deployments.replaced_version = deliveries.artifact_version
    where deployments.replaced_version is null or deliveries.artifact_version is not null
),

changes as (
    select
        changes.product_id, changes.service_id, changes.first_deployed_at, changes.lead_time_us, changes.is_revert
    from {{ ref('int_changes') }} as changes
    inner join known_arrivals
        on
            changes.product_id = known_arrivals.product_id
            and changes.service_id = known_arrivals.service_id
            and changes.first_deployed_at = known_arrivals.deployed_at
),

reverting as (
    select product_id, service_id, first_deployed_at
    from changes
    where is_revert
    group by product_id, service_id, first_deployed_at
),

evidence as (
    select product_id, service_id, evidence_id, evident_at
    from {{ ref('int_deployment_evidence') }}
    where coalesce(environment, 'production') = 'production'
),

items as (
    select
        deployments.product_id,
        deployments.service_id,
        case when deployments.is_remediation then 'remediation' else 'deployment' end as item_kind,
        deployments.deployed_at as dated_at,
        -- an open incident leaves it blank; a failure without incidents ends with what mended it
        case
            when deployments.is_remediation or not deployments.is_failed then null
            when deployments.incident_count > 0 then deployments.recovery_us
            else {{ micros_between('deployments.deployed_at', 'mends.mended_at') }}
        end as duration_us,
        deployments.is_failed,
        deployments.is_failed and deployments.failure_route = 3 as is_by_route_3,
        deployments.is_failed and deployments.incident_count = 0 as is_mended_only,
        deployments.deployment_kind is not null as has_kind,
        deployments.is_rework,
        reverting.first_deployed_at is not null as is_reverting,
        false as is_unattributed
    from deployments
    left join mends on deployments.deployment_id = mends.deployment_id
    left join reverting
        on
            deployments.product_id = reverting.product_id
            and deployments.service_id = reverting.service_id
            and deployments.deployed_at = reverting.first_deployed_at
    union all
    select
        product_id, service_id, 'change' as item_kind, first_deployed_at as dated_at, lead_time_us as duration_us,
        false as is_failed, false as is_by_route_3, false as is_mended_only, false as has_kind,
        false as is_rework, is_revert as is_reverting, false as is_unattributed
    from changes
    union all
    select
        evidence.product_id, evidence.service_id, 'evidence' as item_kind, evidence.evident_at as dated_at,
        cast(null as bigint) as duration_us,
        false as is_failed, false as is_by_route_3, false as is_mended_only, false as has_kind,
        false as is_rework, false as is_reverting,
        failures.evidence_id is null as is_unattributed
    from evidence
    left join failures on evidence.evidence_id = failures.evidence_id
)

select
    product_id, service_id, item_kind, dated_at, duration_us, is_failed, is_by_route_3, is_mended_only, has_kind,
    is_rework, is_reverting, is_unattributed,
    {{ calendar_period_start(week_start('dated_at'), 'quarter') }} as quarter_start_date
from items
