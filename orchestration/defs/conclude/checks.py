"""The gate before publishing as asset checks, one a served table: what blocks stops the run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.publish.contracts import read_contracts
from orchestration.plurals import counted
from orchestration.progress import say, step
from orchestration.resources import WorkspaceResource

if TYPE_CHECKING:
    # Great Expectations takes long to import
    from expectations.run import Outcome

NAME = "is_as_promised"
BLOCKS = 3
HOW = ("holds", "warns", "fails", "blocks")


def _asset(mart: str) -> dg.AssetKey:
    return dg.AssetKey(["marts", mart])


def broken_words(severity: int, count: int | None, promise: str) -> str:
    """Say at what cost how many rows of a table break a promise; with no count, it does itself."""
    rows = f"{counted(count, 'row')} break{'s' * (count == 1)}" if count else "it breaks"
    return f"{HOW[severity]}: {rows} the promise that {promise}"


def named_words(outcome: "Outcome") -> str:
    """Name some of the rows that break a promise, and say how many more there are."""
    if not outcome.rows:
        return ""
    more = (outcome.broken_count or 0) - len(outcome.rows)
    others = f" and {counted(more, 'other row')}" if more > 0 else ""
    return f" ({', '.join(outcome.rows)}{others})"


@dg.multi_asset_check(
    name="marts_hold",
    specs=[
        dg.AssetCheckSpec(
            NAME,
            asset=_asset(contract.name),
            blocking=True,
            description="Rows are told apart by their grain, columns are those of the contract, "
            "ids are known, values lie in their ranges and intervals, gaps have a reason.",
        )
        for contract in read_contracts()
    ],
)
def marts_hold(workspace: WorkspaceResource) -> Iterator[dg.AssetCheckResult]:
    """Judge each table by its suite; what warns or fails is shown, what blocks isn't published."""
    from orchestration.defs.conclude.gate import judge_marts

    with step("promises") as current:
        outcomes = judge_marts(workspace.get().database)
        current.note = f"{sum(map(len, outcomes.values()))} expectations of {len(outcomes)} tables"
    for mart, found in outcomes.items():
        broken = [outcome for outcome in found if outcome.severity]
        is_blocked = any(outcome.severity >= BLOCKS for outcome in broken)
        for outcome in broken:
            said = broken_words(outcome.severity, outcome.broken_count, outcome.said)
            say(f"marts.{mart} {said}{named_words(outcome)}. {outcome.note}")
        yield dg.AssetCheckResult(
            passed=not broken,
            asset_key=_asset(mart),
            check_name=NAME,
            severity=dg.AssetCheckSeverity.ERROR if is_blocked else dg.AssetCheckSeverity.WARN,
            metadata={
                "expectation_count": len(found),
                "broken": [outcome.said for outcome in broken],
                "notes": sorted({outcome.note for outcome in broken}),
                "row_count": max((o.element_count or 0 for o in found), default=0),
            },
        )
