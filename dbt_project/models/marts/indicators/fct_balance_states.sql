with

balance_windows as (
    select
        product_id, kpi_id, metric_id, week_start_date, before_value, after_value, difference,
        ci_low, ci_high, margin, state, method, reason
    from {{ ref('int_balance_windows') }}
),

balances as (
    select
        kpi_id, metric_id, margin_scale, reason as margin_reason
    from {{ source('registry', 'balances') }}
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
