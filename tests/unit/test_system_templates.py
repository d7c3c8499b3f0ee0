"""Templates of systems: each gives a registry that is valid, whole and free of doubled rows."""

import csv
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from orchestration import cli
from orchestration.registry import system_templates
from orchestration.registry.rules import MOST_KPIS_OF_A_PRODUCT
from orchestration.registry.system_templates import (
    AGREED,
    LEFT_OUT,
    NAMED,
    OWNED,
    SEEDS,
    STUB,
    STUB_MARK,
    System,
    chosen_systems,
    systems,
    template_rows,
)
from orchestration.registry.tables import FILES, Row, columns, schema
from orchestration.registry.template import template, write_template
from orchestration.registry.validate import Registry, read_registry
from orchestration.workspace import Workspace

SYSTEMS = list(systems().values())

EVENTS = {
    "T001": "question.asked report.viewed decision.made",
    "T002": "draft.created content.submitted content.published correction.started",
    "T003": "deployment.finished incident.* rollback.*",
    "T004": "run.started run.finished dataset.updated data_issue.reported",
    "T005": "cluster.requested cluster.ready service.migrated",
    "T006": "experiment.started model.deployed",
    "T007": "search.made dataset.found access.granted",
    "T008": "topic.requested throughput.*",
    "T009": "migration.*",
    "T010": "release.* devops_activity.* coverage.*",
    "T011": "dataset_request.* clarification.asked",
    "T012": "ticket.* resource.*",
    "T013": "decision.*",
    "T014": "route.completed",
    "T015": "item.scanned",
    "T016": "bag.*",
    "T017": "erasure.*",
    "T018": "required_info.submitted time_entry.*",
    "T019": "vulnerability.disclosed instance.patched",
    "T020": "rollback.*",
    "T021": "user.joined_club activity.attended",
    "T022": "sdk.installed api.called",
    "T023": "payroll_run.*",
    "T024": "ui.* account.*",
    "T025": "checkout.* order.*",
    "T026": "email.sent email.acted",
    "T027": "invoice.sent",
    "T028": "email_send.*",
    "T029": "workitem.* merge_request.*",
}
"""The least that the tracking plan of each of the catalogue's systems holds."""


