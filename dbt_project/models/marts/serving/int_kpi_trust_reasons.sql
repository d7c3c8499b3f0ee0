-- which finding on the lead gave a KPI's week its grade C or D, and what to mend; no row where it has A or B
with

kpis as (
    select
        kpis.kpi_id, kpis.metric_id, metrics.natural_period
    from {{ ref('dim_kpis') }} as kpis
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
),

chart_grains as (
    select
        product_id, metric_id, max(chart_grain) as chart_grain
    from {{ source('guard', 'chart_points') }}
    group by product_id, metric_id
),

verdicts as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        verdicts.metric_id,
        verdicts.trust_grade,
        verdicts.lead_period_start_date,
        -- periods as the grade reads them: those of the chart, else the declared ones
        coalesce(
            {{ grain_weeks('chart_grains.chart_grain') }}, {{ grain_weeks('kpis.natural_period') }}, 13
        ) as week_count
    from {{ ref('int_verdicts') }} as verdicts
    inner join kpis on verdicts.kpi_id = kpis.kpi_id
    left join chart_grains
        on verdicts.product_id = chart_grains.product_id
        and verdicts.metric_id = chart_grains.metric_id
    where verdicts.trust_grade in ('C', 'D')
),

-- a later week gives the grade where the source fell silent; else it says nothing of these periods
ranked as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        metric_trust.week_start_date as trust_week_start_date,
        metric_trust.reason,
        metric_trust.repair_hint,
        metric_trust.source_id,
        row_number() over (
            partition by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
            order by
                metric_trust.week_start_date
                < coalesce(verdicts.lead_period_start_date, verdicts.week_start_date) + 7 * verdicts.week_count desc,
                metric_trust.week_start_date desc
        ) as rank
    from verdicts
    inner join {{ source('guard', 'metric_trust') }} as metric_trust
        on verdicts.product_id = metric_trust.product_id
        and verdicts.metric_id = metric_trust.metric_id
        and verdicts.trust_grade = metric_trust.grade
        -- three periods before the latest, and the weeks after it
        and metric_trust.week_start_date
        >= coalesce(verdicts.lead_period_start_date, verdicts.week_start_date) - 21 * verdicts.week_count
        and metric_trust.week_start_date <= verdicts.week_start_date
)

select
    product_id,
    kpi_id,
    week_start_date,
    {{ without_addresses('reason') }} as trust_reason,
    trust_week_start_date,
    source_id as trust_source_id,
    repair_hint
from ranked
where rank = 1
