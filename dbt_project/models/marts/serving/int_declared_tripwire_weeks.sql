-- one row per tripwire and week: its level, or that nothing was observed before the week of a verdict
with

levels as (
    select
        tripwire_id, kpi_id, product_id, week_start_date, observed_value, observed_n, is_crossed
    from {{ ref('int_tripwire_levels') }}
),

declared as (
    select
        tripwires.tripwire_id,
        verdicts.kpi_id,
        verdicts.product_id,
        verdicts.week_start_date
    from {{ source('registry', 'tripwires') }} as tripwires
    inner join {{ ref('int_verdicts') }} as verdicts on tripwires.kpi_id = verdicts.kpi_id
),

-- when the first week can be complete at all; late events may still be waited for then
first_complete as (
    select
        tripwires.tripwire_id,
        weeks.product_id,
        cast({{ to_reporting_zone('min(' ~ plus_hours('weeks.week_end_at', 'weeks.look_ahead_hours') ~ ')') }} as date)
        as ripe_from_date
    from {{ source('registry', 'tripwires') }} as tripwires
    inner join {{ ref('int_metric_weeks') }} as weeks on tripwires.metric_id = weeks.metric_id
    group by tripwires.tripwire_id, weeks.product_id
)

select
    coalesce(levels.tripwire_id, declared.tripwire_id) as tripwire_id,
    coalesce(levels.kpi_id, declared.kpi_id) as kpi_id,
    coalesce(levels.product_id, declared.product_id) as product_id,
    coalesce(levels.week_start_date, declared.week_start_date) as week_start_date,
    levels.observed_value,
    levels.observed_n,
    coalesce(levels.is_crossed, false) as is_crossed,
    levels.tripwire_id is not null as has_level,
    first_complete.ripe_from_date
from levels
full outer join declared
    on levels.tripwire_id = declared.tripwire_id
    and levels.product_id = declared.product_id
    and levels.week_start_date = declared.week_start_date
left join first_complete
    on coalesce(levels.tripwire_id, declared.tripwire_id) = first_complete.tripwire_id
    and coalesce(levels.product_id, declared.product_id) = first_complete.product_id
