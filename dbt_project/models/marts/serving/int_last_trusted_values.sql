-- beside each period that is not to be used: the latest one before it that is
with

periods as (
    select product_id, metric_id, period_grain, period_start_date, value, is_ripe
    from {{ ref('int_metric_periods') }}
),

trusted as (
    select product_id, metric_id, period_grain, period_start_date, trust_grade
    from {{ ref('int_metric_periods_trusted') }}
),

suppressed as (
    select product_id, metric_id, period_grain, period_start_date
    from {{ ref('int_metric_periods_suppressed') }}
),

-- what people may not be counted by is neither served nor remembered
shown as (
    select
        periods.product_id,
        periods.metric_id,
        periods.period_grain,
        periods.period_start_date,
        periods.value,
        trusted.trust_grade,
        periods.is_ripe and periods.value is not null and trusted.trust_grade in ('A', 'B') as is_usable
    from periods
    inner join trusted
        on periods.product_id = trusted.product_id
        and periods.metric_id = trusted.metric_id
        and periods.period_grain = trusted.period_grain
        and periods.period_start_date = trusted.period_start_date
    left join suppressed
        on periods.product_id = suppressed.product_id
        and periods.metric_id = suppressed.metric_id
        and periods.period_grain = suppressed.period_grain
        and periods.period_start_date = suppressed.period_start_date
    where suppressed.product_id is null
),

dated as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        trust_grade,
        max(case when is_usable then period_start_date end) over (
            partition by product_id, metric_id, period_grain
            order by period_start_date
            rows between unbounded preceding and 1 preceding
        ) as last_trusted_period_start_date
    from shown
)

select
    dated.product_id,
    dated.metric_id,
    dated.period_grain,
    dated.period_start_date,
    dated.last_trusted_period_start_date,
    usable.value as last_trusted_value
from dated
inner join shown as usable
    on dated.product_id = usable.product_id
    and dated.metric_id = usable.metric_id
    and dated.period_grain = usable.period_grain
    and dated.last_trusted_period_start_date = usable.period_start_date
where dated.trust_grade in ('C', 'D')
