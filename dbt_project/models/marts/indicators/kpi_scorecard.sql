with

verdicts as (
    select
        product_id, kpi_id, week_start_date, signal, limit_state, has_usable_period, is_suppressed,
        is_tripped, verdict, rule_number, pair_verdict, pair_rule_number, trust_grade,
        last_confirmed_verdict, last_confirmed_date, untrusted_balance_count, last_sound_verdict, last_sound_date
    from {{ ref('int_verdicts') }}
),

kpis as (
    select
        kpis.kpi_id,
        kpis.metric_id,
        kpis.decision_it_informs,
        kpis.question,
        problem_statements.stakeholder,
        problem_statements.need,
        problem_statements.insight,
        metrics.metric_name,
        metrics.unit,
        metrics.direction,
        metrics.natural_period
    from {{ ref('dim_kpis') }} as kpis
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
    left join {{ ref('dim_problem_statements') }} as problem_statements
        on kpis.problem_statement_id = problem_statements.problem_statement_id
),

lead_values as (
    select
        product_id, metric_id, period_grain, period_start_date, value, numerator, denominator,
        unit_count, ci_low, ci_high, no_value_reason
    from {{ ref('fct_metric_values') }}
    where segment_type = 'all'
),

signals as (
    select
        product_id, metric_id, week_start_date, rule, signal_from_date, signal_to_date
    from {{ ref('int_signals') }}
)

select
    verdicts.product_id,
    verdicts.kpi_id,
    verdicts.week_start_date,
    verdicts.week_start_date = max(verdicts.week_start_date) over (
        partition by verdicts.product_id, verdicts.kpi_id
    ) as is_latest,
    kpis.metric_id,
    kpis.metric_name,
    kpis.unit,
    kpis.direction,
    kpis.natural_period as lead_period_grain,
    obstacles.latest_due_period_start_date as lead_period_start_date,
    lead_values.value as lead_value,
    lead_values.numerator as lead_numerator,
    lead_values.denominator as lead_denominator,
    lead_values.unit_count as lead_unit_count,
    lead_values.ci_low as lead_ci_low,
    lead_values.ci_high as lead_ci_high,
    lead_values.no_value_reason,
    obstacles.last_trusted_value,
    obstacles.last_trusted_period_start_date,
    cast(figures.before_value as {{ double_type() }}) as before_value,
    cast(figures.after_value as {{ double_type() }}) as after_value,
    verdicts.signal,
    signals.rule as signal_rule,
    signals.signal_from_date,
    signals.signal_to_date,
    verdicts.limit_state, verdicts.has_usable_period, verdicts.is_suppressed, verdicts.is_tripped,
    verdicts.verdict,
    cast(verdicts.rule_number as integer) as rule_number,
    verdicts.pair_verdict,
    cast(verdicts.pair_rule_number as integer) as pair_rule_number,
    phrases.balance_states,
    cast(verdicts.untrusted_balance_count as bigint) as untrusted_balance_count,
    verdicts.trust_grade,
    obstacles.trust_reason,
    obstacles.trust_source_id,
    obstacles.repair_hint,
    obstacles.lost_from_date,
    obstacles.lost_to_date,
    obstacles.is_lost_still,
    cast(phrases.crossed_tripwire_count as bigint) as crossed_tripwire_count,
    readings.conversation,
    readings.reading,
    readings.reading_note,
    kpis.stakeholder,
    kpis.need,
    kpis.insight,
    kpis.decision_it_informs,
    kpis.question,
    verdicts.last_confirmed_verdict,
    cast(verdicts.last_confirmed_date as date) as last_confirmed_date,
    verdicts.last_sound_verdict,
    cast(verdicts.last_sound_date as date) as last_sound_date,
    readings.what_would_change_it
from verdicts
inner join kpis on verdicts.kpi_id = kpis.kpi_id
left join {{ ref('int_kpi_obstacles') }} as obstacles
    on verdicts.product_id = obstacles.product_id
    and verdicts.kpi_id = obstacles.kpi_id
    and verdicts.week_start_date = obstacles.week_start_date
left join {{ ref('int_kpi_phrases') }} as phrases
    on verdicts.product_id = phrases.product_id
    and verdicts.kpi_id = phrases.kpi_id
    and verdicts.week_start_date = phrases.week_start_date
left join {{ ref('int_kpi_readings') }} as readings
    on verdicts.product_id = readings.product_id
    and verdicts.kpi_id = readings.kpi_id
    and verdicts.week_start_date = readings.week_start_date
left join {{ ref('int_kpi_figures') }} as figures
    on verdicts.product_id = figures.product_id
    and verdicts.kpi_id = figures.kpi_id
    and verdicts.week_start_date = figures.week_start_date
left join signals
    on verdicts.product_id = signals.product_id
    and kpis.metric_id = signals.metric_id
    and verdicts.week_start_date = signals.week_start_date
left join lead_values
    on verdicts.product_id = lead_values.product_id
    and kpis.metric_id = lead_values.metric_id
    and kpis.natural_period = lead_values.period_grain
    and obstacles.latest_due_period_start_date = lead_values.period_start_date
