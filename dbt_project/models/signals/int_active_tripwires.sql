-- tripwires that show in a week: crossed in it or in the three weeks before
with

crossings as (
    select
        levels.kpi_id,
        levels.product_id,
        levels.tripwire_id,
        levels.week_start_date as crossed_week_start_date,
        -- a crossing that its source cannot vouch for is shown, and is no verdict
        coalesce(trust.grade, 'D') <> 'D' as is_verified
    from {{ ref('int_tripwire_levels') }} as levels
    inner join {{ source('registry', 'tripwires') }} as tripwires
        on levels.tripwire_id = tripwires.tripwire_id
    left join {{ source('guard', 'metric_trust') }} as trust
        on levels.product_id = trust.product_id
        and tripwires.metric_id = trust.metric_id
        and levels.week_start_date = trust.week_start_date
    where levels.is_crossed
),

weeks as (
    select distinct week_start_date
    from {{ ref('int_signals') }}
),

by_tripwire as (
    select
        crossings.kpi_id,
        crossings.product_id,
        weeks.week_start_date,
        crossings.tripwire_id,
        bool_or(crossings.is_verified) as is_verified
    from weeks
    inner join crossings
        on crossings.crossed_week_start_date <= weeks.week_start_date
        and crossings.crossed_week_start_date > weeks.week_start_date - 28
    group by crossings.kpi_id, crossings.product_id, weeks.week_start_date, crossings.tripwire_id
)

select
    kpi_id,
    product_id,
    week_start_date,
    bool_or(is_verified) as is_tripped,
    string_agg(case when is_verified then tripwire_id end, '; ' order by tripwire_id) as tripwire_ids,
    string_agg(case when not is_verified then tripwire_id end, '; ' order by tripwire_id)
    as unverified_tripwire_ids
from by_tripwire
group by kpi_id, product_id, week_start_date
