with

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

sources as (
    select
        source_id, source_name, connector, product_id, owner_team, observed_until,
        has_receive_clock, repair_hint
    from {{ source('registry', 'sources') }}
),

watermarks as (
    select source_id, latest_received_at, silence_horizon_days, lateness_hours
    from {{ ref('int_source_watermarks') }}
)

select
    sources.source_id,
    sources.source_name,
    sources.connector,
    sources.product_id,
    sources.owner_team,
    sources.repair_hint,
    sources.has_receive_clock,
    sources.observed_until as observed_until_at,
    coalesce(sources.observed_until < run_context.as_of_at, false) as has_ended,
    watermarks.latest_received_at,
    cast(watermarks.silence_horizon_days as double) as silence_horizon_days,
    cast(watermarks.lateness_hours as double) as lateness_hours
from sources
cross join run_context
left join watermarks on sources.source_id = watermarks.source_id
