-- the worst day of each week for tripwires that look at single days
with

tripwires as (
    select tripwires.tripwire_id, kpis.product_id, tripwires.metric_id, tripwires.operator, tripwires.minimum_n
    from {{ source('registry', 'tripwires') }} as tripwires
    inner join {{ source('registry', 'kpis') }} as kpis on tripwires.kpi_id = kpis.kpi_id
    where tripwires.grain = 'day'
),

items as (
    select
        tripwires.tripwire_id,
        tripwires.product_id,
        tripwires.operator,
        tripwires.minimum_n,
        sides.side,
        sides.aggregate,
        measure_values.week_start_date,
        cast({{ to_reporting_zone('measure_values.anchored_at') }} as date) as day_date,
        measure_values.person_id,
        measure_values.subject_id,
        measure_values.unit_key,
        measure_values.amount
    from {{ ref('int_measure_values') }} as measure_values
    inner join {{ ref('int_metric_sides') }} as sides
        on measure_values.product_id = sides.product_id and measure_values.measure_id = sides.measure_id
    inner join tripwires
        on sides.product_id = tripwires.product_id and sides.metric_id = tripwires.metric_id
),

sides_summed as (
    select
        tripwire_id,
        product_id,
        operator,
        minimum_n,
        week_start_date,
        day_date,
        side,
        count(*) as item_count,
        case aggregate
            when 'distinct_people' then count(distinct person_id)
            when 'distinct_subjects' then count(distinct subject_id)
            when 'distinct_actors' then count(distinct unit_key)
            else {{ ordered('sum', 'amount') }}
        end as amount
    from items
    group by tripwire_id, product_id, operator, minimum_n, week_start_date, day_date, side, aggregate
),

days as (
    select
        tripwire_id,
        product_id,
        operator,
        minimum_n,
        week_start_date,
        day_date,
        coalesce(max(amount) filter (where side = 'numerator'), 0) as numerator,
        max(amount) filter (where side = 'denominator') as denominator,
        coalesce(max(item_count) filter (where side = 'denominator'), max(item_count)) as observed_n,
        bool_or(side = 'denominator') as has_denominator
    from sides_summed
    group by tripwire_id, product_id, operator, minimum_n, week_start_date, day_date
),

valued as (
    select
        *,
        case when has_denominator then {{ ratio('numerator', 'denominator') }} else numerator end as observed_value,
        observed_n >= coalesce(minimum_n, 0) as is_enough
    from days
),

ranked as (
    select
        *,
        row_number() over (
            partition by tripwire_id, product_id, week_start_date
            order by
                is_enough desc,
                case when operator in ('<', '<=') then observed_value else -observed_value end nulls last,
                day_date
        ) as badness
    from valued
)

select tripwire_id, product_id, week_start_date, day_date, observed_value, observed_n
from ranked
where badness = 1