@cache
def made(names: str) -> Registry:
    """The registry that these templates give; to be read only."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        write_template(workspace, chosen_systems(names))
        registry, problems = read_registry(workspace.seeds)
    assert problems == []
    return registry


def keys(name: str, rows: list[Row]) -> list[tuple]:
    return [tuple(row.values[column] for column in schema(name)["primaryKey"]) for row in rows]


def rows_of_file(name: str) -> list[dict[str, str]]:
    with (SEEDS / "templates" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_one_template_for_each_system_of_the_catalogue() -> None:
    assert [system.system_id for system in SYSTEMS] == sorted(EVENTS)
    assert len(systems()) == 29


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.template)
class TestEachTemplate:
    def test_its_workspace_passes_the_check(
        self, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "new"))
        assert cli.main(["init", str(tmp_path / "new"), "--template", system.template]) == 0
        assert cli.main(["check"]) == 0

    def test_its_tracking_plan_holds_the_systems_events(self, system: System) -> None:
        plan = made(system.template)["tracking_plan"]
        planned = {row.values["event_type"] for row in plan.rows}
        for pattern in EVENTS[system.system_id].split():
            assert any(fnmatchcase(event_type, pattern) for event_type in planned), pattern

    def test_its_kpis_are_leading_and_their_problem_statements_stubs(self, system: System) -> None:
        registry = made(system.template)
        kinds = {row.values["metric_id"]: row.values for row in registry["metrics"].rows}
        leads = [row.values["metric_id"] for row in registry["kpis"].rows]
        assert 1 <= len(leads) <= MOST_KPIS_OF_A_PRODUCT
        assert {kinds[lead]["indicator_kind"] for lead in leads} == {"leading"}
        statements = [row.values for row in registry["problem_statements"].rows]
        assert len(statements) == len({row["problem_statement_id"] for row in statements})
        for statement in statements:
            assert statement["need"] and not statement["need"].startswith(STUB)
            assert statement["stakeholder"].startswith(STUB)
            assert statement["insight"].startswith(STUB)

    def test_what_was_true_of_the_sample_alone_is_marked(self, system: System) -> None:
        registry = made(system.template)
        for kpi in registry["kpis"].rows:
            assert kpi.values["question"].startswith(STUB)
            assert kpi.values["decision_it_informs"].startswith(STUB)
        agreed = [row for name in AGREED for row in registry[name].rows]
        assert agreed and all(row.values["reason"].startswith(STUB_MARK) for row in agreed)


def test_all_templates_together_double_no_row_and_pass_the_check() -> None:
    registry = made(",".join(systems()))
    for name in FILES:
        found = keys(name, registry[name].rows)
        assert len(found) == len(set(found)), name
    assert len(registry["kpis"].rows) == len(rows_of_file("template_kpis"))
    assert len(registry["products"].rows) == len({system.product_id for system in SYSTEMS})


def test_two_templates_of_one_product_share_its_rows_and_each_brings_its_kpi() -> None:
    alone = made("rollback")
    both = made("release,rollback,release")
    assert len(alone["kpis"].rows) == 1 and len(both["kpis"].rows) == 2
    assert keys("products", both["products"].rows) == keys("products", alone["products"].rows)
    sources = {*keys("sources", alone["sources"].rows)}
    assert sources < {*keys("sources", both["sources"].rows)}
    assert {*keys("sources", both["sources"].rows)} - sources <= {
        *keys("sources", made("release")["sources"].rows)
    }


def test_a_tree_stays_where_all_of_its_metrics_stay() -> None:
    def parents(names: str) -> set[str]:
        edges = made(names)["tree_edges"].rows
        return {edge.values["parent_metric_id"] for edge in edges}

    assert "well_packaged_releases" in parents("release")
    # of its children, the platforms of the sample, the template has none
    assert "test_coverage" not in parents("release")
    assert parents("rollback") == set()


def test_a_template_adds_its_rows_below_the_comments_and_the_defaults(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    write_template(workspace, chosen_systems("bi,cms"))
    for name in FILES:
        assert (workspace.seeds / f"{name}.csv").read_text().startswith(template(name))


def test_a_metric_that_needs_more_people_keeps_its_setting() -> None:
    settings = {
        row.values["setting"]: row.values["value"] for row in made("service_desk")["settings"].rows
    }
    assert "self_help_success_rate" in settings["suppression_sensitive_metrics"].split(";")


def test_a_template_names_nobody_as_owner_and_no_day_on_which_anything_began() -> None:
    registry = made(",".join(systems()))
    assert {row.values["owner_team"] for row in registry["products"].rows} == {"to be named"}
    assert {row.values["user_count"] for row in registry["products"].rows} == {None}
    assert {row.values["started_date"] for row in registry["kpis"].rows} == {None}


def test_every_registry_file_has_a_rule_by_which_templates_choose_its_rows() -> None:
    chosen = {*OWNED, *NAMED, *LEFT_OUT, "settings", "tracking_plan"}
    assert {name for name in FILES if "product_id" not in columns(name)} <= chosen


@pytest.mark.parametrize("name", ["kpis", "metrics", "measures", "problem_statements"])
def test_nothing_that_only_templates_have_is_left_out_by_all_of_them(name: str) -> None:
    registry = made(",".join(systems()))
    (key,) = schema(name)["primaryKey"]
    used = {row.values[key] for row in registry[name].rows}
    assert {row[key] for row in rows_of_file(name)} <= used


def test_a_template_follows_derived_metrics_to_measures_and_their_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rows in {
        "products": "product_id\nours\nothers\n",
        "watched_metrics": "product_id,metric_id\nours,change\nothers,other\n",
        "metrics": "metric_id,derived_metric_ids,numerator_measure_id,denominator_measure_id,"
        "task_type_id\nchange,level,,,\nlevel,,counted,,\nother,,uncounted,,\n",
        "measures": "measure_id,item_kind,item_type\ncounted,task,walk\nuncounted,event,x\n",
        "measure_filters": "measure_id,dimension\ncounted,colour\nuncounted,colour\n",
        "task_types": "task_type_id,start_event_type\nwalk,walk.started\nrun,run.started\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(rows)
    monkeypatch.setattr(system_templates, "POOL", (tmp_path,))
    rows = template_rows([System("ours", "T001", "Ours", "ours", ())])
    assert [row["metric_id"] for row in rows["metrics"]] == ["change", "level"]
    assert [row["measure_id"] for row in rows["measures"]] == ["counted"]
    assert [row["measure_id"] for row in rows["measure_filters"]] == ["counted"]
    assert [row["task_type_id"] for row in rows["task_types"]] == ["walk"]


def test_a_template_has_the_task_types_whose_events_its_tools_send() -> None:
    registry = made("release")
    assert "incident" in {row.values["task_type_id"] for row in registry["task_types"].rows}


def test_check_notes_each_stub_until_it_is_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "new"))
    assert cli.main(["init", str(tmp_path / "new"), "--template", "hr"]) == 0
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out
    assert "stakeholder: is a stub" in said and "basis: is a stub" in said
    file = tmp_path / "new" / "seeds" / "problem_statements.csv"
    file.write_text(file.read_text().replace(STUB, ""))
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out
    assert "stakeholder: is a stub" not in said and "basis: is a stub" in said


def test_list_names_every_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", "--template", "list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == list(systems())


@pytest.mark.parametrize("names", ["bi,nonsense", "nonsense", ","])
def test_an_unknown_template_is_wrong_input_and_names_those_there_are(
    names: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["init", str(tmp_path / "new"), "--template", names]) == 2
    said = capsys.readouterr().err
    assert "Name some of bi, cms, devops," in said
    assert not (tmp_path / "new").exists()


def test_init_without_a_folder_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", "--template", "bi"]) == 2
    assert "steelyard init DIR" in capsys.readouterr().err


def test_the_count_of_migrations_is_no_kpi_and_the_statement_says_why() -> None:
    registry = made("migration")
    (kpi,) = (row.values["metric_id"] for row in registry["kpis"].rows)
    kinds = {row.values["metric_id"]: row.values for row in registry["metrics"].rows}
    assert kinds[kpi]["task_type_id"] == "account_request"
    assert kinds["services_migrated"]["indicator_kind"] == "output"
    (statement,) = registry["problem_statements"].rows
    assert "no KPI" in statement.values["insight"]
