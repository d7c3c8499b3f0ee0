"""Lost lines stay told: on the quality page, by `status`, and by `check` before a refresh."""

import re
from pathlib import Path

import duckdb

from orchestration.dbt_runner import PROJECT
from orchestration.defs.load.manifest import raw_tables, scan
from orchestration.landing_check import Looked, changed_notes
from orchestration.pages.lost_lines import lost_lines_of, lost_words, nobodys_words
from orchestration.pages.marts import Marts
from orchestration.pages.quality import render_quality
from orchestration.status import lines_lost
from orchestration.workspace import Workspace
from tests.intake import event, lines, load, workspace_with
from tests.unit.test_pages import marts, served  # noqa: F401


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_page_names_file_source_and_weeks_and_what_is_nobodys_first(marts: Marts) -> None:  # noqa: F811
    told = lost_lines_of(marts)
    assert [row["path"].split("/")[1] for row in told["rows"]] == [
        "elsewhere",
        "payroll",
        "payroll",
    ]
    page = words(render_quality(marts))
    assert (
        "5 lines of 1 file can\u2019t be read, and nothing tells of which source: "
        "no grade shows the loss." in page
    )
    for said in ("taken away since they were counted hidden", "can\u2019t be read 22", "unknown"):
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

    def notes() -> list[str]:
        found = changed_notes(workspace, scan(workspace.landing, raw_tables(PROJECT)))
        return [note.removeprefix(f"{workspace.landing}/cloudevents/") for note in found]

    assert notes() == []
    workspace_with(tmp_path, {"cloudevents/a.jsonl": b"\n", "cloudevents/d.jsonl": b"\n"})
    (workspace.landing / "cloudevents/b.jsonl").unlink()
    changed, gone = notes()
    assert changed.startswith("a.jsonl: has changed since it was read; a refresh takes out what")
    assert gone.startswith("b.jsonl: has gone since it was read; a refresh takes out what")


def test_files_are_called_new_only_where_no_refresh_has_read_them() -> None:
    def sort(changed: int) -> str:
        return Looked(2, 9, [], {}, left_count=1, changed_count=changed).sort

    assert [sort(changed) for changed in (0, 1, 3)] == ["new", "new or changed", "changed"]
