-- Laplace's trend statistic of the outages of a period: whether they crowd towards its start or end;
-- U = sqrt(12 r) (mean(t) / T - 1/2) for r outages at times t of a window of length T
with

period_weeks as (
    select
        weeks.product_id,
        weeks.metric_id,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        weeks.week_start_date,
        greatest(weeks.week_start_at, weeks.first_observed_at) as from_at,
        least(weeks.week_end_at, weeks.observed_until_at) as until_at
    from {{ ref('int_metric_period_weeks') }} as period_weeks
    inner join {{ ref('int_metric_weeks') }} as weeks
        on
            period_weeks.product_id = weeks.product_id
            and period_weeks.metric_id = weeks.metric_id
            and period_weeks.week_start_date = weeks.week_start_date
    inner join {{ source('registry', 'metrics') }} as metrics
        on weeks.metric_id = metrics.metric_id and metrics.statistic = 'mtbf'
    where period_weeks.is_added
),

windows as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        min(from_at) as from_at,
        max(until_at) as until_at
    from period_weeks
    group by product_id, metric_id, period_grain, period_start_date
),

-- whole microseconds add up exactly, in any order
onsets as (
    select
        windows.product_id,
        windows.metric_id,
        windows.period_grain,
        windows.period_start_date,
        {{ micros_between('windows.from_at', 'windows.until_at') }} as window_us,
        count(*) as outage_count,
        sum({{ micros_between('windows.from_at', 'outages.started_at') }}) as onset_us
    from windows
    inner join {{ ref('int_outages') }} as outages
        on
            windows.product_id = outages.product_id
            and windows.from_at <= outages.started_at
            and windows.until_at > outages.started_at
    group by
        windows.product_id, windows.metric_id, windows.period_grain, windows.period_start_date,
        windows.from_at, windows.until_at
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    outage_count,
    sqrt(12.0 * outage_count) * ({{ ratio('onset_us', 'outage_count') }} / nullif(window_us, 0) - 0.5) as trend_u
from onsets
-- below four the statistic says nothing
where outage_count >= 4
