-- one row per KPI, balancing metric and week: from when to when "after" reaches
with

pairs as (
    select
        kpis.kpi_id,
        kpis.product_id,
        kpis.metric_id as lead_metric_id,
        balances.metric_id,
        cast(balances.margin as {{ double_type() }}) as margin,
        balances.margin_scale,
        balances.pool_periods
    from {{ source('registry', 'kpis') }} as kpis
    inner join {{ source('registry', 'balances') }} as balances on kpis.kpi_id = balances.kpi_id
),

lead_signals as (
    select
        product_id, metric_id, week_start_date, signal, signal_from_date, signal_to_date, chart_grain
    from {{ ref('int_signals') }}
),

-- a declared pool holds; otherwise eight periods of the lead's chart; outages are pooled to 13 weeks
framed as (
    select
        pairs.*,
        leads.week_start_date,
        coalesce(
            cast(pairs.pool_periods as integer), 8 * {{ grain_weeks('leads.chart_grain') }},
            case when leads.chart_grain = 'outage' then 13 else 8 end
        ) as window_periods,
        case when leads.signal = 'improved' then leads.signal_from_date end as improved_from_date,
        case
            when leads.signal = 'improved' then leads.signal_to_date else leads.week_start_date
        end as window_until_date
    from pairs
    inner join lead_signals as leads
        on pairs.product_id = leads.product_id
        and pairs.lead_metric_id = leads.metric_id
),

ended as (
    select
        framed.product_id,
        framed.kpi_id,
        framed.metric_id,
        framed.week_start_date,
        framed.margin,
        framed.margin_scale,
        framed.window_periods,
        framed.improved_from_date,
        max(weeks.ripe_number) as last_ripe_number,
        max(weeks.week_start_date) as window_end_date
    from framed
    left join {{ ref('int_ripe_weeks') }} as weeks
        on framed.product_id = weeks.product_id
        and framed.metric_id = weeks.metric_id
        and weeks.week_start_date <= framed.window_until_date
    group by
        framed.product_id, framed.kpi_id, framed.metric_id, framed.week_start_date, framed.margin,
        framed.margin_scale, framed.window_periods, framed.improved_from_date
)

select
    ended.product_id,
    ended.kpi_id,
    ended.metric_id,
    ended.week_start_date,
    ended.margin,
    ended.margin_scale,
    ended.window_periods,
    ended.improved_from_date,
    ended.last_ripe_number,
    ended.window_end_date,
    baselines.baseline_from_date,
    baselines.baseline_to_date
from ended
left join {{ ref('int_baselines') }} as baselines
    on ended.product_id = baselines.product_id
    and ended.metric_id = baselines.metric_id
    and (baselines.in_force_from_date is null or ended.window_end_date >= baselines.in_force_from_date)
    and (baselines.in_force_until_date is null or ended.window_end_date < baselines.in_force_until_date)
