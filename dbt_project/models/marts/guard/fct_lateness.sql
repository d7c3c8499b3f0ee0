-- the completeness curve of each source: by when a share of its events has arrived
with

-- what occurred before the first delivery is backfill, not late
points as (
    select source_id, thousandths, lag_us
    from {{ ref('int_source_lag_percentiles') }}
    where is_since_clock
),

sources as (
    select source_id, product_id, lateness_hours
    from {{ source('registry', 'sources') }}
)

select
    points.source_id,
    cast(points.thousandths / 1000.0 as {{ double_type() }}) as arrived_share,
    sources.product_id,
    cast(points.lag_us / 3600000000.0 as {{ double_type() }}) as lag_hours,
    cast(sources.lateness_hours as {{ double_type() }}) as declared_lateness_hours
from points
inner join sources on points.source_id = sources.source_id
