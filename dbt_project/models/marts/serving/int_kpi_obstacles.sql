-- why a KPI can't be read or judged in a week, as words, and what to mend in which tool
with

verdicts as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        kpis.metric_id,
        metrics.natural_period
    from {{ ref('int_verdicts') }} as verdicts
    inner join {{ ref('dim_kpis') }} as kpis on verdicts.kpi_id = kpis.kpi_id
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
),

-- the verdict looks at the four latest ripe periods
recent_periods as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        verdicts.metric_id,
        periods.period_start_date,
        periods.is_suppressed,
        row_number() over (
            partition by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
            order by periods.period_start_date desc
        ) as recency
    from verdicts
    inner join {{ ref('fct_metric_values') }} as periods
        on verdicts.product_id = periods.product_id
        and verdicts.metric_id = periods.metric_id
        and verdicts.natural_period = periods.period_grain
        and periods.period_start_date <= verdicts.week_start_date
    where periods.is_ripe and periods.segment_type = 'all'
),

recent as (
    select
        product_id,
        kpi_id,
        week_start_date,
        metric_id,
        min(period_start_date) as from_date,
        max(period_start_date) as latest_ripe_period_start_date,
        bool_and(is_suppressed) as is_suppressed
    from recent_periods
    where recency <= 4
    group by product_id, kpi_id, week_start_date, metric_id
),

worst_trust as (
    select
        recent.product_id,
        recent.kpi_id,
        recent.week_start_date,
        metric_trust.reason,
        metric_trust.repair_hint,
        metric_trust.source_id,
        row_number() over (
            partition by recent.product_id, recent.kpi_id, recent.week_start_date
            order by metric_trust.grade desc, metric_trust.week_start_date desc
        ) as rank
    from recent
    inner join {{ source('guard', 'metric_trust') }} as metric_trust
        on recent.product_id = metric_trust.product_id
        and recent.metric_id = metric_trust.metric_id
        and metric_trust.week_start_date >= recent.from_date
        and metric_trust.week_start_date <= recent.week_start_date
    where metric_trust.grade in ('C', 'D')
),

latest_segments as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        segments.state,
        segments.chart_grain,
        cast(segments.usable_count as integer) as usable_count,
        row_number() over (
            partition by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
            order by segments.segment_number desc, segments.as_of_at desc
        ) as rank
    from verdicts
    -- provisional limits beside locked ones judge nothing, so they keep nothing from being judged
    inner join {{ source('state', 'limit_segments') }} as segments
        on (segments.segment_number = 1 or segments.state = 'locked')
        and verdicts.product_id = segments.product_id
        and verdicts.metric_id = segments.metric_id
        and verdicts.week_start_date >= segments.start_date
)

select
    verdicts.product_id,
    verdicts.kpi_id,
    verdicts.week_start_date,
    recent.latest_ripe_period_start_date,
    latest_segments.state as limit_state,
    worst_trust.reason as trust_reason,
    worst_trust.source_id as trust_source_id,
    worst_trust.repair_hint,
    case
        when recent.kpi_id is null then 'no period of it is complete yet'
        when recent.is_suppressed then 'too few people stand behind it to show it'
        when latest_segments.state = 'degenerate'
            then 'all its values were the same, so that no limits can be drawn'
        when latest_segments.state = 'provisional'
            then 'its limits are provisional, ' || cast(latest_segments.usable_count as varchar)
            || ' of ' || {{ periods_to_lock('latest_segments.chart_grain') }} || ' usable periods so far'
        when latest_segments.state = 'locked'
            then 'none of its four latest complete periods can be used'
        else coalesce(cast(latest_segments.usable_count as varchar), 'too few')
            || ' usable periods so far, and limits need 8 to be drawn and '
            || {{ periods_to_lock('latest_segments.chart_grain') }} || ' to be locked'
    end as why
from verdicts
left join recent
    on verdicts.product_id = recent.product_id
    and verdicts.kpi_id = recent.kpi_id
    and verdicts.week_start_date = recent.week_start_date
left join worst_trust
    on verdicts.product_id = worst_trust.product_id
    and verdicts.kpi_id = worst_trust.kpi_id
    and verdicts.week_start_date = worst_trust.week_start_date
    and worst_trust.rank = 1
left join latest_segments
    on verdicts.product_id = latest_segments.product_id
    and verdicts.kpi_id = latest_segments.kpi_id
    and verdicts.week_start_date = latest_segments.week_start_date
    and latest_segments.rank = 1
