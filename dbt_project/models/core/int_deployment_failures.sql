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
        environment,
        environment_key,
        arrival_number,
        artifact_version,
        replaced_version,
        deployed_at,
        causation_id,
        deployment_kind,
        is_remediation,
        is_rollback
    from {{ ref('int_deployment_arrivals') }}
),

incidents as (
    select
        product_id,
        task_id as evidence_id,
        'incident' as evidence_kind,
        started_at as evident_at,
        finished_at as resolved_at,
        causation_id,
        {{ json_text('start_data', "'service'") }} as service_id,
        coalesce(environment, {{ json_text('start_data', "'environment'") }}) as environment,
        {{ json_text('start_data', "'artifact'") }} as artifact_version
    from {{ ref('int_tasks') }}
    where
        task_type_id = 'incident'
        and state <> 'cancelled'
        and coalesce(lower({{ json_text('start_data', "'maintenance'") }}), 'false') not in ('true', '1')
),

mends as (
    select
        product_id,
        deployment_id as evidence_id,
        case when is_rollback then 'rollback' else 'hotfix' end as evidence_kind,
        deployed_at as evident_at,
        deployed_at as resolved_at,
        causation_id,
        service_id,
        environment,
        -- a roll-back names what it takes away; a hotfix names nothing, so only route 3 is left
        case when is_rollback then replaced_version end as artifact_version
    from deployments
    where is_rollback or deployment_kind = 'hotfix'
),

evidence as (
    select * from incidents
    union all
    select * from mends
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
                and evidence.environment is not distinct from deployments.environment then 2
            -- an incident that names the artefact alone is an explicit link
            when evidence.artifact_version = deployments.artifact_version and evidence.service_id is null then 1
            when
                evidence.service_id = deployments.service_id
                and coalesce(evidence.environment, deployments.environment_key) = deployments.environment_key
                and evidence.evidence_kind <> 'rollback'
                and {{ micros_between('deployments.deployed_at', 'evidence.evident_at') }} <= settings.attribution_window_us then 3
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
