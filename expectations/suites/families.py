"""Which metrics are made of each served table: what a broken promise of it distorts."""

FAMILIES = {
    "dim_catalogue": "shares of the catalogue that are computed",
    "dim_kpis": "counts of KPIs and of their verdicts",
    "dim_metric_sources": "counts of the sources behind a metric",
    "dim_metrics": "all metrics that are joined to their names",
    "dim_problem_statements": "counts of problem statements with a KPI",
    "dim_products": "all metrics that are added up over products",
    "dim_run": "all metrics that are joined to their run",
    "dim_segments": "metrics by segment",
    "dim_sources": "counts by source, and grades of trust",
    "dim_weeks": "all metrics that are joined by week",
    "fct_balance_states": "counts of balancing metrics that hold or are breached",
    "fct_check_examples": "counts of findings that have examples",
    "fct_contract_checks": "counts of broken promises",
    "fct_delivery_quarters": "the five delivery measures",
    "fct_deployments": "deployment frequency and counts of failed changes",
    "fct_diagnostics": "shares of reasons",
    "fct_driver_evidence": "counts of metrics that drive another",
    "fct_early_readings": "early readings of durations",
    "fct_funnels": "counts of who entered and reached the steps of a funnel",
    "fct_growth_accounting": "counts of active people",
    "fct_impact_estimates": "effects of launches on their metrics",
    "fct_instrument_checks": "counts of findings, on which the trust of metrics rests",
    "fct_intake_reconciliation": "counts of lines, and shares of them that were set aside",
    "fct_lateness": "shares of events that have arrived",
    "fct_limit_segments": "counts of metrics with locked limits",
    "fct_lines_lost": "counts of lines that were lost",
    "fct_metric_signals": "counts of metrics with a signal",
    "fct_metric_trust": "counts of metrics that can be trusted",
    "fct_metric_values": "all metrics",
    "fct_outages": "counts of outages and time to restore",
    "fct_period_comparisons": "counts of metrics that changed",
    "fct_plan_gaps": "counts of event types that are missing or unplanned",
    "fct_quarantined_events": "counts of events that were set aside",
    "fct_releases": "counts of releases and shares of well-packaged ones",
    "fct_retention": "retention by cohort",
    "fct_source_trust": "counts of weeks in which a source can be trusted",
    "fct_tasks": "durations, counts and shares of tasks",
    "fct_tree_contributions": "contributions to a parent metric's change",
    "fct_tripwire_states": "counts of crossed tripwires",
    "kpi_scorecard": "counts of KPIs by verdict",
}


def family(table: str) -> str:
    """Return the metrics that are made of a served table."""
    return FAMILIES.get(table, f"metrics made of {table}")
