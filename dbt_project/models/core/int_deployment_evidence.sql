-- what tells of a failed deployment: incidents, roll-backs and hotfixes, one row each
with

deployments as (
    select
        product_id,
        deployment_id,
        service_id,
        environment,
        replaced_version,
        deployed_at,
        causation_id,
        deployment_kind,
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
)

select
    product_id, evidence_id, evidence_kind, evident_at, resolved_at, causation_id, service_id, environment, artifact_version
from incidents
union all
select
    product_id, evidence_id, evidence_kind, evident_at, resolved_at, causation_id, service_id, environment, artifact_version
from mends
