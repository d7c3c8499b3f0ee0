-- one row per arrival of an artefact in an environment; deployments in the sense of DORA are those
-- that are no remediation
with

failures as (
    select
        deployment_id,
        min(failure_route) as failure_route,
        count(*) filter (where evidence_kind = 'incident') as incident_count,
        count(*) filter (where evidence_kind = 'incident' and resolved_at is null) as open_incident_count,
        max(resolved_at) filter (where evidence_kind = 'incident') as last_resolved_at
    from {{ ref('int_deployment_failures') }}
    group by deployment_id
),

arrivals as (
    select
        product_id,
        source_id,
        event_id,
        deployment_id,
        service_id,
        environment,
        artifact_version,
        replaced_version,
        deployed_at,
        week_start_date,
        segment_id,
        deployment_kind,
        is_remediation,
        is_rollback,
        -- v12 or release_12, the same form on both sides
        case
            when artifact_version like 'v%' then {{ safe_number('substr(artifact_version, 2)') }}
            when artifact_version like 'release_%' then {{ safe_number('substr(artifact_version, 9)') }}
        end as new_number,
        case
            when replaced_version like 'v%' then {{ safe_number('substr(replaced_version, 2)') }}
            when replaced_version like 'release_%' then {{ safe_number('substr(replaced_version, 9)') }}
        end as old_number
    from {{ ref('int_deployment_arrivals') }}
)

select
    arrivals.product_id,
    arrivals.source_id,
    arrivals.event_id,
    arrivals.deployment_id,
    arrivals.service_id,
    arrivals.environment,
    arrivals.artifact_version,
    arrivals.replaced_version,
    arrivals.deployed_at,
    arrivals.week_start_date,
    arrivals.segment_id,
    arrivals.deployment_kind,
    arrivals.is_remediation,
    arrivals.is_rollback,
    coalesce(
        arrivals.new_number < arrivals.old_number
        and substr(arrivals.artifact_version, 1, 1) = substr(arrivals.replaced_version, 1, 1),
        false
    ) as is_downgrade,
    failures.deployment_id is not null as is_failed,
    failures.failure_route,
    coalesce(arrivals.deployment_kind = 'hotfix', false) and not arrivals.is_remediation as is_rework,
    coalesce(failures.incident_count, 0) as incident_count,
    -- recovered when the last incident is resolved; null while one is open
    case when failures.open_incident_count = 0 then failures.last_resolved_at end as recovered_at,
    case
        when failures.open_incident_count = 0
            then {{ micros_between('arrivals.deployed_at', 'failures.last_resolved_at') }}
    end as recovery_us
from arrivals
left join failures on arrivals.deployment_id = failures.deployment_id
