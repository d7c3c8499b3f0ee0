"""One run of the production steps over many products at once, pages left out."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.guard.events import END, REFRESH, week_begin
from orchestration.dbt_runner import NodeResult, raise_failures, run_dbt
from orchestration.defs.judge import mean_intervals
from orchestration.defs.judge.contract_checks import judge_contracts
from orchestration.defs.judge.guard import judge_instruments
from orchestration.defs.judge.period_ratio_intervals import write_period_intervals
from orchestration.defs.judge.tables import write_table
from orchestration.defs.judge.trust import grade
from orchestration.run import begin
from orchestration.workspace import Workspace

FIRST_COMPARED = 42
"""Week from which values are compared with the truth: eight before the first defect begins."""
INTAKE = ("+int_events_known,fqn:steelyard.staging", "fqn:steelyard.intake", "resource_type:seed")
INSTRUMENTS = ("fqn:steelyard.instruments", "+int_instrument_statistics,fqn:steelyard.core")
MEASURE = (
    "fqn:steelyard.instruments",
    "+fct_metric_values,fqn:steelyard.core",
    "+fct_metric_values,fqn:steelyard.metrics",
    "+fct_instrument_checks,fqn:steelyard.metrics",
)
CONCLUDE = ("+fct_metric_values,fqn:steelyard.marts",)
"""Findings are read where the judges write them: the tables that serve them are left out."""


class Clock:
    """Seconds of each step and model of one run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.models: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time of the block to a step's."""
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def note(self, results: list[NodeResult]) -> None:
        """Keep the seconds of each model."""
        self.models.update({result.name: result.seconds for result in results})

    def __str__(self) -> str:
        steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.seconds.items())
        slowest = sorted(self.models.items(), key=lambda item: -item[1])[:8]
        return f"{steps}; slowest " + ", ".join(f"{name} {s:.1f}" for name, s in slowest)


def refreshed_at(week: int | None = None, after: int = REFRESH) -> datetime:
    """Return the instant (naive UTC) of the refresh so long after a week; None: after the last."""
    instant = (END if week is None else week_begin(week + 1)) + after
    return datetime.fromtimestamp(instant / 1000, UTC).replace(tzinfo=None)


def run(workspace: Workspace, as_of_at: datetime | None = None, has_values: bool = True) -> Clock:
    """Load, take in, measure, judge and conclude what lies in the workspace.

    `as_of_at` is naive UTC; None takes the refresh after the last week. Models, judges and their
    order are those of `steelyard refresh`, without the charts, pages and tests of models; where
    no values are wanted, without the metrics.
    """
    clock = Clock()
    with clock.step("load"):
        begin(workspace, as_of_at or refreshed_at(), None)
    _build(workspace, clock, "intake", INTAKE)
    _build(workspace, clock, "measure", MEASURE if has_values else INSTRUMENTS)
    with clock.step("judge"):
        judge_instruments(workspace.database)
        judge_contracts(workspace.database)
    if not has_values:
        return clock
    with clock.step("trust"):
        grade(workspace.database)
    with clock.step("intervals"):
        _write_ratio_intervals(workspace.database)
    _build(workspace, clock, "conclude", CONCLUDE)
    return clock


def _build(workspace: Workspace, clock: Clock, name: str, select: tuple[str, ...]) -> None:
    leave_out = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    with clock.step(name):
        results = run_dbt(workspace, ["build", "--select", *select, *leave_out])
        raise_failures(results, workspace)
    clock.note(results)


def _write_ratio_intervals(database: Path) -> None:
    """Write the bootstrap intervals of the weeks that are compared with the truth.

    There are no balances to compare windows of, and plain means are not compared.
    """
    first = datetime.fromtimestamp(week_begin(FIRST_COMPARED) / 1000, UTC).date()
    write_period_intervals(database, first)
    with duckdb.connect(str(database)) as connection:
        write_table(connection, "mean_intervals", mean_intervals.COLUMNS, [])


def clear(workspace: Workspace) -> None:
    """Remove what a run made; dbt's parsed project stays, it is the same for every batch."""
    for folder in (workspace.landing, workspace.seeds):
        shutil.rmtree(folder, ignore_errors=True)
    workspace.database.unlink(missing_ok=True)
