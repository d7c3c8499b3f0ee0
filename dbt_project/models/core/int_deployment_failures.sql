-- one row per failed deployment and what it is linked to: incident, roll-back or hotfix, by the first route
-- that finds a deployment: 1 the event names its cause, 2 same service, environment and artefact,
-- 3 the last deployment of the service within the attribution window (24 h) before
with

settings as (
    select
        cast(
            coalesce(max(value) filter (where setting = 'attribution_window_hours'), '24') as bigint
        ) * 3600000000 as attribution_window_us
    from {{ source('registry', 'settings') }}
),

deployments as (
    select
        product_id,
        event_id,
        deployment_id,
        service_id,
        environment_key,
        artifact_version,
        deployed_at,
        is_remediation
    from {{ ref('int_deployment_arrivals') }}
),

evidence as (
    select
        product_id,
        evidence_id,
        evidence_kind,
        evident_at,
        resolved_at,
        causation_id,
        service_id,
        environment,
        artifact_version
    from {{ ref('int_deployment_evidence') }}
),

candidates as (
    select
        evidence.evidence_id,
        evidence.evidence_kind,
        evidence.resolved_at,
        deployments.deployment_id,
        deployments.deployed_at,
        case
            when evidence.causation_id = deployments.event_id then 1
            when
                evidence.artifact_version = deployments.artifact_version
                and evidence.service_id = deployments.service_id
                and coalesce(evidence.environment, '') = deployments.environment_key then 2
            -- an incident that names the artefact alone is an explicit link
            when evidence.artifact_version = deployments.artifact_version and evidence.service_id is null then 1
            when
                evidence.service_id = deployments.service_id
                and coalesce(evidence.environment, deployments.environment_key) = deployments.environment_key
                and evidence.evidence_kind <> 'rollback'
                and {{ micros_between('deployments.deployed_at', 'evidence.evident_at') }}
                <= settings.attribution_window_us
                then 3
        end as failure_route
    from evidence
    cross join settings
    inner join deployments
        on
            evidence.product_id = deployments.product_id
            and deployments.deployed_at <= evidence.evident_at
            and evidence.evidence_id <> deployments.deployment_id
            and not deployments.is_remediation
            and (
                evidence.service_id = deployments.service_id
                or evidence.causation_id = deployments.event_id
                or (evidence.service_id is null and evidence.artifact_version = deployments.artifact_version)
            )
),

ranked as (
    select
        *,
        row_number() over (
            partition by evidence_id order by failure_route, deployed_at desc, deployment_id
        ) as candidate_number
    from candidates
    where failure_route is not null
)

select
    deployment_id,
    evidence_id,
    evidence_kind,
    failure_route,
    resolved_at
from ranked
where candidate_number = 1
