-- the dense grid: every week of a product's metric from its first observation to the end of what is known,
-- ripe or not; metrics of their own only, derived ones follow their parents
with

look_aheads as (
    select product_id, metric_id, look_ahead_hours, has_working_tau from {{ ref('int_metric_look_aheads') }}
),

required_sources as (
    select distinct lineage.product_id, lineage.metric_id, lineage.source_id
    from {{ ref('int_metric_lineage') }} as lineage
    where lineage.is_required
),

source_starts as (
    select product_id, source_id, min(first_occurred_at) as first_occurred_at, min(first_week_start_date) as first_week_start_date
    from {{ ref('int_source_event_counts') }}
    group by product_id, source_id
),

-- a week is known as far as the slowest required source is
spans as (
    select
        required_sources.product_id,
        required_sources.metric_id,
        min(source_starts.first_occurred_at) as first_observed_at,
        min(source_starts.first_week_start_date) as first_week_start_date,
        min(least(run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at))) as observed_until_at,
        case
            when count(*) = count(watermarks.watermark_at)
                then min({{ plus_hours('watermarks.watermark_at', '-coalesce(watermarks.lateness_hours, 0)') }})
        end as known_until_at
    from required_sources
    cross join {{ source('registry', 'run_context') }} as run_context
    left join {{ source('registry', 'sources') }} as sources on required_sources.source_id = sources.source_id
    left join source_starts
        on required_sources.product_id = source_starts.product_id and required_sources.source_id = source_starts.source_id
    left join {{ ref('int_source_watermarks') }} as watermarks
        on required_sources.source_id = watermarks.source_id
    group by required_sources.product_id, required_sources.metric_id
),

-- where items are needed to make a value, the grid starts with the first of them
first_items as (
    select sides.product_id, sides.metric_id, min(measure_values.week_start_date) as first_week_start_date
    from {{ ref('int_measure_values') }} as measure_values
    inner join {{ ref('int_metric_sides') }} as sides
        on measure_values.product_id = sides.product_id and measure_values.measure_id = sides.measure_id
    where sides.side = 'denominator' or sides.kind = 'quantile'
    group by sides.product_id, sides.metric_id
    union all
    select product_id, metric_id, min(week_start_date) as first_week_start_date
    from {{ ref('int_duration_items') }}
    group by product_id, metric_id
    union all
    select product_id, metric_id, min(week_start_date) as first_week_start_date
    from {{ ref('int_custom_weeks') }}
    -- people of four weeks stand in the last of them, and are counted from the first
    where coalesce(denominator, 1) > 0
    group by product_id, metric_id
),

bounds as (
    select
        look_aheads.product_id,
        look_aheads.metric_id,
        look_aheads.look_ahead_hours,
        look_aheads.has_working_tau,
        coalesce(first_items.first_week_start_date, spans.first_week_start_date) as first_week_start_date,
        spans.first_observed_at,
        spans.observed_until_at,
        spans.known_until_at
    from look_aheads
    inner join spans on look_aheads.product_id = spans.product_id and look_aheads.metric_id = spans.metric_id
    left join first_items
        on look_aheads.product_id = first_items.product_id and look_aheads.metric_id = first_items.metric_id
),

spine as (
    select {{ weeks_between('first_week', 'last_week') }} as week_start_date
    from (
        select min(first_week_start_date) as first_week, max(cast(observed_until_at as date)) + 1 as last_week
        from bounds
    ) as ends
),

weeks as (
    select
        week_start_date,
        {{ from_reporting_zone('week_start_date') }} as week_start_at,
        {{ from_reporting_zone('week_start_date + 7') }} as week_end_at
    from spine
),

grid as (
    select
        bounds.product_id, bounds.metric_id, weeks.week_start_date, weeks.week_start_at, weeks.week_end_at,
        bounds.first_observed_at, bounds.observed_until_at, bounds.known_until_at,
        bounds.look_ahead_hours
        + case when bounds.has_working_tau then working.look_ahead_hours else 0 end as look_ahead_hours
    from bounds
    inner join weeks
        on
            bounds.first_week_start_date <= weeks.week_start_date
            and bounds.observed_until_at > weeks.week_start_at
    left join {{ ref('int_working_look_aheads') }} as working
        on bounds.metric_id = working.metric_id and weeks.week_start_date = working.week_start_date
)

select
    product_id,
    metric_id,
    week_start_date,
    week_start_at,
    week_end_at,
    first_observed_at,
    observed_until_at,
    look_ahead_hours,
    coalesce({{ plus_hours('week_end_at', 'look_ahead_hours') }} <= known_until_at, false) as is_ripe,
    -- all time has passed that a value needs, only late events may still come
    coalesce({{ plus_hours('week_end_at', 'look_ahead_hours') }} > known_until_at, true)
    and coalesce({{ plus_hours('week_end_at', 'look_ahead_hours') }} <= observed_until_at, false) as is_provisional
from grid
