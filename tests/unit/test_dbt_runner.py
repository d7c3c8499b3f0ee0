"""dbt finds the same models wherever the command was started, and says so where it finds none."""

from pathlib import Path

import duckdb
import pytest

from orchestration.dbt_runner import MANY_LINES, layer_paths, run_dbt, threads
from orchestration.errors import RunError
from orchestration.workspace import Workspace


def test_layers_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = run_dbt(Workspace(tmp_path), ["compile", "--select", *layer_paths("signals")])
    assert {"int_signals", "int_verdicts"} <= {result.name for result in results}


def test_a_selection_of_nothing_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="found nothing to run"):
        run_dbt(Workspace(tmp_path), ["compile", "--select", "fqn:steelyard.nowhere"])


@pytest.mark.parametrize(
    ("lines", "models_at_a_time"), [(None, 2), (0, 2), (MANY_LINES - 1, 2), (MANY_LINES, 1)]
)
def test_of_very_many_lines_one_model_is_computed_at_a_time(
    tmp_path: Path, lines: int | None, models_at_a_time: int
) -> None:
    workspace = Workspace(tmp_path)
    workspace.warehouse.mkdir()
    if lines is not None:
        with duckdb.connect(str(workspace.database)) as connection:
            connection.execute("create schema raw")
            connection.execute("create table raw.landing_files (line_count bigint)")
            connection.execute("insert into raw.landing_files values (?), (0), (null)", [lines])
    assert threads(workspace.database) == models_at_a_time
