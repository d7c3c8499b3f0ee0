-- one row per change that landed, with its way to production: by the artefact that the change itself
-- became, else by the first production artefact of the service that was cut from a later state
with

landings as (
    select
        product_id,
        source_id,
        event_id,
        change_id,
        service_id,
        is_revert,
        authored_at,
        committed_at,
        landed_at,
        actor_id,
        week_start_date
    from {{ ref('int_landings') }}
),

own_artifacts as (
    select
        product_id,
        service_id,
        change_id,
        artifact_version,
        first_deployed_at,
        row_number() over (
            partition by product_id, service_id, change_id order by first_deployed_at, artifact_version
        ) as delivery_number
    from {{ ref('int_artifact_deliveries') }}
),

-- the main line is one line: an artefact holds everything that landed up to the change it was cut from
placed as (
    select
        landings.*,
        own_artifacts.artifact_version,
        own_artifacts.first_deployed_at as own_deployed_at,
        min(own_artifacts.first_deployed_at) over (
            partition by landings.product_id, landings.service_id
            order by landings.landed_at desc
            range between unbounded preceding and current row
        ) as containing_deployed_at
    from landings
    left join own_artifacts
        on
            landings.product_id = own_artifacts.product_id
            and landings.service_id = own_artifacts.service_id
            and landings.change_id = own_artifacts.change_id
            and own_artifacts.delivery_number = 1
),

dated as (
    select
        *,
        coalesce(own_deployed_at, containing_deployed_at) as first_deployed_at
    from placed
)

select
    product_id,
    source_id,
    event_id,
    change_id,
    service_id,
    is_revert,
    authored_at,
    committed_at,
    landed_at,
    actor_id,
    week_start_date,
    artifact_version,
    own_deployed_at is not null as is_own_artifact,
    first_deployed_at,
    {{ micros_between('committed_at', 'first_deployed_at') }} as lead_time_us,
    {{ micros_between('landed_at', 'first_deployed_at') }} as landing_to_deployed_us
from dated
