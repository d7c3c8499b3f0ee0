-- before and after of each verdict's lead, re-added from parts: baseline against the signal's periods
with

verdicts as (
    select
        product_id, kpi_id, week_start_date, signal
    from {{ ref('int_verdicts') }}
),

kpis as (
    select
        kpis.kpi_id,
        kpis.metric_id,
        metrics.kind,
        -- outages are few: their parts are re-added over thirteen weeks, wherever those begin
        case metrics.kind when 'reliability' then 'week' else metrics.natural_period end
            as natural_period,
        case metrics.kind when 'reliability' then 13 else 8 end as recent_count
    from {{ ref('dim_kpis') }} as kpis
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
),

-- what may be used: withheld and suppressed periods have no parts here, and those struck through speak for nothing;
-- they take their place all the same, or what is recent would reach back over them
periods as (
    select
        product_id, metric_id, period_grain, period_start_date,
        case when trust_grade in ('A', 'B') then value end as value,
        case when trust_grade in ('A', 'B') then numerator end as numerator,
        case when trust_grade in ('A', 'B') then denominator end as denominator
    from {{ ref('fct_metric_values') }}
    where is_ripe and segment_type = 'all'
),

segments as (
    select
        segments.product_id, segments.metric_id, segments.segment_number, segments.baseline_from, segments.baseline_to
    from {{ source('state', 'limit_segments') }} as segments
    inner join {{ source('registry', 'metrics') }} as metrics
        on segments.metric_id = metrics.metric_id and segments.metric_version = metrics.metric_version
    where segments.state = 'locked'
),

signals as (
    select
        product_id, metric_id, week_start_date, signal_from_date, segment_number
    from {{ ref('int_signals') }}
),

framed as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        kpis.metric_id,
        kpis.kind,
        kpis.natural_period,
        kpis.recent_count,
        case when verdicts.signal <> 'none' then signals.signal_from_date end as after_from_date,
        segments.baseline_from,
        segments.baseline_to
    from verdicts
    inner join kpis on verdicts.kpi_id = kpis.kpi_id
    left join signals
        on verdicts.product_id = signals.product_id
        and kpis.metric_id = signals.metric_id
        and verdicts.week_start_date = signals.week_start_date
    left join segments
        on verdicts.product_id = segments.product_id
        and kpis.metric_id = segments.metric_id
        -- the limits that judged the week
        and signals.segment_number = segments.segment_number
),

numbered as (
    select
        framed.product_id,
        framed.kpi_id,
        framed.week_start_date,
        framed.kind,
        framed.after_from_date,
        framed.recent_count,
        periods.period_start_date,
        periods.value,
        periods.numerator,
        periods.denominator,
        periods.period_start_date between framed.baseline_from and framed.baseline_to as is_before,
        row_number() over (
            partition by framed.product_id, framed.kpi_id, framed.week_start_date
            order by periods.period_start_date desc
        ) as recency
    from framed
    inner join periods
        on framed.product_id = periods.product_id
        and framed.metric_id = periods.metric_id
        and framed.natural_period = periods.period_grain
        and periods.period_start_date <= framed.week_start_date
),

sided as (
    select
        numbered.*,
        case
            when after_from_date is null then recency <= recent_count
            else period_start_date >= after_from_date
        end as is_after
    from numbered
),

parts as (
    select
        product_id,
        kpi_id,
        week_start_date,
        max(kind) as kind,
        {{ ratio(
            ordered('sum', 'numerator') ~ ' filter (where is_before)', ordered('sum', 'denominator') ~ ' filter (where is_before)') }} as before_ratio,
        {{ ratio(
            ordered('sum', 'numerator') ~ ' filter (where is_after)', ordered('sum', 'denominator') ~ ' filter (where is_after)') }} as after_ratio,
        {{ ordered('avg', 'value') }} filter (where is_before) as before_mean,
        {{ ordered('avg', 'value') }} filter (where is_after) as after_mean
    from sided
    group by product_id, kpi_id, week_start_date
)

select
    product_id,
    kpi_id,
    week_start_date,
    -- a stock is a level, so its mean is fair; other values without parts can't be pooled
    case when kind = 'stock' then before_mean else before_ratio end as before_value,
    case when kind = 'stock' then after_mean else after_ratio end as after_value
from parts
