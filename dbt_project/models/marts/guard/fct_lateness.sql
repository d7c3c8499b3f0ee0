-- the completeness curve of each source: by when a share of its events has arrived
{% set shares = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] %}
with

first_deliveries as (
    select source_id, min(first_clocked_at) as first_received_at
    from {{ ref('int_source_days_counted') }}
    group by source_id
),

-- signs of life as in the watermarks: what occurred before the first delivery is backfill, not late
events as (
    select
        events.source_id,
        {{ micros_between('events.occurred_at', 'events.received_at') }} as lag_us
    from {{ ref('int_events_known') }} as events
    inner join first_deliveries on events.source_id = first_deliveries.source_id
    where
        events.classification in ('accepted', 'duplicate')
        and events.has_receive_clock
        and events.occurred_at >= first_deliveries.first_received_at
),

lags as (
    select
        source_id,
        {% for share in shares -%}
        percentile_disc({{ share }}) within group (order by lag_us) as lag_us_{{ loop.index }}{{ ',' if not loop.last }}
        {% endfor %}
    from events
    group by source_id
),

points as (
    {% for share in shares -%}
    select source_id, {{ share }} as arrived_share, lag_us_{{ loop.index }} as lag_us from lags
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

sources as (
    select source_id, product_id, lateness_hours
    from {{ source('registry', 'sources') }}
)

select
    points.source_id,
    cast(points.arrived_share as {{ double_type() }}) as arrived_share,
    sources.product_id,
    cast(points.lag_us / 3600000000.0 as {{ double_type() }}) as lag_hours,
    cast(sources.lateness_hours as {{ double_type() }}) as declared_lateness_hours
from points
inner join sources on points.source_id = sources.source_id
