"""dbt finds the same models wherever the command was started, and says so where it finds none."""

from pathlib import Path

import pytest

from orchestration.dbt_runner import layer_paths, run_dbt
from orchestration.errors import RunError
from orchestration.workspace import Workspace


def test_layers_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = run_dbt(Workspace(tmp_path), ["compile", "--select", *layer_paths("signals")])
    assert {"int_signals", "int_verdicts"} <= {result.name for result in results}


def test_a_selection_of_nothing_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="found nothing to run"):
        run_dbt(Workspace(tmp_path), ["compile", "--select", "fqn:steelyard.nowhere"])
