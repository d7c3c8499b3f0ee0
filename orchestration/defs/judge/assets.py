"""Judge in Python what SQL can't, over small tables: instruments and trust, limits, intervals."""

from collections.abc import Iterator

import dagster as dg

from orchestration.dbt_assets import model_keys
from orchestration.engine import connect
from orchestration.progress import step
from orchestration.resources import WorkspaceResource

MEASURED = model_keys("instruments", "core", "metrics")
TRUST = [dg.AssetKey(["guard", name]) for name in ("source_trust", "metric_trust")]
LIMITS = [dg.AssetKey(["guard", "chart_points"]), dg.AssetKey(["state", "limit_segments"])]
INTERVALS = [
    dg.AssetKey(["guard", name])
    for name in ("ratio_intervals", "ratio_period_intervals", "mean_intervals")
]
TREE = [dg.AssetKey(["guard", name]) for name in ("tree_contributions", "driver_evidence")]
IMPACT = dg.AssetKey(["guard", "impact_estimates"])
COMPARISONS = dg.AssetKey(["guard", "period_comparisons"])
EARLY = dg.AssetKey(["guard", "early_readings"])
CHECKS = [dg.AssetKey(["guard", name]) for name in ("instrument_checks", "metric_checks")]
CONTRACTS = dg.AssetKey(["guard", "contract_checks"])
EVIDENCE = dg.AssetKey(["guard", "check_evidence"])


def _specs(keys: list[dg.AssetKey], deps: list[dg.AssetKey]) -> list[dg.AssetSpec]:
    return [dg.AssetSpec(key, deps=deps, group_name="judge") for key in keys]


@dg.multi_asset(
    name="judge_instruments", specs=_specs([*CHECKS, CONTRACTS, EVIDENCE, *TRUST], MEASURED)
)
def instruments(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Judge each source's events, then grade sources and metrics by lineage."""
    from orchestration.defs.judge.contract_checks import judge_contracts
    from orchestration.defs.judge.evidence import write_evidence
    from orchestration.defs.judge.guard import judge_instruments
    from orchestration.defs.judge.trust import grade

    database = workspace.get().database
    with step("guard"):
        judge_instruments(database)
        judge_contracts(database)
        write_evidence(database)
        grade(database)
    for key in (*CHECKS, CONTRACTS, EVIDENCE, *TRUST):
        yield dg.MaterializeResult(key)


@dg.multi_asset(name="judge_limits", specs=_specs(LIMITS, [*MEASURED, *TRUST]))
def limits(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Lock, keep or learn process limits on what is trusted."""
    from orchestration.defs.judge.limits import update_limits

    database = workspace.get().database
    with step("limits"):
        with connect(database, read_only=True) as connection:
            run_id = connection.execute("select run_id from registry.run_context").fetchall()[0][0]
        update_limits(database, run_id)
    for key in LIMITS:
        yield dg.MaterializeResult(key)


@dg.multi_asset(name="judge_intervals", specs=_specs(INTERVALS, [*MEASURED, *TRUST, *LIMITS]))
def intervals(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Intervals of ratios, of means and of differences between windows, by resampling units."""
    from orchestration.defs.judge.mean_intervals import write_mean_intervals
    from orchestration.defs.judge.period_ratio_intervals import write_period_intervals
    from orchestration.defs.judge.ratio_intervals import compute

    database = workspace.get().database
    with step("intervals"):
        compute(database)
        write_period_intervals(database)
        write_mean_intervals(database)
    for key in INTERVALS:
        yield dg.MaterializeResult(key)


@dg.multi_asset(name="judge_tree", specs=_specs(TREE, [*MEASURED, *TRUST]))
def tree(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Explain each parent's change by its children, and test what is believed to drive it."""
    from orchestration.defs.judge.drivers import write_evidence
    from orchestration.defs.judge.tree import write_contributions

    database = workspace.get().database
    with step("tree"):
        write_contributions(database)
        write_evidence(database)
    for key in TREE:
        yield dg.MaterializeResult(key)


@dg.multi_asset(name="judge_impact", specs=_specs([IMPACT], [*MEASURED, *TRUST]))
def impact(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Estimate what each recorded intervention did."""
    from orchestration.defs.judge.impact import write_impact

    with step("impact"):
        write_impact(workspace.get().database)
    yield dg.MaterializeResult(IMPACT)


@dg.multi_asset(name="judge_comparisons", specs=_specs([COMPARISONS], [*MEASURED, *LIMITS]))
def comparisons(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Compare the last periods of each chart with its baseline, over the whole portfolio."""
    from orchestration.defs.judge.comparisons import write_comparisons

    with step("comparisons"):
        write_comparisons(workspace.get().database)
    yield dg.MaterializeResult(COMPARISONS)


@dg.multi_asset(name="judge_early_readings", specs=_specs([EARLY], [*MEASURED, *TRUST]))
def early_readings(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Read durations of weeks that are not ripe yet."""
    from orchestration.defs.judge.early_readings import write_early_readings

    with step("early readings"):
        write_early_readings(workspace.get().database)
    yield dg.MaterializeResult(EARLY)
