-- the quarters of each service from its first arrival, as far as the product's deployments are observed, and
-- those of the product beside them
with

arrivals as (
    select product_id, service_id, quarter_start_date
    from {{ ref('int_delivery_items') }}
    where item_kind in ('deployment', 'remediation')
),

observed as (
    select
        events.product_id,
        min(events.first_occurred_at) as observed_from_at,
        max(watermarks.observed_until_at) as observed_until_at
    from {{ ref('int_source_event_counts') }} as events
    inner join {{ ref('int_source_watermarks') }} as watermarks on events.source_id = watermarks.source_id
    where events.event_type = 'service.deployed'
    group by events.product_id
),

levels as (
    select product_id, service_id, false as is_product, min(quarter_start_date) as first_date
    from arrivals
    group by product_id, service_id
    union all
    select product_id, 'all' as service_id, true as is_product, min(quarter_start_date) as first_date
    from arrivals
    group by product_id
),

weeks as (
    select
        levels.product_id, levels.service_id, levels.is_product, observed.observed_from_at, observed.observed_until_at,
        {{ weeks_between('levels.first_date', week_start('observed.observed_until_at')) }} as week_start_date
    from levels
    inner join observed on levels.product_id = observed.product_id
),

quarters as (
    select distinct
        product_id, service_id, is_product, observed_from_at, observed_until_at,
        {{ calendar_period_start('week_start_date', 'quarter') }} as quarter_start_date
    from weeks
),

bounds as (
    select
        product_id, service_id, is_product, quarter_start_date, observed_from_at, observed_until_at,
        {{ from_reporting_zone('quarter_start_date') }} as started_at,
        {{ from_reporting_zone(calendar_period_start('quarter_start_date', 'quarter', 1)) }} as ended_at
    from quarters
)

select
    product_id,
    service_id,
    is_product,
    quarter_start_date,
    {{ micros_between('greatest(started_at, observed_from_at)', 'least(ended_at, observed_until_at)') }} / 604800e6
        as observed_weeks,
    started_at >= observed_from_at and ended_at <= observed_until_at as is_complete
from bounds
