"""Run a suite on a table of statistics and report the rows of which each expectation fails."""

import os
from dataclasses import dataclass
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # GX reads it when it is imported

import great_expectations as gx
import pandas as pd

ROW_ID = "row_id"
"""Column that names a row of a suite's table; findings are rows by this."""
SEVERITIES = {"pass": 0, "warn": 1, "fail": 2, "block": 3}


@dataclass(frozen=True)
class Finding:
    """One expectation that didn't hold, and for which rows."""

    defect: str
    severity: int
    """1 warn, 2 fail, 3 block."""
    note: str
    """Which metric would be wrong, and in which direction."""
    row_ids: tuple[int, ...]


class ExpectationError(RuntimeError):
    """An expectation couldn't be evaluated, so it says nothing about the data."""


def run_suite(suite: gx.ExpectationSuite, rows: pd.DataFrame) -> list[Finding]:
    """Evaluate `suite` on `rows`.

    Args:
        suite: Column map expectations whose `meta` has `defect` and `severity` (a key of
            SEVERITIES above pass) and whose `notes` is set.
        rows: One row per statistic, with a unique integer column `row_id` and the columns that
            the suite names, as floats; NaN is a row that isn't judged.

    Returns:
        The expectations that didn't hold, mildest first. Empty when all hold.

    Raises:
        ValueError: `rows` is empty. Expectations hold vacuously on no rows, so an empty
            batch would pass.
        ExpectationError: GX raised while evaluating, for example on a missing column.

    Source:
        GX 1.x `Batch.validate` with result format COMPLETE, whose `unexpected_index_list` names
        the failing rows.
    """
    if rows.empty:
        raise ValueError(f"no rows to validate for suite {suite.name!r}")

    batch = _batch(suite.name, rows)
    results = batch.validate(
        suite,
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [ROW_ID]},
    ).results
    findings = []
    for result in results:
        config = result.expectation_config
        assert config is not None
        if _raised(result.exception_info):
            raise ExpectationError(f"{config.type} {config.kwargs}: {result.exception_info}")
        if not result.success:
            meta = config.meta or {}
            findings.append(
                Finding(
                    defect=meta["defect"],
                    severity=SEVERITIES[meta["severity"]],
                    note=str(config.notes),
                    row_ids=_failing_rows(result.result),
                )
            )
    return sorted(findings, key=lambda finding: finding.severity)


def _batch(name: str, rows: pd.DataFrame) -> Any:
    """Return `rows` as a GX batch of a context that leaves nothing behind."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas(name=name).add_dataframe_asset(name=name)
    return asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})


def _failing_rows(result: dict[str, Any]) -> tuple[int, ...]:
    """Return the ids of the rows that GX lists as unexpected."""
    return tuple(int(row[ROW_ID]) for row in result["unexpected_index_list"])


def _raised(exception_info: dict[str, Any]) -> bool:
    """Tell whether GX stored an exception; it nests one level for metric errors."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(info.get("raised_exception") for info in exception_info.values())
