"""Run a suite on a table of statistics and report the rows of which each expectation fails."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # GX reads it when it is imported

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.execution_engine import pandas_execution_engine
from great_expectations.expectations.expectation import Expectation

from orchestration.errors import RunError

# GX hashes frames up to this size, twice a suite, to name batches that nobody asks for again
pandas_execution_engine.HASH_THRESHOLD = 0
# frames of the guard are small and gone through row by row: Arrow's texts, pandas' default, become
# Python objects anew whenever one is looked at, which was a quarter of what the guard costs
pd.set_option("mode.string_storage", "python")

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


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation."""

    said: str
    """What was promised."""
    column: str | None
    severity: int
    """0 where it held; else its own: 1 warn, 2 fail, 3 block."""
    element_count: int | None
    """Rows that it speaks of; None where it is about the table."""
    broken_count: int | None
    """Rows of these that break it."""
    defect: str
    note: str
    rows: tuple[str, ...] = ()
    """Some of these rows, by what is told of their keys."""


class ExpectationError(RunError):
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

    # GX hashes every column that it is given: evidence and names are not judged
    judged = {ROW_ID, *(expectation.column for expectation in suite.expectations)}
    batch = _batch(rows[[name for name in rows if name in judged]])
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW_ID]}
    with _configured_once():
        results = batch.validate(suite, result_format=complete).results
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


def evaluate(suite: gx.ExpectationSuite, rows: pd.DataFrame) -> list[Outcome]:
    """Evaluate `suite` on `rows` and return what became of each expectation, in its order.

    Args:
        suite: Expectations of any sort whose `meta` has `said`, `defect`, `severity`, `column`.
        rows: Rows of a table; without any, row by row expectations hold.

    Raises:
        ExpectationError: GX raised while evaluating, for example on a missing column.

    Source:
        GX 1.x `Batch.validate` with result format BASIC, which counts and lists no rows.
    """
    with _configured_once():
        results = _batch(rows).validate(suite, result_format="BASIC").results
    outcomes = []
    for result in results:
        config = result.expectation_config
        assert config is not None
        if _raised(result.exception_info):
            raise ExpectationError(f"{config.type} {config.kwargs}: {result.exception_info}")
        meta = config.meta or {}
        outcomes.append(
            Outcome(
                said=meta["said"],
                column=meta["column"],
                severity=0 if result.success else SEVERITIES[meta["severity"]],
                element_count=result.result.get("element_count"),
                broken_count=result.result.get("unexpected_count"),
                defect=meta["defect"],
                note=str(config.notes),
            )
        )
    return outcomes


def broken_rows(
    suite: gx.ExpectationSuite, rows: pd.DataFrame, keys: list[str], most: int
) -> dict[str, list[tuple]]:
    """Return by what was promised the keys of up to `most` rows that break it.

    Expectations about a whole table name no rows.
    """
    numbered = rows.assign(**{ROW_ID: range(len(rows))})
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": [ROW_ID]}
    found: dict[str, list[tuple]] = {}
    for result in _batch(numbered).validate(suite, result_format=complete).results:
        config = result.expectation_config
        assert config is not None
        if result.success or "unexpected_index_list" not in result.result:
            continue
        broken = numbered[numbered[ROW_ID].isin(_failing_rows(result.result))]
        told = broken[keys].drop_duplicates().sort_values(keys).head(most)
        found[(config.meta or {})["said"]] = list(told.itertuples(index=False, name=None))
    return found


@contextmanager
def _configured_once() -> Iterator[None]:
    """Let GX make the configuration of each of its expectations once.

    It asks an expectation for it seventy times, and copies all of it each time: a third of what an
    evaluation costs. Expectations are made anew for each evaluation and not changed after it.
    """
    made: dict[int, tuple[Expectation, Any]] = {}
    original: property = Expectation.__dict__["configuration"]

    def once(expectation: Expectation) -> Any:
        # the expectation is kept beside what is its own, so that no other one gets its address
        if id(expectation) not in made:
            made[id(expectation)] = (expectation, original.__get__(expectation))
        return made[id(expectation)][1]

    Expectation.configuration = property(once)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        Expectation.configuration = original  # type: ignore[assignment,method-assign]


def quiet_context() -> EphemeralDataContext:
    """Return a context that leaves nothing behind, and prints nothing of the folders it makes."""
    # the latter has a level of its own
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


@cache
def _frames() -> Any:
    """Return a GX batch definition of data frames, in a context that leaves nothing behind.

    One for all suites: making a context writes its whole configuration as YAML, several times.
    """
    asset = (
        quiet_context().data_sources.add_pandas(name="frames").add_dataframe_asset(name="frames")
    )
    return asset.add_batch_definition_whole_dataframe("all")


def _batch(rows: pd.DataFrame) -> Any:
    """Return `rows` as a GX batch."""
    return _frames().get_batch({"dataframe": rows})


def _failing_rows(result: dict[str, Any]) -> tuple[int, ...]:
    """Return the ids of the rows that GX lists as unexpected."""
    return tuple(int(row[ROW_ID]) for row in result["unexpected_index_list"])


def _raised(exception_info: dict[str, Any]) -> bool:
    """Tell whether GX stored an exception; it nests one level for metric errors."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(info.get("raised_exception") for info in exception_info.values())
