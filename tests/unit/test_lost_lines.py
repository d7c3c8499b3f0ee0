"""Lost lines stay told: on the quality page, by `status`, and by `check` before a refresh."""

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import main
from orchestration.dbt_runner import PROJECT
from orchestration.defs.load.manifest import raw_tables, scan
from orchestration.landing_check import Looked, changed_notes
from orchestration.pages.lost_lines import lost_lines_of, lost_words, nobodys_words
from orchestration.pages.marts import Marts
from orchestration.pages.quality import render_quality
from orchestration.status import lines_lost
from orchestration.workspace import Workspace
from tests.intake import event, lines, load, workspace_with
from tests.sql import render_model
from tests.unit.test_pages import marts, served  # noqa: F401
from tests.unit.test_trust_overrides import GOOD


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_page_names_file_source_and_weeks_and_what_is_nobodys_first(marts: Marts) -> None:  # noqa: F811
    told = lost_lines_of(marts)
    assert [row["path"].split("/")[1] for row in told["rows"]] == [
        "elsewhere",
        "payroll",
        "payroll",
        "payroll",
    ]
    assert told["rows"][-1]["whose"] == "nobody"
    page = words(render_quality(marts))
    assert (
        "5 lines of 1 file can\u2019t be read, and nothing tells of which source: "
        "no grade shows the loss." in page
    )
    for said in (
        "taken away since they were counted hidden",
        "taken away on purpose: a drill 3 nobody",
        "can\u2019t be read 22",
        "unknown",
    ):
        assert said in page, said


def test_a_product_says_what_its_sources_lost_with_a_link(marts: Marts) -> None:  # noqa: F811
    (source_id,) = {
        row["counts_against"]
        for row in marts["fct_lines_lost"]
        if row["counts_against"] != "nobody"
    }
    assert lost_words(marts, {source_id}) == [
        {"words": "22 lines of it can\u2019t be read: see", "section": "set-aside"},
        {"words": "Lines of it were counted and are in no file any more: see", "section": "files"},
        {"words": "3 lines of it were taken away on purpose: see", "section": "files"},
    ]
    assert lost_words(marts, {"another"}) == []
    assert '22 lines of it can\u2019t be read: see <a href="#set-aside">' in re.sub(
        r"\u00a0", " ", render_quality(marts)
    )


def test_nothing_is_said_where_every_loss_counts_against_a_source() -> None:
    row = {"path": "a", "loss": "unreadable", "counts_against": "desk", "line_count": 3}
    assert nobodys_words([row]) == ""


