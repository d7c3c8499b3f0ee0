-- periods of metrics that count records of people, and whether they may be shown for themselves
with

record_metrics as (
    select metric_id, least_people from {{ ref('int_metric_least_people') }} where is_of_records
),

-- where both sides count what is open, a longer period is its last week again: there is nothing to subtract
overlapping as (
    select product_id, metric_id, bool_and(aggregate = 'open_at_period_end') as is_overlapping
    from {{ ref('int_metric_sides') }}
    group by product_id, metric_id
),

period_weeks as (
    select
        product_id, metric_id, period_grain, period_start_date, week_start_date,
        max(week_start_date) over (partition by product_id, metric_id, period_grain, period_start_date)
            as last_week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

records as (
    select
        period_weeks.product_id, period_weeks.metric_id, period_weeks.period_grain, period_weeks.period_start_date,
        count(distinct subjects.subject_id) as record_count
    from period_weeks
    inner join {{ ref('int_record_subjects') }} as subjects
        on
            period_weeks.product_id = subjects.product_id
            and period_weeks.metric_id = subjects.metric_id
            and period_weeks.week_start_date = subjects.week_start_date
            and (not subjects.is_open or period_weeks.week_start_date = period_weeks.last_week_start_date)
    group by
        period_weeks.product_id, period_weeks.metric_id, period_weeks.period_grain, period_weeks.period_start_date
)

select
    periods.product_id,
    periods.metric_id,
    periods.metric_id as counted_metric_id,
    periods.period_grain,
    periods.period_start_date,
    record_metrics.least_people,
    overlapping.is_overlapping,
    false as is_derived,
    coalesce(records.record_count, 0) < record_metrics.least_people as is_below
from {{ ref('int_metric_periods') }} as periods
inner join record_metrics on periods.metric_id = record_metrics.metric_id
inner join overlapping
    on periods.product_id = overlapping.product_id and periods.metric_id = overlapping.metric_id
left join records
    on
        periods.product_id = records.product_id
        and periods.metric_id = records.metric_id
        and periods.period_grain = records.period_grain
        and periods.period_start_date = records.period_start_date
where periods.value is not null or periods.unit_count > 0 or coalesce(periods.numerator, 0) <> 0
