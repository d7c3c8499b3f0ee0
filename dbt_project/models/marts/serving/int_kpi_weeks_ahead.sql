-- weeks of a KPI's lead that no reading speaks of yet, since their look-ahead has not passed, and that can't be used
-- already; or that can't become complete since a source is silent; no row where there are none
with

lost as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_start_date as week_start_date,
        trust.grade as trust_grade,
        {{ without_addresses('trust.reason') }} as trust_reason
    from {{ ref('int_metric_periods') }} as periods
    inner join {{ ref('dim_weeks') }} as weeks
        on periods.period_start_date = weeks.week_start_date and weeks.is_past
    inner join {{ source('guard', 'metric_trust') }} as trust
        on periods.product_id = trust.product_id
        and periods.metric_id = trust.metric_id
        and periods.period_start_date = trust.week_start_date
        and trust.grade in ('C', 'D')
    where periods.period_grain = 'week' and periods.segment_type = 'all'
        and not {{ is_due('periods.is_ripe', 'periods.is_provisional', is_lost('trust.grade', 'trust.check_id')) }}
),

spans as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.metric_id,
        verdicts.week_start_date,
        min(lost.week_start_date) as from_date,
        max(lost.week_start_date) as to_date
    from {{ ref('int_verdicts') }} as verdicts
    inner join lost
        on verdicts.product_id = lost.product_id
        and verdicts.metric_id = lost.metric_id
        and verdicts.week_start_date >= lost.week_start_date
    -- a reading that is withheld says so itself
    where coalesce(verdicts.trust_grade, 'A') in ('A', 'B')
    group by verdicts.product_id, verdicts.kpi_id, verdicts.metric_id, verdicts.week_start_date
),

ahead as (
    select
        spans.product_id,
        spans.kpi_id,
        spans.week_start_date,
        case
            when spans.from_date = spans.to_date then 'The week of ' || cast(spans.to_date as varchar) || ' is '
            else 'Weeks from ' || cast(spans.from_date as varchar) || ' to ' || cast(spans.to_date as varchar) || ' are '
        end
        || case lost.trust_grade when 'D' then 'withheld' else 'not to be used' end
        || ' already, and will count when due: ' || coalesce(lost.trust_reason, 'no check ran') || '.' as ahead
    from spans
    inner join lost
        on spans.product_id = lost.product_id
        and spans.metric_id = lost.metric_id
        and spans.to_date = lost.week_start_date
)

select product_id, kpi_id, week_start_date, ahead from ahead
union all
select silences.product_id, silences.kpi_id, silences.week_start_date, silences.silence as ahead
from {{ ref('int_kpi_sources_silent') }} as silences
left join ahead
    on silences.product_id = ahead.product_id
    and silences.kpi_id = ahead.kpi_id
    and silences.week_start_date = ahead.week_start_date
where ahead.kpi_id is null
