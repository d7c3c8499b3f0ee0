-- state of each balancing metric per KPI and week: shown to hold, shown to be worse, or neither
with

windows as (
    select
        product_id, kpi_id, metric_id, week_start_date, margin, margin_scale, window_periods,
        improved_from_date
    from {{ ref('int_balance_periods') }}
),

directed as (
    select
        windows.product_id, windows.kpi_id, windows.metric_id, windows.week_start_date,
        windows.margin, windows.margin_scale,
        intervals.before_value, intervals.after_value, intervals.before_n, intervals.after_n,
        intervals.before_from_date, intervals.before_to_date,
        intervals.after_from_date, intervals.after_to_date, intervals.method,
        intervals.before_numerator, intervals.before_denominator, intervals.before_sd,
        intervals.after_numerator, intervals.after_denominator, intervals.after_sd,
        intervals.sigma_hat, intervals.widening,
        metrics.direction in ('band', 'none') as is_band,
        -- worse is up where lower is better
        case metrics.direction when 'up' then -intervals.change else intervals.change end as difference,
        case metrics.direction when 'up' then -intervals.change_high else intervals.change_low end as ci_low,
        case metrics.direction when 'up' then -intervals.change_low else intervals.change_high end as ci_high,
        coalesce(signals.signal = 'worsened', false) as is_chart_worsened,
        readiness.trust_grade,
        coalesce(readiness.trust_grade in ('C', 'D'), false) as is_untrusted,
        -- before the first ripe period there is nothing to grade yet: that is no doubt of what was sent
        readiness.trust_grade is null as is_young,
        coalesce(readiness.is_suppressed, false) as is_suppressed,
        case
            when intervals.before_value is null then 'no_baseline'
            when coalesce(intervals.after_ripe_week_count, 0) < windows.window_periods then 'not_ripe'
            when intervals.after_from_date <= intervals.before_to_date then 'overlaps_baseline'
            when intervals.after_from_date < windows.improved_from_date then 'signal_too_young'
            when intervals.change_high is null then 'too_few_items'
        end as no_interval_reason
    from windows
    left join {{ ref('int_balance_intervals') }} as intervals
        on windows.product_id = intervals.product_id
        and windows.kpi_id = intervals.kpi_id
        and windows.metric_id = intervals.metric_id
        and windows.week_start_date = intervals.week_start_date
    inner join {{ source('registry', 'metrics') }} as metrics on windows.metric_id = metrics.metric_id
    left join {{ ref('int_signals') }} as signals
        on windows.product_id = signals.product_id
        and windows.metric_id = signals.metric_id
        and windows.week_start_date = signals.week_start_date
    left join {{ ref('int_metric_readiness') }} as readiness
        on windows.product_id = readiness.product_id
        and windows.metric_id = readiness.metric_id
        and windows.week_start_date = readiness.week_start_date
),

bounded as (
    select
        directed.*,
        case when no_interval_reason is null then ci_low end as judged_low,
        case when no_interval_reason is null then ci_high end as judged_high
    from directed
),

stated as (
    select
        bounded.*,
        case
            when is_untrusted or is_suppressed or is_young then 'unresolved'
            else {{ balance_state('judged_low', 'judged_high', 'margin', 'is_band', 'is_chart_worsened') }}
        end as state
    from bounded
)

select
    product_id,
    kpi_id,
    metric_id,
    week_start_date,
    before_value,
    after_value,
    before_n,
    after_n,
    before_from_date,
    before_to_date,
    after_from_date,
    after_to_date,
    before_numerator,
    before_denominator,
    before_sd,
    after_numerator,
    after_denominator,
    after_sd,
    sigma_hat,
    widening,
    difference,
    judged_low as ci_low,
    judged_high as ci_high,
    margin,
    margin_scale,
    state,
    case when no_interval_reason is null then method when state = 'breached' then 'chart' end as method,
    case
        when is_suppressed then 'suppressed'
        when is_untrusted then 'untrusted'
        when is_young then 'not_ripe'
        when state = 'held' then 'upper_below_margin'
        when state = 'breached' and judged_low > 0 and judged_high >= margin then 'worse_beyond_doubt'
        when state = 'breached' and is_band and judged_high < 0 and judged_low <= -margin then 'worse_beyond_doubt'
        when state = 'breached' then 'chart_worsened'
        else coalesce(no_interval_reason, 'interval_too_wide')
    end as reason,
    trust_grade
from stated
