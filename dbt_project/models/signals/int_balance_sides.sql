-- the parts of "before" and "after" re-added over usable weeks, one row a side
with

weeks as (
    select
        product_id, metric_id, week_start_date, ripe_number, value, numerator, denominator,
        sum_squares, unit_count, is_usable
    from {{ ref('int_ripe_weeks') }}
),

windows as (
    select
        product_id, kpi_id, metric_id, week_start_date, window_periods, last_ripe_number,
        baseline_from_date, baseline_to_date
    from {{ ref('int_balance_periods') }}
),

baselines as (
    select
        stretches.product_id,
        stretches.metric_id,
        stretches.baseline_to_date,
        min(weeks.week_start_date) as from_date,
        max(weeks.week_start_date) as to_date,
        count(*) as ripe_week_count,
        count(*) filter (where weeks.is_usable) as week_count,
        {{ ordered('sum', 'weeks.numerator') }} filter (where weeks.is_usable) as numerator,
        {{ ordered('sum', 'weeks.denominator') }} filter (where weeks.is_usable) as denominator,
        {{ ordered('sum', 'weeks.sum_squares') }} filter (where weeks.is_usable) as sum_squares,
        sum(weeks.unit_count) filter (where weeks.is_usable) as unit_count,
        {{ ordered('avg', 'weeks.value') }} filter (where weeks.is_usable) as mean_value
    from (select distinct product_id, metric_id, baseline_from_date, baseline_to_date from windows) as stretches
    inner join weeks
        on
            stretches.product_id = weeks.product_id
            and stretches.metric_id = weeks.metric_id
            and weeks.week_start_date between stretches.baseline_from_date and stretches.baseline_to_date
    group by stretches.product_id, stretches.metric_id, stretches.baseline_to_date
),

afters as (
    select
        windows.product_id,
        windows.kpi_id,
        windows.metric_id,
        windows.week_start_date,
        min(weeks.week_start_date) as from_date,
        max(weeks.week_start_date) as to_date,
        count(*) as ripe_week_count,
        count(*) filter (where weeks.is_usable) as week_count,
        {{ ordered('sum', 'weeks.numerator') }} filter (where weeks.is_usable) as numerator,
        {{ ordered('sum', 'weeks.denominator') }} filter (where weeks.is_usable) as denominator,
        {{ ordered('sum', 'weeks.sum_squares') }} filter (where weeks.is_usable) as sum_squares,
        sum(weeks.unit_count) filter (where weeks.is_usable) as unit_count,
        {{ ordered('avg', 'weeks.value') }} filter (where weeks.is_usable) as mean_value
    from windows
    inner join weeks
        on windows.product_id = weeks.product_id
        and windows.metric_id = weeks.metric_id
        and weeks.ripe_number > windows.last_ripe_number - windows.window_periods
        and weeks.ripe_number <= windows.last_ripe_number
    group by windows.product_id, windows.kpi_id, windows.metric_id, windows.week_start_date
)

select
    product_id, kpi_id, metric_id, week_start_date, 'after' as side, from_date, to_date,
    ripe_week_count, week_count, numerator, denominator, sum_squares, unit_count, mean_value
from afters
union all
select
    windows.product_id, windows.kpi_id, windows.metric_id, windows.week_start_date,
    'before' as side, baselines.from_date, baselines.to_date, baselines.ripe_week_count,
    baselines.week_count, baselines.numerator, baselines.denominator, baselines.sum_squares,
    baselines.unit_count, baselines.mean_value
from windows
inner join baselines
    on windows.product_id = baselines.product_id
    and windows.metric_id = baselines.metric_id
    and windows.baseline_to_date = baselines.baseline_to_date
