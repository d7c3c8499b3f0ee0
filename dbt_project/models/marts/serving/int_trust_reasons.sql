-- which finding gave a lead or balance its grade C or D in a reading, from when to when, and what to mend; no row where
-- it has A or B
with

sides as (
    select metric_id from {{ source('registry', 'kpis') }}
    union
    select metric_id from {{ source('registry', 'balances') }}
),

chart_grains as (
    select
        product_id, metric_id, max(chart_grain) as chart_grain
    from {{ source('guard', 'chart_points') }}
    group by product_id, metric_id
),

readings as (
    select
        readiness.product_id,
        readiness.metric_id,
        readiness.week_start_date,
        readiness.trust_grade,
        -- the four latest complete periods as the grade reads them, those of the chart, else the declared ones
        coalesce(readiness.latest_ripe_period_start_date, readiness.week_start_date) - 21 * coalesce(
            {{ grain_weeks('chart_grains.chart_grain') }}, {{ grain_weeks('metrics.natural_period') }}, 13
        ) as from_date
    from {{ ref('int_metric_readiness') }} as readiness
    inner join sides on readiness.metric_id = sides.metric_id
    inner join {{ ref('dim_metrics') }} as metrics on readiness.metric_id = metrics.metric_id
    left join chart_grains
        on readiness.product_id = chart_grains.product_id
        and readiness.metric_id = chart_grains.metric_id
    where readiness.trust_grade in ('C', 'D')
),

-- lost weeks in a row have as many sound ones before them
weeks as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_start_date as week_start_date,
        periods.is_ripe or coalesce(periods.is_provisional, false) as is_over,
        metric_trust.grade,
        metric_trust.reason,
        metric_trust.repair_hint,
        metric_trust.source_id,
        metric_trust.grade in ('C', 'D') as is_lost,
        sum(case when metric_trust.grade in ('C', 'D') then 0 else 1 end) over (
            partition by periods.product_id, periods.metric_id order by periods.period_start_date
        ) as spell_number
    from {{ ref('int_metric_periods') }} as periods
    inner join {{ source('guard', 'metric_trust') }} as metric_trust
        on periods.product_id = metric_trust.product_id
        and periods.metric_id = metric_trust.metric_id
        and periods.period_start_date = metric_trust.week_start_date
    where periods.period_grain = 'week' and periods.segment_type = 'all'
),

-- the latest week that is over gave it; one under way does only where the source is silent to this day
ranked as (
    select
        readings.product_id, readings.metric_id, readings.week_start_date, readings.trust_grade,
        weeks.week_start_date as trust_week_start_date,
        weeks.reason, weeks.repair_hint, weeks.source_id, weeks.spell_number,
        row_number() over (
            partition by readings.product_id, readings.metric_id, readings.week_start_date
            order by case when weeks.is_over then 0 else 1 end, weeks.week_start_date desc
        ) as rank
    from readings
    inner join weeks
        on readings.product_id = weeks.product_id
        and readings.metric_id = weeks.metric_id
        and readings.trust_grade = weeks.grade
        and weeks.week_start_date between readings.from_date and readings.week_start_date
),

dated as (
    select
        ranked.product_id,
        ranked.metric_id,
        ranked.week_start_date,
        max(ranked.trust_grade) as trust_grade,
        {{ without_addresses('max(ranked.reason)') }} as trust_reason,
        max(ranked.trust_week_start_date) as trust_week_start_date,
        max(ranked.source_id) as trust_source_id,
        max(ranked.repair_hint) as repair_hint,
        min(case when weeks.is_lost and weeks.spell_number = ranked.spell_number then weeks.week_start_date end)
        as lost_from_date,
        max(
            case
                when weeks.is_lost and weeks.spell_number = ranked.spell_number
                    and (weeks.is_over or weeks.week_start_date = ranked.trust_week_start_date)
                    then weeks.week_start_date
            end
        ) as lost_to_date,
        count(
            distinct case when weeks.is_lost and weeks.spell_number = ranked.spell_number then weeks.reason end
        ) > 1 as has_many_reasons,
        -- no week that is over is known to be sound since
        coalesce(
            max(case when weeks.is_over and not weeks.is_lost then weeks.week_start_date end)
            < max(ranked.trust_week_start_date), true
        ) as is_lost_still
    from ranked
    inner join weeks
        on ranked.product_id = weeks.product_id
        and ranked.metric_id = weeks.metric_id
        and ranked.week_start_date >= weeks.week_start_date
    where ranked.rank = 1
    group by ranked.product_id, ranked.metric_id, ranked.week_start_date
)

select
    dated.*,
    {{ lost_words('dated') }} as lost_words
from dated