def test_status_tells_what_no_file_has_any_more_and_what_is_nobodys(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.publish.mkdir(parents=True)
    duckdb.connect(str(workspace.publish / "marts.duckdb")).close()
    assert lines_lost(workspace) == []  # published by an earlier version
    with duckdb.connect(str(workspace.publish / "marts.duckdb")) as connection:
        connection.execute(
            "create table fct_lines_lost as from (values "
            "('a', 'taken_away', 'desk', 3, '2026-03-02', '2026-03-09'), "
            "('a', 'taken_away_on_purpose', 'desk', 2, '2026-03-02', '2026-03-09'), "
            "('b', 'unreadable', 'desk', 7, '2026-03-02', '2026-03-02'), "
            "('c', 'unreadable', 'nobody', 1, null, null)) as _(path, loss, counts_against, "
            "line_count, first_week_start_date, last_week_start_date)"
        )
    assert lines_lost(workspace) == [
        "landing/c: 1 line can't be read, and nothing tells of which source: no grade shows it",
        "landing/a: 3 lines of desk in the weeks 2026-03-02 to 2026-03-09 were counted and are in "
        "no file any more",
    ]


def test_a_check_tells_changed_files_and_files_that_have_gone_from_new_ones(tmp_path: Path) -> None:
    files = {
        f"cloudevents/{name}.jsonl": lines([event(number)]) for number, name in enumerate("abc")
    }
    workspace = workspace_with(tmp_path, files)
    load(workspace)

    def notes() -> list[list[str]]:
        found = changed_notes(workspace, scan(workspace.landing, raw_tables(PROJECT)))
        below = f"{workspace.landing}/cloudevents/"
        return [[note.removeprefix(below) for note in notes] for notes in found]

    assert notes() == [[], []]
    workspace_with(tmp_path, {"cloudevents/a.jsonl": b"\n", "cloudevents/d.jsonl": b"\n"})
    (workspace.landing / "cloudevents/b.jsonl").unlink()
    (gone,), (changed,) = notes()
    assert changed.startswith("a.jsonl: has changed since it was read; a refresh takes out what")
    assert gone.startswith("b.jsonl: has gone since it was read; a refresh takes out what")


def test_files_are_called_new_only_where_no_refresh_has_read_them() -> None:
    def sort(changed: int) -> str:
        return Looked(2, 9, [], {}, left_count=1, changed_count=changed).sort

    assert [sort(changed) for changed in (0, 1, 3)] == ["new", "new or changed", "changed"]


GONE = """
    create schema intake; create schema instruments; create schema metrics; create schema registry;
    create schema landing; create schema raw;
    create table intake.int_events_lost as from (values
        ('jo@example.org/a', 'desk', 't', date '2026-03-02', null),
        ('jo@example.org/a', 'desk', 't', date '2026-03-02', 'a drill'),
        ('jo@example.org/a', 'desk', 't', date '2026-03-09', 'a drill'),
        ('jo@example.org/a', 'desk', 't', date '2026-03-09', 'a test'),
        ('b', 'desk', 'u', date '2026-03-09', 'a test')
    ) as _(path, source_id, event_type, week_start_date, accepted_reason);
    create table instruments.int_instrument_events_counted as
        select 'desk' as source_id, 't' as event_type, date '2026-03-02' as week_start_date,
            5 as distinct_count;
    create table instruments.int_instrument_files_unread
        (path varchar, source_id varchar, line_count bigint, week_start_date date);
    create table intake.int_lines_unread
        (file_id varchar, source_id varchar, week_start_date date, known_at timestamp);
    create table {schema}.landing_files (file_id varchar, path varchar);
    create table metrics.int_person_event_types
        (source_id varchar, event_type varchar, is_hidden boolean, least_people integer);
    create schema guard;
    create table guard.instrument_checks as select 'desk' as source_id, 't' as event_type,
        date '2026-03-02' as week_start_date, 20 as check_id, 6 as n;
    create table registry.run_context as select timestamp '2026-04-01' as as_of_at;
"""


@pytest.fixture
def gone(request: pytest.FixtureRequest) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(GONE.format(schema="landing"))
    return connection


def test_only_what_nobody_accepted_is_held_against_a_source(
    gone: duckdb.DuckDBPyConnection,
) -> None:
    found = gone.execute(render_model("int_instrument_events_lost")).fetchall()
    assert [row[1:2] + row[3:] for row in found] == [("t", "gone", 6, 1)]


def test_what_was_taken_away_on_purpose_is_served_with_its_reasons(
    gone: duckdb.DuckDBPyConnection,
) -> None:
    found = gone.execute(f"from ({render_model('fct_lines_lost')}) order by all").fetchall()
    assert [(path, loss, count, why) for path, loss, _, count, _, _, why in found] == [
        ("(address)/a", "taken_away", 1, None),
        ("(address)/a", "taken_away_on_purpose", 3, "a drill; a test"),
        ("b", "taken_away_on_purpose", 1, "a test"),
    ]


@pytest.mark.parametrize(("least", "is_told"), [(6, True), (7, False)])
def test_of_few_people_no_number_of_lines_is_told(
    gone: duckdb.DuckDBPyConnection, least: int, is_told: bool
) -> None:
    gone.execute(
        "insert into metrics.int_person_event_types values ('desk', 't', false, ?)", [least]
    )
    found = gone.execute(f"from ({render_model('fct_lines_lost')}) order by all").fetchall()
    assert [row[3] for row in found] == ([1, 3, 1] if is_told else [None, None, 1])


def test_the_command_says_what_must_come_first_and_lists_what_was_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seeds").mkdir()
    for name, text in GOOD.items():
        (tmp_path / "seeds" / f"{name}.csv").write_text(text)
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path))
    assert main(["trust", "accept", "cloudevents/a.jsonl", "--reason", "a drill"]) == 2
    assert "nothing has been read yet. Write `steelyard refresh` first" in capsys.readouterr().err
    file, loss = tmp_path / "seeds" / "accepted_losses.csv", "a,00000000000000ff"
    file.write_text(f"path,loss_id,reason,taken_back_line\n{loss},a drill,\n")
    assert main(["trust", "list"]) == 0
    assert f"{file}: 1 loss accepted\n  line 2    a: a drill\n" in capsys.readouterr().out
    for line, said in ((",", "line 2 accepts the same lines already"), ("3,", "takes nothing")):
        row = f"{loss},again,{line.strip(',')}\n"
        file.write_text(f"path,loss_id,reason,taken_back_line\n{loss},a drill,\n{row}")
        assert main(["trust", "list"]) == 2
        assert said in capsys.readouterr().err
