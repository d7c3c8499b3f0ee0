"""What a small run leaves out makes no difference to what it does."""

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import dagster as dg
import great_expectations as gx
import pandas as pd
import pytest
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.expectation import Expectation

from expectations import run as suites
from orchestration import ahead, run
from orchestration.dbt_runner import PROJECT
from orchestration.definitions import brief_defs, defs
from orchestration.errors import RunError
from orchestration.increment import Plan
from orchestration.lock import lock_for_run, workspace_lock
from orchestration.registry.load import RunContext
from orchestration.workspace import Workspace

BRIEF = """
import sys
from orchestration.dbt_specs import be_brief
be_brief()
from orchestration.definitions import brief_defs
graph = brief_defs().resolve_asset_graph()
print(sorted({"dbt", "dagster_dbt", "great_expectations", "pandas"} & set(sys.modules)))
for key in sorted(graph.get_all_asset_keys(), key=str):
    node = graph.get(key)
    print(key, sorted(map(str, node.parent_keys)), node.group_name)
for key in sorted(graph.asset_check_keys, key=str):
    print(key, graph.get(key).blocking, sorted(map(str, graph.get(key).parent_entity_keys)))
"""


def told(definitions: dg.Definitions) -> list[str]:
    """Assets and checks with what comes before them, as `BRIEF` prints them."""
    graph = definitions.resolve_asset_graph()
    nodes = [graph.get(key) for key in sorted(graph.get_all_asset_keys(), key=str)]
    checks = [graph.get(key) for key in sorted(graph.asset_check_keys, key=str)]
    return [
        *(f"{n.key} {sorted(map(str, n.parent_keys))} {n.group_name}" for n in nodes),
        *(f"{c.key} {c.blocking} {sorted(map(str, c.parent_entity_keys))}" for c in checks),
    ]


def test_a_brief_process_tells_dagster_the_same_without_what_it_needs_later() -> None:
    whole = told(defs())
    command = [sys.executable, "-c", BRIEF]
    printed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert printed.stdout.splitlines() == ["[]", *whole]
    assert told(brief_defs()) == whole


def test_what_is_imported_ahead_is_there_after_the_block_and_failures_are_told_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "LATER", ("no_such_module", "colorsys"))
    sys.modules.pop("colorsys", None)
    with ahead.importing_ahead():
        pass
    assert "colorsys" in sys.modules


def suite() -> gx.ExpectationSuite:
    """Two promises on one column, and one on another that is broken."""
    labels = {"said": "small", "defect": "large", "severity": "warn", "column": "a"}
    between = [("a", 0, 2), ("a", 0, 9), ("b", 5, 6)]
    return gx.ExpectationSuite(
        name="small",
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=column, min_value=low, max_value=high, meta=labels, notes="None."
            )
            for column, low, high in between
        ],
    )


def test_expectations_that_are_configured_once_find_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = pd.DataFrame({"row_id": [0, 1, 2], "a": [1.0, 3.0, 1.0], "b": [5.0, 5.0, 7.0]})
    before = Expectation.__dict__["configuration"]
    outcomes, findings = suites.evaluate(suite(), rows), suites.run_suite(suite(), rows)
    assert [outcome.broken_count for outcome in outcomes] == [1, 0, 1]
    assert [finding.row_ids for finding in findings] == [(1,), (2,)]
    assert Expectation.__dict__["configuration"] is before
    monkeypatch.setattr(suites, "_configured_once", nullcontext)
    assert suites.evaluate(suite(), rows) == outcomes
    assert suites.run_suite(suite(), rows) == findings


def test_what_was_looked_for_is_taken_over_once_and_for_the_same_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = RunContext(None, "r", "v")  # type: ignore[arg-type]
    looked = run.Begun(context, 1, True, Plan(True, "1 new file"))
    anew = run.Begun(context, 2, True, Plan(False, "asked for"))
    monkeypatch.setattr(run, "begin", lambda *_: anew)
    here, there = Workspace(tmp_path), Workspace(tmp_path / "other")
    run.hand_over(looked, here, None, None)
    assert run.begin_or_go_on(there, None, None) is anew
    assert run.begin_or_go_on(here, None, "cloudevents") is anew
    assert run.begin_or_go_on(here, None, None) is looked
    assert run.begin_or_go_on(here, None, None) is anew
    run.hand_over(looked, here, None, None)
    assert run.begin_or_go_on(here, None, None, is_full=True) is anew


def test_a_run_holds_its_workspace_from_looking_to_the_end(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with lock_for_run(workspace):
        with workspace_lock(workspace):
            pass
        held = "from orchestration.lock import workspace_lock as l; from pathlib import Path; "
        held += "from orchestration.workspace import Workspace as W\n"
        held += f"with l(W(Path({str(tmp_path)!r}))): pass"
        command = [sys.executable, "-c", held]
        other = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert "in use by process" in other.stderr
    with workspace_lock(workspace), pytest.raises(RunError), lock_for_run(workspace):
        pass
