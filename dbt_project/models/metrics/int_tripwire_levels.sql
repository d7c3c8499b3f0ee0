-- one row per tripwire and week: a level that was observed, ripe or not, and whether it is crossed
with

tripwires as (
    select
        tripwires.tripwire_id,
        tripwires.kpi_id,
        kpis.product_id,
        tripwires.metric_id,
        tripwires.operator,
        tripwires.threshold,
        tripwires.minimum_n,
        tripwires.grain
    from {{ source('registry', 'tripwires') }} as tripwires
    inner join {{ source('registry', 'kpis') }} as kpis on tripwires.kpi_id = kpis.kpi_id
),

weeks as (
    select product_id, metric_id, period_start_date as week_start_date, value, unit_count
    from {{ ref('int_metric_periods') }}
    where period_grain = 'week'
),

observed as (
    select
        tripwires.tripwire_id,
        tripwires.kpi_id,
        tripwires.product_id,
        tripwires.operator,
        tripwires.threshold,
        tripwires.minimum_n,
        weeks.week_start_date,
        case when tripwires.grain = 'day' then days.observed_value else weeks.value end as observed_value,
        case when tripwires.grain = 'day' then coalesce(days.observed_n, 0) else weeks.unit_count end as observed_n
    from tripwires
    inner join weeks on tripwires.product_id = weeks.product_id and tripwires.metric_id = weeks.metric_id
    left join {{ ref('int_tripwire_days') }} as days
        on
            tripwires.tripwire_id = days.tripwire_id
            and tripwires.product_id = days.product_id
            and weeks.week_start_date = days.week_start_date
)

select
    tripwire_id,
    kpi_id,
    product_id,
    week_start_date,
    observed_value,
    observed_n,
    coalesce(
        case operator
            when '>' then observed_value > threshold
            when '>=' then observed_value >= threshold
            when '<' then observed_value < threshold
            when '<=' then observed_value <= threshold
            when '=' then observed_value = threshold
        end
        and observed_n >= coalesce(minimum_n, 0),
        false
    ) as is_crossed
from observed
