with

balances as (
    select
        kpi_id, metric_id, margin, margin_scale, reason as margin_reason
    from {{ source('registry', 'balances') }}
),

-- a KPI of which nothing was ever seen still has its balances: none of them was shown to hold
balance_windows as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        balances.metric_id,
        verdicts.week_start_date,
        windows.before_value,
        windows.after_value,
        windows.difference,
        windows.ci_low,
        windows.ci_high,
        balances.margin,
        coalesce(windows.state, 'unresolved') as state,
        windows.method,
        case when windows.state is null then 'no_data' else windows.reason end as reason
    from {{ ref('int_verdicts') }} as verdicts
    inner join balances on verdicts.kpi_id = balances.kpi_id
    left join {{ ref('int_balance_windows') }} as windows
        on verdicts.product_id = windows.product_id
        and verdicts.kpi_id = windows.kpi_id
        and verdicts.week_start_date = windows.week_start_date
        and balances.metric_id = windows.metric_id
),

metrics as (
    select
        metric_id, unit
    from {{ ref('dim_metrics') }}
),

-- the people behind eight hidden weeks may well be the same few
hidden as (
    select distinct
        windows.product_id,
        windows.kpi_id,
        windows.metric_id,
        windows.week_start_date
    from balance_windows as windows
    inner join {{ ref('int_metric_periods_suppressed') }} as suppressed
        on windows.product_id = suppressed.product_id
        and windows.metric_id = suppressed.metric_id
        and suppressed.period_start_date <= windows.week_start_date
        and suppressed.period_start_date > windows.week_start_date - 7 * 13
)

select
    windows.product_id,
    windows.kpi_id,
    windows.metric_id,
    windows.week_start_date,
    case when hidden.product_id is null then windows.before_value end as before_value,
    case when hidden.product_id is null then windows.after_value end as after_value,
    case when hidden.product_id is null then windows.difference end as difference,
    case when hidden.product_id is null then windows.ci_low end as ci_low,
    case when hidden.product_id is null then windows.ci_high end as ci_high,
    cast(windows.margin as {{ double_type() }}) as margin,
    balances.margin_scale,
    balances.margin_reason,
    metrics.unit,
    windows.state,
    windows.method,
    case when hidden.product_id is null then windows.reason else 'suppressed' end as reason
from balance_windows as windows
inner join balances
    on windows.kpi_id = balances.kpi_id
    and windows.metric_id = balances.metric_id
inner join metrics on windows.metric_id = metrics.metric_id
left join hidden
    on windows.product_id = hidden.product_id
    and windows.kpi_id = hidden.kpi_id
    and windows.metric_id = hidden.metric_id
    and windows.week_start_date = hidden.week_start_date
