"""The pipeline as Dagster sees it: it loads, its gates hold, and a failed run changes nothing."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration import dbt_assets
from orchestration.definitions import defs
from orchestration.defs.judge.checks import INSTRUMENT_CHECKS
from orchestration.defs.publish.contracts import read_contracts
from orchestration.defs.refresh.jobs import new_landing_files
from orchestration.errors import RunError
from orchestration.keys import workspace_key
from orchestration.progress import listening
from orchestration.publications import last_publication
from orchestration.refresh import refresh
from orchestration.status import describe, withheld
from orchestration.workspace import Workspace

CopyWorkspace = Callable[[], Workspace]


@pytest.fixture(scope="module")
def repository() -> dg.RepositoryDefinition:
    return defs().get_repository_def()


def test_jobs_schedule_and_sensor_are_there(repository: dg.RepositoryDefinition) -> None:
    assert {"refresh", "refresh_connector"} <= set(repository.job_names)
    assert [schedule.name for schedule in repository.schedule_defs] == ["every_morning"]
    assert [sensor.name for sensor in repository.sensor_defs] == ["new_landing_files"]


def test_lineage_leads_from_the_page_to_the_landing_files(
    repository: dg.RepositoryDefinition,
) -> None:
    graph = repository.asset_graph
    ancestors = graph.get_ancestor_asset_keys(dg.AssetKey(["publish", "scorecard"]))
    assert dg.AssetKey(["landing", "files"]) in ancestors
    assert dg.AssetKey(["seeds", "registry"]) in ancestors
    assert dg.AssetKey(["guard", "metric_trust"]) in ancestors


def test_groups_read_like_the_way_of_the_data(repository: dg.RepositoryDefinition) -> None:
    graph = repository.asset_graph
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    way = ["load", "staging", "intake", "instruments", "core", "metrics", "judge", "signals"]
    assert {*way, "marts", "publish"} <= groups


def test_every_check_of_the_guard_is_an_asset_check() -> None:
    from orchestration.defs.judge.guard import CHECKS

    assert set(INSTRUMENT_CHECKS) == set(CHECKS)


def test_every_served_table_and_every_clause_of_a_contract_is_an_asset_check(
    repository: dg.RepositoryDefinition,
) -> None:
    from expectations.suites.clauses import CLAUSES

    graph = repository.asset_graph
    keys = graph.asset_check_keys
    for contract in read_contracts():
        key = dg.AssetCheckKey(dg.AssetKey(["marts", contract.name]), "is_as_promised")
        assert graph.get(key).blocking
    guarded = {key.name for key in keys if key.asset_key.path[-1] == "contract_checks"}
    assert guarded >= {clause.name for clause in CLAUSES}


def test_the_sample_is_published_with_verdicts_and_withheld_numbers(
    published_sample: Workspace,
) -> None:
    said = describe(published_sample)
    assert re.search(
        r"Quarantined: \d+, see the quality report\n  \d+ for [a-z ]+, for example \w+/", said
    )
    assert "Newsroom CMS: traded off: " in said
    assert len(re.findall(r"^\d+ products without a KPI: .+, .+$", said, re.MULTILINE)) == 1
    assert {metric.metric_id for metric in withheld(published_sample)} == {
        "time_to_roll_back",
        "rollbacks_with_data_restore",
    }


def test_served_item_ids_carry_the_key_of_the_workspace(published_sample: Workspace) -> None:
    key = workspace_key(published_sample, "items")
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        releases = connection.execute(
            "select releases.release_id is not null from marts.fct_releases as served "
            "left join core.int_releases as releases "
            "on served.item_id = md5(? || '|' || releases.release_id)",
            [key],
        ).fetchall()
    assert len(releases) > 500
    assert sum(row[0] for row in releases) == len(releases)


def test_no_hours_of_people_are_served_by_item() -> None:
    # the metric over them is of people: summed over its items it would be no secret
    for contract in read_contracts():
        names = {column.name for column in contract.columns}
        assert contract.name == "fct_metric_values" or not {n for n in names if "minutes" in n}


def test_no_employee_is_a_row_of_a_served_table(published_sample: Workspace) -> None:
    with duckdb.connect(str(published_sample.publish / "marts.duckdb"), read_only=True) as marts:
        served = marts.execute("select distinct task_type_id from marts.fct_tasks").fetchall()
    assert ("decision",) in served and ("employment",) not in served


def _publication(workspace: Workspace) -> dict[str, bytes]:
    return {
        str(path.relative_to(workspace.publish)): path.read_bytes()
        for path in sorted(workspace.publish.rglob("*"))
        if path.is_file()
    }


def test_nothing_new_ends_the_run_before_dbt_starts(sample_copy: CopyWorkspace) -> None:
    workspace = sample_copy()
    lines: list[str] = []
    with listening(lines.append):
        outcome = refresh(workspace)
    assert not outcome.is_new
    assert any(line.startswith("Nothing new") for line in lines)
    assert not any(line.strip().startswith("intake") for line in lines)


def test_the_gate_behind_intake_keeps_measure_from_being_built(
    sample_copy: CopyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = sample_copy()
    before = _publication(workspace)
    monkeypatch.setattr(dbt_assets, "run_dbt", _unbalanced_after(dbt_assets.run_dbt))
    lines: list[str] = []
    with listening(lines.append), pytest.raises(RunError, match="reconciliation_adds_up"):
        refresh(workspace, is_forced=True)
    assert [line.split()[0] for line in lines] == ["load", "intake"]
    assert _publication(workspace) == before


def _unbalanced_after(run_dbt: Callable) -> Callable:
    """Run dbt as usual, then let the lines of one file no longer add up."""

    def run(workspace: Workspace, arguments: list[str]) -> object:
        results = run_dbt(workspace, arguments)
        with duckdb.connect(str(workspace.database)) as connection:
            connection.execute(
                "update intake.int_intake_reconciliation set is_balanced = false "
                "where path = (select min(path) from intake.int_intake_reconciliation)"
            )
        return results

    return run


def test_a_model_that_fails_is_named_and_the_last_publication_stays(
    sample_copy: CopyWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = sample_copy()
    before = _publication(workspace)
    from orchestration.defs.judge import period_ratio_intervals

    def without_table(database: Path) -> None:
        with duckdb.connect(str(database)) as connection:
            connection.execute("drop table guard.ratio_period_intervals")

    monkeypatch.setattr(period_ratio_intervals, "write_period_intervals", without_table)
    with pytest.raises(RunError, match="int_judged_intervals"):
        refresh(workspace, is_forced=True)
    assert _publication(workspace) == before


def test_an_earlier_as_of_publishes_to_a_scratch_and_leaves_state_and_output(
    sample_copy: CopyWorkspace,
) -> None:
    workspace = sample_copy()
    before = _publication(workspace)
    last = last_publication(workspace)
    assert last is not None
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        state = connection.execute("from state.limit_segments order by all").fetchall()
    earlier = last.as_of_at - timedelta(days=70)
    outcome = refresh(workspace, as_of_at=earlier)
    assert outcome.publication.as_of_at == earlier
    assert outcome.workspace.publish != workspace.publish
    assert _publication(workspace) == before
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        assert connection.execute("from state.limit_segments order by all").fetchall() == state


def test_each_publication_is_noted_once_and_repaired_from_the_contract(
    sample_copy: CopyWorkspace,
) -> None:
    workspace = sample_copy()
    contract = json.loads((workspace.publish / "contract.json").read_text())
    with duckdb.connect(str(workspace.database)) as connection:
        noted = connection.execute("select run_id from state.publications").fetchall()
        assert noted == [(contract["run_id"],)]
        connection.execute("delete from state.publications")
    refresh(workspace)
    with duckdb.connect(str(workspace.database)) as connection:
        assert connection.execute("select run_id from state.publications").fetchall() == noted


def test_the_sensor_asks_once_for_a_file_that_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path))
    (tmp_path / "landing" / "cloudevents").mkdir(parents=True)
    (tmp_path / "landing" / "cloudevents" / "a.jsonl").write_text("{}\n")
    context = dg.build_sensor_context()
    assert isinstance(new_landing_files(context), dg.RunRequest)
    again = dg.build_sensor_context(cursor=context.cursor)
    assert isinstance(new_landing_files(again), dg.SkipReason)
