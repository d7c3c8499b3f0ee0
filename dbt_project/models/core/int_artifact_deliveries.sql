-- one row per artefact that reached production and the change that it was cut from
with

tags as (
    select
        product_id,
        {{ json_text('data', "'service'") }} as service_id,
        {{ json_text('data', "'commit_sha'") }} as change_id,
        coalesce({{ json_text('data', "'tag'") }}, subject_id) as artifact_version
    from {{ ref('int_events') }}
    where event_type = 'tag.created' and not is_heartbeat
),

landings as (
    select product_id, service_id, change_id, declared_version, landed_at
    from {{ ref('int_landings') }}
),

-- what a change became: a tag on it, the artefact that it names, or its own hash as an artefact
artifacts as (
    select product_id, service_id, change_id, artifact_version from tags
    union
    select product_id, service_id, change_id, declared_version as artifact_version
    from landings
    where declared_version is not null
    union
    select product_id, service_id, change_id, change_id as artifact_version from landings
),

production as (
    select product_id, service_id, artifact_version, min(deployed_at) as first_deployed_at
    from {{ ref('int_deployments') }}
    where environment = 'production'
    group by product_id, service_id, artifact_version
)

select
    production.product_id,
    production.service_id,
    production.artifact_version,
    artifacts.change_id,
    landings.landed_at,
    production.first_deployed_at,
    {{ micros_between('landings.landed_at', 'production.first_deployed_at') }} as landing_to_deployed_us
from production
inner join artifacts
    on
        production.product_id = artifacts.product_id
        and production.service_id = artifacts.service_id
        and production.artifact_version = artifacts.artifact_version
inner join landings
    on
        artifacts.product_id = landings.product_id
        and artifacts.service_id = landings.service_id
        and artifacts.change_id = landings.change_id
