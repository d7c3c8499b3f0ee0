-- one row per artefact that reached production and the change that it was cut from
with

tags as (
    select
        product_id,
        {{ json_text('data', "'service'") }} as service_id,
        {{ json_text('data', "'commit_sha'") }} as change_id,
        coalesce({{ json_text('data', "'tag'") }}, subject_id) as artifact_version
    from {{ ref('int_events_of_facts') }}
    where event_type = 'tag.created' and not is_heartbeat
),

landings as (
    select product_id, service_id, change_id, declared_version, landed_at
    from {{ ref('int_landings') }}
),

-- what a change became: a tag on it, the artefact that it names, or its own hash as an artefact
candidates as (
    select product_id, service_id, change_id, artifact_version from tags
    union all
    select product_id, service_id, change_id, declared_version as artifact_version
    from landings
    where declared_version is not null
    union all
    select product_id, service_id, change_id, change_id as artifact_version from landings
),

production as (
    select product_id, service_id, artifact_version, min(deployed_at) as first_deployed_at
    from {{ ref('int_deployments') }}
    where environment = 'production'
    group by product_id, service_id, artifact_version
),

-- few artefacts of a long history were ever deployed: keep those before looking further
arrived as (
    select distinct
        candidates.product_id,
        candidates.service_id,
        candidates.change_id,
        candidates.artifact_version,
        production.first_deployed_at
    from candidates
    inner join production
        on
            candidates.product_id = production.product_id
            and candidates.service_id = production.service_id
            and candidates.artifact_version = production.artifact_version
)

select
    arrived.product_id,
    arrived.service_id,
    arrived.artifact_version,
    arrived.change_id,
    landings.landed_at,
    arrived.first_deployed_at,
    {{ micros_between('landings.landed_at', 'arrived.first_deployed_at') }} as landing_to_deployed_us
from arrived
inner join landings
    on
        arrived.product_id = landings.product_id
        and arrived.service_id = landings.service_id
        and arrived.change_id = landings.change_id
