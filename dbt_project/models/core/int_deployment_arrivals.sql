-- one row per arrival of an artefact in an environment of a service, in order, with what was there before
with

arrivals as (
    select
        product_id,
        source_id,
        event_id,
        coalesce({{ json_text('data', "'service'") }}, subject_id) as service_id,
        environment,
        {{ json_text('data', "'artifact'") }} as artifact_version,
        {{ json_text('data', "'old_artifact'") }} as declared_old_version,
        lower({{ json_text('data', "'kind'") }}) as deployment_kind,
        occurred_at as deployed_at,
        week_start_date,
        segment_id,
        causation_id
    from {{ ref('int_events_of_facts') }}
    where event_type = 'service.deployed' and not is_heartbeat
),

numbered as (
    select
        *,
        -- null environments are one environment of their own
        coalesce(environment, '') as environment_key,
        row_number() over (
            partition by product_id, service_id, coalesce(environment, '')
            order by deployed_at, source_id, event_id
        ) as arrival_number
    from arrivals
),

followed as (
    select
        *,
        coalesce(
            declared_old_version,
            lag(artifact_version) over (
                partition by product_id, service_id, environment_key order by arrival_number
            )
        ) as replaced_version
    from numbered
),

-- an artefact is known to have been live from the arrival that brought it or that replaced it
live as (
    select product_id, service_id, environment_key, artifact_version, arrival_number as live_after
    from followed
    union all
    select product_id, service_id, environment_key, replaced_version as artifact_version, arrival_number - 1 as live_after
    from followed
    where replaced_version is not null
),

first_live as (
    select product_id, service_id, environment_key, artifact_version, min(live_after) as live_after
    from live
    group by product_id, service_id, environment_key, artifact_version
),

marked as (
    select
        followed.product_id,
        followed.source_id,
        followed.event_id,
        followed.service_id,
        followed.environment,
        followed.environment_key,
        followed.arrival_number,
        followed.artifact_version,
        followed.replaced_version,
        followed.deployed_at,
        followed.week_start_date,
        followed.segment_id,
        followed.causation_id,
        followed.deployment_kind,
        (
            coalesce(first_live.live_after < followed.arrival_number, false)
            or coalesce(followed.deployment_kind = 'rollback', false)
        ) as is_remediation
    from followed
    left join first_live
        on
            followed.product_id = first_live.product_id
            and followed.service_id = first_live.service_id
            and followed.environment_key = first_live.environment_key
            and followed.artifact_version = first_live.artifact_version
)

select
    product_id,
    source_id,
    event_id,
    md5(source_id || '|' || event_id) as deployment_id,
    service_id,
    environment,
    environment_key,
    arrival_number,
    artifact_version,
    replaced_version,
    deployed_at,
    week_start_date,
    segment_id,
    causation_id,
    deployment_kind,
    is_remediation,
    -- going back to another artefact than the one in place; the same one again is a redeployment
    (is_remediation and coalesce(artifact_version, '') <> coalesce(replaced_version, '')) as is_rollback
from marked
