-- periods of metrics about people, and whether they may be shown for themselves
with

person_metrics as (
    select metric_id, counted_metric_id, kind, least_people
    from {{ ref('int_metric_least_people') }}
    where subject_kind = 'person'
),

cells as (
    select product_id, metric_id, period_grain, period_start_date, top_share
    from {{ ref('int_cells') }}
    where segment_type = 'all'
),

-- open tasks are counted again every week: two weeks can be subtracted from each other. A longer
-- period takes its last week, so it is shown where that week is
overlapping as (
    select distinct product_id, metric_id
    from {{ ref('int_metric_sides') }}
    where aggregate = 'open_at_period_end'
),

last_weeks as (
    select product_id, metric_id, period_grain, period_start_date, max(week_start_date) as week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
    group by product_id, metric_id, period_grain, period_start_date
),

rosters_shown as (
    select last_weeks.product_id, last_weeks.metric_id, last_weeks.period_grain, last_weeks.period_start_date
    from last_weeks
    inner join {{ ref('int_roster_weeks_shown') }} as shown
        on
            last_weeks.product_id = shown.product_id
            and last_weeks.metric_id = shown.metric_id
            and last_weeks.week_start_date = shown.week_start_date
)

select
    periods.product_id,
    periods.metric_id,
    person_metrics.counted_metric_id,
    periods.period_grain,
    periods.period_start_date,
    person_metrics.least_people,
    overlapping.metric_id is not null as is_overlapping,
    person_metrics.kind = 'derived' as is_derived,
    (overlapping.metric_id is not null and rosters_shown.metric_id is null)
    or small.metric_id is not null
    -- too few for a value, it shows its parts all the same: they tell of nobody or everybody as a value does
    or {{ primary_reason(
        'periods.person_count', 'person_metrics.least_people', 'person_metrics.kind',
        ratio('periods.numerator', 'periods.denominator'), '1', 'cells.top_share'
    ) }} is not null as is_below
from {{ ref('int_metric_periods') }} as periods
inner join person_metrics on periods.metric_id = person_metrics.metric_id
left join cells
    on
        periods.product_id = cells.product_id
        and person_metrics.counted_metric_id = cells.metric_id
        and periods.period_grain = cells.period_grain
        and periods.period_start_date = cells.period_start_date
left join overlapping
    on periods.product_id = overlapping.product_id and person_metrics.counted_metric_id = overlapping.metric_id
left join rosters_shown
    on
        periods.product_id = rosters_shown.product_id
        and person_metrics.counted_metric_id = rosters_shown.metric_id
        and periods.period_grain = rosters_shown.period_grain
        and periods.period_start_date = rosters_shown.period_start_date
left join {{ ref('int_custom_periods_small') }} as small
    on
        periods.product_id = small.product_id
        and periods.metric_id = small.metric_id
        and periods.period_grain = small.period_grain
        and periods.period_start_date = small.period_start_date
where periods.value is not null or coalesce(periods.person_count, 0) > 0
