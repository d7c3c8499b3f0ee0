-- why a KPI can't be read or judged in a week, as words, and what to mend in which tool
with

verdicts as (
    select
        verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date,
        kpis.metric_id, metrics.natural_period,
        verdicts.limit_state, verdicts.has_usable_period, verdicts.is_suppressed, verdicts.trust_grade
    from {{ ref('int_verdicts') }} as verdicts
    inner join {{ ref('dim_kpis') }} as kpis on verdicts.kpi_id = kpis.kpi_id
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
),

recent as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        max(case when periods.is_due then periods.period_start_date end) as latest_due_period_start_date,
        max(case when periods.is_ripe then periods.period_start_date end) as latest_ripe_period_start_date,
        max(
            case when periods.is_ripe and periods.trust_grade in ('A', 'B') and periods.value is not null
                then periods.period_start_date end
        ) as last_trusted_period_start_date
    from verdicts
    inner join {{ ref('fct_metric_values') }} as periods
        on verdicts.product_id = periods.product_id
        and verdicts.metric_id = periods.metric_id
        and verdicts.natural_period = periods.period_grain
        and periods.period_start_date <= verdicts.week_start_date
    where periods.is_due and periods.segment_type = 'all'
    group by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
),

-- as many as were known in that week: today's segment may have locked since
usable_periods as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        max(points.chart_grain) as chart_grain,
        cast(count(*) filter (where points.is_usable and not points.is_open_gap) as integer) as usable_count
    from verdicts
    inner join {{ ref('int_chart_rules') }} as points
        on verdicts.product_id = points.product_id
        and verdicts.metric_id = points.metric_id
        and verdicts.week_start_date >= points.known_week_start_date
    group by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
),

unheard as (
    select lineage.product_id, lineage.metric_id, min(lineage.source_id) as source_id
    from {{ ref('int_metric_lineage') }} as lineage
    inner join {{ ref('int_source_watermarks') }} as watermarks
        on lineage.source_id = watermarks.source_id and watermarks.latest_received_at is null
    where lineage.is_required
    group by lineage.product_id, lineage.metric_id
)

select
    verdicts.product_id,
    verdicts.kpi_id,
    verdicts.week_start_date,
    recent.latest_due_period_start_date,
    case when verdicts.trust_grade in ('C', 'D') then recent.last_trusted_period_start_date end
    as last_trusted_period_start_date,
    last_trusted.value as last_trusted_value,
    trust_reasons.trust_reason,
    trust_reasons.trust_week_start_date,
    trust_reasons.trust_source_id,
    trust_reasons.repair_hint,
    trust_reasons.lost_from_date,
    trust_reasons.lost_to_date,
    trust_reasons.is_lost_still,
    trust_reasons.lost_words,
    -- in the words of what the rule looked at
    case
        when verdicts.limit_state = 'no_chart'
            then 'no chart is kept for a metric of this kind, so there are no limits to judge it by'
        when verdicts.limit_state = 'no_data'
            then coalesce(unheard.source_id || ' has not sent anything yet', 'nothing of it has been received yet')
        -- a rule may have read weeks where the card shows longer periods
        when recent.latest_ripe_period_start_date is null and not verdicts.has_usable_period
            then 'no period of it is complete yet'
        when verdicts.is_suppressed then 'too few people stand behind it to show it'
        when verdicts.limit_state = 'degenerate'
            then 'all its values were the same, so that no limits can be drawn'
        when verdicts.limit_state = 'provisional'
            then 'its limits are provisional, ' || cast(coalesce(usable_periods.usable_count, 0) as varchar)
            || ' of ' || {{ periods_to_lock('usable_periods.chart_grain') }} || ' usable periods so far'
        when verdicts.limit_state <> 'locked'
            then cast(coalesce(usable_periods.usable_count, 0) as varchar)
            || case when usable_periods.usable_count = 1 then ' usable period' else ' usable periods' end
            || ' so far, and limits need 8 to be drawn and '
            || {{ periods_to_lock('usable_periods.chart_grain') }} || ' to be locked'
        when not verdicts.has_usable_period then 'none of its four latest complete periods can be used'
    end as why
from verdicts
left join recent
    on verdicts.product_id = recent.product_id
    and verdicts.kpi_id = recent.kpi_id
    and verdicts.week_start_date = recent.week_start_date
left join {{ ref('fct_metric_values') }} as last_trusted
    on verdicts.trust_grade in ('C', 'D')
    and verdicts.product_id = last_trusted.product_id
    and verdicts.metric_id = last_trusted.metric_id
    and last_trusted.segment_type = 'all'
    and verdicts.natural_period = last_trusted.period_grain
    and recent.last_trusted_period_start_date = last_trusted.period_start_date
left join {{ ref('int_trust_reasons') }} as trust_reasons
    on verdicts.product_id = trust_reasons.product_id
    and verdicts.metric_id = trust_reasons.metric_id
    and verdicts.week_start_date = trust_reasons.week_start_date
left join unheard
    on verdicts.product_id = unheard.product_id
    and verdicts.metric_id = unheard.metric_id
left join usable_periods
    on verdicts.product_id = usable_periods.product_id
    and verdicts.kpi_id = usable_periods.kpi_id
    and verdicts.week_start_date = usable_periods.week_start_date
