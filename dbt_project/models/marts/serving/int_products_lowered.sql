-- weeks in which people lowered a product as a whole, for what has no grade of its own
select
    overrides.product_id,
    weeks.week_start_date,
    max(overrides.grade) as grade
from {{ source('registry', 'trust_overrides') }} as overrides
inner join {{ ref('dim_weeks') }} as weeks
    on weeks.week_start_date >= overrides.from_week_date
    and (overrides.to_week_date is null or weeks.week_start_date <= overrides.to_week_date)
where overrides.product_id is not null and overrides.metric_id is null
group by overrides.product_id, weeks.week_start_date
