{% set reasons = [
    'trust_reason', 'trust_source_id', 'repair_hint', 'lost_from_date', 'lost_to_date', 'is_lost_still', 'lost_words'
] %}
{% set figures = [
    'before_value', 'after_value', 'before_n', 'after_n', 'before_numerator', 'before_denominator',
    'after_numerator', 'after_denominator', 'before_sd', 'after_sd', 'sigma_hat', 'widening', 'difference',
    'ci_low', 'ci_high'
] %}

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
        windows.before_from_date,
        windows.before_to_date,
        windows.after_from_date,
        windows.after_to_date,
        -- who stands behind several weeks can't be had from the weeks: a count of its own is not told
        {% for count in ['before_n', 'after_n'] -%}
            case
                when windows.method <> 'cluster_bootstrap' or not people.is_of_people then windows.{{ count }}
            end as {{ count }},
        {% endfor -%}
        -- what the interval is made of, and no more than that
        {% for part in ['before_numerator', 'before_denominator', 'after_numerator', 'after_denominator'] -%}
            case when windows.method not in ('sigma_hat', 'chart') then windows.{{ part }} end as {{ part }},
        {% endfor -%}
        case when windows.method = 'welch' then windows.before_sd end as before_sd,
        case when windows.method = 'welch' then windows.after_sd end as after_sd,
        case when windows.method = 'sigma_hat' then windows.sigma_hat end as sigma_hat,
        case
            when windows.method in ('newcombe', 'mover_garwood', 'exact_conditional') then windows.widening
        end as widening,
        windows.difference,
        windows.ci_low,
        windows.ci_high,
        balances.margin,
        coalesce(windows.state, 'unresolved') as state,
        windows.method,
        case when windows.state is null then 'no_data' else windows.reason end as reason,
        windows.trust_grade,
        {% for column in reasons -%}
            trust_reasons.{{ column }}{{ '' if loop.last else ',' }}
        {% endfor -%}
    from {{ ref('int_verdicts') }} as verdicts
    inner join balances on verdicts.kpi_id = balances.kpi_id
    left join {{ ref('int_balance_windows') }} as windows
        on verdicts.product_id = windows.product_id
        and verdicts.kpi_id = windows.kpi_id
        and verdicts.week_start_date = windows.week_start_date
        and balances.metric_id = windows.metric_id
    left join {{ ref('int_trust_reasons') }} as trust_reasons
        on verdicts.product_id = trust_reasons.product_id
        and balances.metric_id = trust_reasons.metric_id
        and verdicts.week_start_date = trust_reasons.week_start_date
    left join {{ ref('int_metric_least_people') }} as people on balances.metric_id = people.metric_id
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
    windows.before_from_date,
    windows.before_to_date,
    windows.after_from_date,
    windows.after_to_date,
    {% for figure in figures -%}
        cast(case when hidden.product_id is null then windows.{{ figure }} end as {{ double_type() }}) as {{ figure }},
    {% endfor -%}
    cast(windows.margin as {{ double_type() }}) as margin,
    balances.margin_scale,
    balances.margin_reason,
    metrics.unit,
    windows.state,
    windows.method,
    case when hidden.product_id is null then windows.reason else 'suppressed' end as reason,
    windows.trust_grade,
    {% for column in reasons -%}
        windows.{{ column }}{{ '' if loop.last else ',' }}
    {% endfor -%}
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
