"""The guard's findings as asset checks, one per instrument check, so that Dagster shows them.

A check that had nothing to judge has no result: Dagster shows it as skipped, not as passed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import dagster as dg

from expectations.suites.clauses import CLAUSES
from orchestration.engine import connect
from orchestration.reporting_zone import in_reporting_zone
from orchestration.resources import WorkspaceResource

INSTRUMENT_CHECKS = {
    1: "redelivery",
    2: "double_counting",
    3: "reused_id",
    4: "orphan_finish",
    5: "missing_finish",
    6: "negative_duration",
    7: "zero_duration",
    8: "heaping",
    9: "clock_skew",
    10: "lateness",
    11: "silence_and_volume",
    12: "schema",
    13: "step_order",
    14: "denominator_collapse",
    15: "bots_and_tests",
    16: "identity_gap",
    17: "plan_coverage",
    18: "unplanned_type",
    19: "mixture",
    20: "sequence_gap",
}
CHECKED = dg.AssetKey(["guard", "instrument_checks"])
RECENT_WEEKS = 4
TODAY = f"cast({in_reporting_zone('as_of_at')} as date)"
"""The day of as-of as the clock of the reporting zone shows it."""
FAILS = 2

FINDINGS = f"""
select
    check_id,
    count(*) as judged_count,
    count(*) filter (where severity >= {FAILS}) as failed_count,
    list(distinct source_id order by source_id) filter (where severity >= {FAILS}) as source_ids,
    max(note) filter (where severity >= {FAILS}) as note
from guard.instrument_checks
where week_start_date > (
    select {TODAY} - {7 * (RECENT_WEEKS + 1)} from registry.run_context
)
group by check_id
"""


def _judged_only(
    context: dg.AssetCheckExecutionContext, results: Iterable[dg.AssetCheckResult]
) -> Iterator[dg.AssetCheckResult]:
    """Yield the wanted checks that judged anything, and log the names of those that didn't."""
    wanted = {key.name for key in context.selected_asset_check_keys}
    idle = []
    for result in results:
        if result.check_name not in wanted:
            continue
        if result.metadata["judged_count"].value:
            yield result
        else:
            idle.append(str(result.check_name))
    if idle:
        context.log.info(f"nothing to judge in the last weeks: {', '.join(idle)}")


# a finding withholds the metrics of its source and stops nothing: that is what trust is for
@dg.multi_asset_check(
    name="instruments_hold",
    # a result may be left out
    can_subset=True,
    specs=[
        dg.AssetCheckSpec(
            name,
            asset=CHECKED,
            description=f"Instrument check {check_id} fails for no source in the last weeks.",
        )
        for check_id, name in INSTRUMENT_CHECKS.items()
    ],
)
def instruments_hold(
    context: dg.AssetCheckExecutionContext, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Say for each check how many source-weeks were judged, and which sources failed."""
    yield from _judged_only(context, _instruments(workspace.get().database))


def _instruments(database: Path) -> Iterator[dg.AssetCheckResult]:
    with connect(database, read_only=True) as connection:
        rows = connection.execute(FINDINGS).fetchall()
    found = {row[0]: row[1:] for row in rows}
    for check_id, name in INSTRUMENT_CHECKS.items():
        judged, failed, source_ids, note = found.get(check_id, (0, 0, [], ""))
        yield dg.AssetCheckResult(
            passed=failed == 0,
            asset_key=CHECKED,
            check_name=name,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "judged_count": judged,
                "failed_count": failed,
                "source_ids": source_ids or [],
                "note": note or "",
            },
        )


CONTRACTS = dg.AssetKey(["guard", "contract_checks"])
BROKEN = f"""
select
    clause,
    count(*) as judged_count,
    count(*) filter (where severity >= {FAILS}) as failed_count,
    list(distinct source_id order by source_id) filter (where severity >= {FAILS}) as source_ids,
    list(distinct event_type || ': ' || expectation order by event_type || ': ' || expectation)
        filter (where severity >= {FAILS}) as broken,
    max(note) filter (where severity >= {FAILS}) as note
from guard.contract_checks
where week_start_date > (
    select {TODAY} - {7 * (RECENT_WEEKS + 1)} from registry.run_context
)
group by clause
"""


@dg.multi_asset_check(
    name="contracts_hold",
    can_subset=True,
    specs=[
        dg.AssetCheckSpec(
            clause.name,
            asset=CONTRACTS,
            description="For every source in the last weeks: "
            f"{clause.said.format(property='each property')}.",
        )
        for clause in CLAUSES
    ],
)
def contracts_hold(
    context: dg.AssetCheckExecutionContext, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Say for each clause which sources broke it; like an instrument's, a finding costs trust."""
    yield from _judged_only(context, _contracts(workspace.get().database))


def _contracts(database: Path) -> Iterator[dg.AssetCheckResult]:
    with connect(database, read_only=True) as connection:
        rows = connection.execute(BROKEN).fetchall()
    found = {row[0]: row[1:] for row in rows}
    for clause in CLAUSES:
        judged, failed, source_ids, broken, note = found.get(clause.name, (0, 0, [], [], ""))
        yield dg.AssetCheckResult(
            passed=failed == 0,
            asset_key=CONTRACTS,
            check_name=clause.name,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "judged_count": judged,
                "failed_count": failed,
                "source_ids": source_ids or [],
                "broken": (broken or [])[:20],
                "note": note or "",
            },
        )
