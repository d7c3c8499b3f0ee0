"""`steelyard explain` answers from what is published while another process holds the warehouse."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.publish.publish import publish
from orchestration.errors import UserError
from orchestration.explain import explain
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, int]]:
    """A published workspace, and the process that holds its warehouse."""
    workspace = Workspace(tmp_path_factory.mktemp("held"))
    build(workspace)
    publish(workspace)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield workspace, process.pid
        process.communicate(b"\n")


def served(folder: Path) -> tuple[str, str, date, str]:
    """Product, metric and week of a served value, and the reason of its trust."""
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as marts:
        row = marts.execute(
            "select product_id, metric_id, period_start_date, reason from fct_metric_values"
            " join fct_metric_trust using (product_id, metric_id)"
            " where week_start_date = period_start_date and period_grain = 'week'"
            " and segment_type = 'all' and grade = 'D' order by all limit 1"
        ).fetchone()
    assert row is not None
    return row


def test_a_number_is_told_and_what_is_missing_is_said(held: tuple[Workspace, int]) -> None:
    workspace, pid = held
    product, metric, week, reason = served(workspace.publish)
    told = explain(workspace, product, metric, week)
    assert f"The warehouse is in use by process {pid}: run the command again" in told
    assert f"\nTrust\n  D: {reason}" in told
    untold = "  not told while the warehouse is in use"
    assert told.endswith(f"\nLanding files\n{untold}")


def test_a_metric_that_is_not_there_is_named_all_the_same(held: tuple[Workspace, int]) -> None:
    workspace, _ = held
    product, _, week, _ = served(workspace.publish)
    with pytest.raises(UserError, match=f"'{product}' has no metric 'nothing'"):
        explain(workspace, product, "nothing", week)
