"""A row that no run has read yet is told by `steelyard explain` and `steelyard status`."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main
from orchestration.explain.number import Number
from orchestration.registry.tables import columns
from orchestration.trust.ahead import ahead_of_number
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build

HEADER = ",".join(columns("trust_overrides"))
WEEK = date(2026, 2, 2)
SOURCES = {"newsroom-editor"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A published workspace whose time to publish is trusted in the week of 2026-02-02."""
    workspace = Workspace(tmp_path)
    build(workspace)
    publish(workspace)
    workspace.seeds.mkdir()
    grade(workspace, "A", None)
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path))
    return workspace


def publish(workspace: Workspace) -> None:
    """Publish what the warehouse holds."""
    workspace.publish.mkdir()
    contract = {"run_id": "r", "as_of_at": "2026-03-01T12:00:00Z", "code_version": "1"}
    (workspace.publish / "contract.json").write_text(json.dumps(contract))
    with duckdb.connect(str(workspace.publish / "marts.duckdb")) as marts:
        marts.execute(f"attach '{workspace.database}' as warehouse (read_only)")
        tables = marts.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'warehouse' and schema_name = 'marts'"
        ).fetchall()
        for (table,) in tables:
            marts.execute(f"create table {table} as from warehouse.marts.{table}")


def grade(workspace: Workspace, grade: str, reason: str | None) -> None:
    """Publish this grade of one week of the source and the metric."""
    for file in (workspace.publish / "marts.duckdb", workspace.database):
        with duckdb.connect(str(file)) as connection:
            write_grade(connection, grade, reason)


def write_grade(connection: duckdb.DuckDBPyConnection, grade: str, reason: str | None) -> None:
    for table in ("fct_source_trust", "fct_metric_trust"):
        connection.execute(f"delete from marts.{table}")
    row = "?::date as week_start_date, ? as grade, ? as reason"
    connection.execute(
        "insert into marts.fct_source_trust by name select 'newsroom-editor' as source_id, "
        f"1 as worst_check_id, {row}", [WEEK, grade, reason],
    )  # fmt: skip
    connection.execute(
        "insert into marts.fct_metric_trust by name select 'newsroom_cms' as product_id, "
        f"'time_to_publish' as metric_id, {row}", [WEEK, grade, reason],
    )  # fmt: skip


def write(workspace: Workspace, *rows: str) -> None:
    path = workspace.seeds / "trust_overrides.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")


def ahead(workspace: Workspace, week: date = WEEK) -> list[str]:
    metrics, weeks = ["time_to_publish"], (week, week)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        return ahead_of_number(workspace, connection, "newsroom_cms", metrics, SOURCES, weeks)


ROWS = [
    "newsroom_cms,,,C,2026-01-26,,ran twice,,",
    "newsroom_cms,time_to_publish,,B,2026-02-02,2026-02-02,ran twice,,",
    ",,newsroom-editor,D,2026-02-02,,ran twice,,",
]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_number_is_told_until_a_run_has_read_it(
    workspace: Workspace, row: str
) -> None:
    write(workspace, row)
    (line,) = ahead(workspace)
    assert line.startswith("  lowered by hand, takes effect with the next refresh: ")
    assert line.endswith("ran twice (line 2 of trust_overrides.csv)")
    grade(workspace, row.split(",")[3], "lowered by hand: ran twice")
    assert ahead(workspace) == []
    # and once it is taken back, until a run has read that
    write(workspace, row, ",".join([*row.split(",")[:5], "", "it did not", row.split(",")[4], "2"]))
    (line,) = ahead(workspace)
    assert line.startswith("  taken back by hand, takes effect with the next refresh: ")
    assert ": it did not (line 2 of" in line


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (ROWS[0], "D"),
        ("insight_desk,,,C,2026-01-26,,ran twice,,", "A"),
        (",,desk,C,2026-01-26,,ran twice,,", "A"),
        ("newsroom_cms,error_fixing_share,,C,2026-01-26,,ran twice,,", "A"),
        ("newsroom_cms,,,C,2026-01-19,2026-01-26,ran twice,,", "A"),
        ("newsroom_cms,,,C,2026-02-09,,ran twice,,", "A"),
    ],
)
def test_what_changes_nothing_of_the_number_is_not_told(
    workspace: Workspace, row: str, found: str
) -> None:
    grade(workspace, found, "found")
    write(workspace, row)
    assert ahead(workspace) == []


def test_explain_and_status_tell_of_a_row_ahead_and_say_nothing_without_one(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "lowered by hand, takes effect with the next refresh: product newsroom_cms at best C"
    for rows, is_told in (([], False), (ROWS[:1], True)):
        write(workspace, *rows)
        assert main(["explain", "newsroom_cms", "time_to_publish", "2026-02-04"]) == 0
        text = capsys.readouterr().out
        assert ("Not in these figures yet" in text) == (said in text) == is_told
        assert main(["status"]) == 0
        text = capsys.readouterr().out
        assert ("Lowered by hand, and in no published figure yet" in text) == is_told
        assert ("    pending: takes effect with the next refresh\n" in text) == is_told


def test_a_row_that_was_taken_back_whole_is_told_with_the_weeks_that_it_had(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    row = "newsroom_cms,,,C,2026-01-26,2026-02-02,ran twice"
    write(workspace, f"{row},,", "newsroom_cms,,,C,2026-01-26,2026-02-02,mended,2026-01-26,2")
    grade(workspace, "C", "lowered by hand: ran twice")
    assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert "best C from the week of 2026-01-26 to that of 2026-02-02: ran twice" in text


def test_the_number_knows_its_sources(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            "insert into metrics.int_metric_lineage (product_id, metric_id, source_id) values "
            "('newsroom_cms', 'time_to_publish', 'newsroom-editor'), "
            "('newsroom_cms', 'error_fixing_share', 'newsroom-timesheets')"
        )
        number = Number(connection, "newsroom_cms", "time_to_publish", WEEK)
        assert number.sources() == SOURCES


def test_what_a_run_that_published_nothing_has_read_is_in_the_number_and_in_no_published_figure(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write(workspace, ROWS[0])
    with duckdb.connect(str(workspace.database)) as connection:
        write_grade(connection, "C", "lowered by hand: ran twice")
    assert ahead(workspace) == []
    assert main(["status"]) == 0
    assert "pending: takes effect with the next refresh" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_told_instead_of_its_rows(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write(workspace, 'newsroom_cms,,,C,2026-01-26,,"x')
    said = "  not told: trust_overrides.csv has an error, `steelyard check` says where"
    assert ahead(workspace) == [said]
    assert main(["status"]) == 0
    assert f"in no published figure yet\n{said}\n" in capsys.readouterr().out
