-- what the decision table looks at, one row per KPI and week
with

kpis as (
    select
        kpi_id, product_id, metric_id
    from {{ source('registry', 'kpis') }}
),

leads as (
    select
        product_id, metric_id, week_start_date, signal, limit_state
    from {{ ref('int_signals') }}
),

last_week as (
    select coalesce(max(week_start_date), {{ week_start('max(run_context.as_of_at)') }}) as week_start_date
    from {{ source('registry', 'run_context') }} as run_context
    left join leads on true
),

-- a KPI of which nothing was ever seen gets a row too: it says so
kpi_weeks as (
    select
        kpis.kpi_id,
        kpis.product_id,
        kpis.metric_id,
        coalesce(leads.week_start_date, last_week.week_start_date) as week_start_date,
        coalesce(leads.signal, 'none') as signal,
        coalesce(leads.limit_state, 'no_data') as limit_state
    from kpis
    cross join last_week
    left join leads on kpis.product_id = leads.product_id and kpis.metric_id = leads.metric_id
),

balances as (
    select
        kpi_id,
        product_id,
        week_start_date,
        count(*) as balance_count,
        count(*) filter (where state = 'breached') as breached_count,
        count(*) filter (where state = 'held') as held_count,
        count(*) filter (where reason = 'untrusted') as untrusted_count,
        string_agg(metric_id || '=' || state, '; ' order by metric_id) as states
    from {{ ref('int_balance_windows') }}
    group by kpi_id, product_id, week_start_date
),

declared as (
    select
        kpi_id, count(*) as balance_count
    from {{ source('registry', 'balances') }}
    group by kpi_id
)

select
    kpi_weeks.kpi_id,
    kpi_weeks.product_id,
    kpi_weeks.metric_id,
    kpi_weeks.week_start_date,
    readiness.latest_ripe_period_start_date as lead_period_start_date,
    readiness.latest_value as lead_value,
    kpi_weeks.signal,
    kpi_weeks.limit_state,
    readiness.trust_grade,
    coalesce(readiness.has_usable_period, false) as has_usable_period,
    coalesce(readiness.is_suppressed, false) as is_suppressed,
    kpi_weeks.limit_state = 'locked'
    and coalesce(readiness.has_usable_period, false)
    and not coalesce(readiness.is_suppressed, false) as has_enough_data,
    -- a balance without a row has not been shown to hold
    coalesce(declared.balance_count, 0) as balance_count,
    coalesce(balances.breached_count, 0) as breached_count,
    coalesce(balances.held_count, 0) as held_count,
    coalesce(balances.untrusted_count, 0) as untrusted_balance_count,
    balances.states,
    coalesce(tripwires.is_tripped, false) as is_tripped,
    tripwires.tripwire_ids,
    tripwires.unverified_tripwire_ids
from kpi_weeks
left join {{ ref('int_metric_readiness') }} as readiness
    on kpi_weeks.product_id = readiness.product_id
    and kpi_weeks.metric_id = readiness.metric_id
    and kpi_weeks.week_start_date = readiness.week_start_date
left join balances
    on kpi_weeks.kpi_id = balances.kpi_id
    and kpi_weeks.product_id = balances.product_id
    and kpi_weeks.week_start_date = balances.week_start_date
left join declared on kpi_weeks.kpi_id = declared.kpi_id
left join {{ ref('int_active_tripwires') }} as tripwires
    on kpi_weeks.kpi_id = tripwires.kpi_id
    and kpi_weeks.product_id = tripwires.product_id
    and kpi_weeks.week_start_date = tripwires.week_start_date
