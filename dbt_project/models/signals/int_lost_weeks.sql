-- weeks of a product-metric that can't be used: what a reading counts of them where no complete period has them yet
with

weeks as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_start_date as week_start_date,
        coalesce(trust.grade, 'D') as trust_grade,
        {{ is_lost('trust.grade', 'trust.check_id') }} as is_lost,
        periods.is_ripe,
        periods.is_provisional
    from {{ ref('int_metric_periods') }} as periods
    left join {{ source('guard', 'metric_trust') }} as trust
        on periods.product_id = trust.product_id
        and periods.metric_id = trust.metric_id
        and periods.period_start_date = trust.week_start_date
    where periods.period_grain = 'week' and periods.segment_type = 'all'
),

silences as (
    select
        source_id,
        week_start_date,
        bool_or(check_id = 11 and severity = 3) as is_silent
    from {{ source('guard', 'instrument_checks') }}
    group by source_id, week_start_date
),

last_heard as (
    select source_id, max(case when not is_silent then week_start_date end) as week_start_date
    from silences
    group by source_id
),

-- a source that is silent to this day makes no week complete any more: without this the latest complete ones, all
-- sound, would speak for it for ever
silent as (
    select distinct
        lineage.product_id, lineage.metric_id, silences.week_start_date
    from {{ ref('int_metric_lineage') }} as lineage
    inner join silences on lineage.source_id = silences.source_id and silences.is_silent
    inner join last_heard
        on silences.source_id = last_heard.source_id
        and (last_heard.week_start_date is null or silences.week_start_date > last_heard.week_start_date)
)

select
    weeks.product_id,
    weeks.metric_id,
    weeks.week_start_date,
    weeks.trust_grade
from weeks
left join silent
    on weeks.product_id = silent.product_id
    and weeks.metric_id = silent.metric_id
    and weeks.week_start_date = silent.week_start_date
where
    weeks.trust_grade in ('C', 'D')
    and (
        {{ is_due('weeks.is_ripe', 'weeks.is_provisional', 'weeks.is_lost') }}
        -- an optional or a minor source does not cost the grade
        or (silent.metric_id is not null and weeks.trust_grade = 'D')
    )
