"""Each landing file goes to the one raw table that claims it."""

from pathlib import Path

import duckdb
import pytest

from orchestration.dbt_runner import PROJECT
from orchestration.defs.load.loaders import load_landing
from orchestration.defs.load.manifest import raw_tables, scan
from orchestration.errors import UserError
from tests.intake import event, lines, load, rows, workspace_with

DECLARATION = """
sources:
  - name: raw
    tables:
      - name: helpdesk__tickets
        config: {{meta: {{landing: {landing}}}}}
        columns: [{{name: ticket}}, {{name: category}}, {{name: category_2}}]
"""


def project(folder: Path, landing: str) -> Path:
    """Make a dbt project with one connector."""
    staging = folder / "dbt_project" / "models" / "staging" / "helpdesk"
    staging.mkdir(parents=True)
    (staging / "_helpdesk__sources.yml").write_text(DECLARATION.format(landing=landing))
    return folder


def test_files_are_claimed_by_connector_and_pattern(tmp_path: Path) -> None:
    root = project(
        tmp_path, "{pattern: 'tickets*.csv', format: csv, header: [ticket, category, category]}"
    )
    files = [
        "cloudevents/2025/a.jsonl",
        "cloudevents/b.jsonl.gz",
        "cloudevents/c.parquet",
        "cloudevents/c.txt",
        "cloudevents/.d.jsonl.part",
        "helpdesk/tickets.csv",
        "helpdesk/tickets-2.csv.gz",
        "helpdesk/people.csv",
        "e.jsonl",
    ]
    workspace = workspace_with(tmp_path / "home", dict.fromkeys(files, b"x"))

    claimed = {
        file.path: file.table and file.table.name
        for file in scan(workspace.landing, raw_tables(root))
    }

    assert claimed == {
        "cloudevents/2025/a.jsonl": "cloudevents__events",
        "cloudevents/b.jsonl.gz": "cloudevents__events",
        "cloudevents/c.parquet": "cloudevents__events",
        "cloudevents/c.txt": None,
        "e.jsonl": None,
        "helpdesk/people.csv": None,
        "helpdesk/tickets-2.csv.gz": "helpdesk__tickets",
        "helpdesk/tickets.csv": "helpdesk__tickets",
    }


@pytest.mark.parametrize(
    ("landing", "message"),
    [
        ("{pattern: '*.csv', format: xml}", "neither csv nor jsonl"),
        ("{format: csv}", "pattern is missing"),
        ("{pattern: '*.csv', format: csv, header: [ticket]}", "1 names for 3 columns"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path: Path, landing: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        raw_tables(project(tmp_path, landing))


def test_every_declared_table_exists_without_any_file(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, {})
    result = load(workspace)
    found = rows(workspace, "select table_name from information_schema.tables")
    assert {name for (name,) in found} >= {table.name for table in raw_tables(PROJECT)}
    assert (result.file_count, result.line_count, result.latest_received_at) == (0, 0, None)


def test_a_folder_link_back_up_is_not_walked_for_ever(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines([event()])})
    (workspace.landing / "cloudevents" / "loop").symlink_to(workspace.landing)
    assert load(workspace).file_count == 1


def test_the_digest_changes_with_content_and_place_only(tmp_path: Path) -> None:
    files = {"cloudevents/a.jsonl": lines([event(1)]), "cloudevents/b.jsonl": lines([event(2)])}
    first = load(workspace_with(tmp_path / "1", files))
    same = load(workspace_with(tmp_path / "2", dict(reversed(files.items()))))
    moved = load(
        workspace_with(
            tmp_path / "3",
            {
                "cloudevents/a.jsonl": files["cloudevents/b.jsonl"],
                "cloudevents/b.jsonl": files["cloudevents/a.jsonl"],
            },
        )
    )
    assert first.digest == same.digest != moved.digest


def test_only_files_not_seen_before_are_new(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines([event(1)])})
    assert load(workspace).new_file_count == 1
    assert load(workspace).new_file_count == 0
    workspace_with(tmp_path, {"cloudevents/a.jsonl": lines([event(1), event(2)])})
    assert load(workspace).new_file_count == 1


def test_a_file_is_read_once_and_what_changed_or_vanished_is_told(tmp_path: Path) -> None:
    files = {f"cloudevents/{i}.jsonl": lines([event(i), event(10 + i)]) for i in range(4)}
    workspace = workspace_with(tmp_path, files)
    load(workspace)
    segments = workspace.warehouse / "landing"
    before = set(segments.iterdir())
    workspace_with(tmp_path, {"cloudevents/4.jsonl": lines([event(4)])})
    assert load(workspace).new_file_count == 1
    assert len(set(segments.iterdir()) - before) == 1

    workspace_with(tmp_path, {"cloudevents/0.jsonl": lines([event(20)]) + b"oops\n"})
    (workspace.landing / "cloudevents" / "1.jsonl").unlink()
    again = load(workspace)

    assert (again.changed_files, again.vanished_files) == (
        ["cloudevents/0.jsonl"],
        ["cloudevents/1.jsonl"],
    )
    found = rows(workspace, "select id from raw.cloudevents__events order by id")
    expected = {"event-20", "event-2", "event-12", "event-3", "event-13", "event-4"}
    assert found == [(name,) for name in sorted(expected)]
    assert rows(workspace, "select line_number, problem from raw.rejected_lines") == [
        (2, "invalid_json")
    ]
    fresh = load_landing(tmp_path / "fresh.duckdb", workspace.landing, PROJECT)
    assert fresh.digest == again.digest


def test_a_file_written_anew_with_the_same_bytes_is_not_new(tmp_path: Path) -> None:
    files = {"cloudevents/a.jsonl": lines([event(1)])}
    workspace = workspace_with(tmp_path, files)
    load(workspace)
    workspace_with(tmp_path, files)
    assert load(workspace).new_file_count == 0
    assert rows(workspace, "select count(*) from raw.cloudevents__events") == [(1,)]


def test_a_number_is_no_text_wherever_it_stands(tmp_path: Path) -> None:
    """Members told apart from their characters by one reader, by their JSON by another."""
    values = ["7", 7, "-1e5", -1e5, "true", True, "null", None, "{}", {}, "[1]", [1], "a\\b", "é"]
    names = ("id", "subject", "actorid", "correlationid", "time", "receivedtime")
    events = [event(1) | {name: value} for name in names for value in values]
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines(events)})
    load(workspace)
    found = rows(
        workspace,
        "select mistyped_attributes from raw.cloudevents__events order by line_number",
    )
    wrong = [
        name if value is not None and not isinstance(value, str) else None
        for name in names
        for value in values
    ]
    assert found == [(name,) for name in wrong]


def test_loading_one_connector_keeps_the_others(tmp_path: Path) -> None:
    header = "repo,tag,tag_type,commit_sha,created_at,tagger_at,commit_committed_at,on_main_history"
    files = {
        "cloudevents/a.jsonl": lines([event(1)]) + b"oops\n",
        "git/x__tags.csv": f"{header}\n\n".encode(),
    }
    workspace = workspace_with(tmp_path, files)
    whole = load(workspace)
    (workspace.landing / "cloudevents" / "a.jsonl").unlink()
    assert load(workspace, "git").digest == whole.digest
    assert rows(workspace, "select count(*) from raw.cloudevents__events") == [(1,)]
    assert rows(workspace, "select connector, problem from raw.rejected_lines order by all") == [
        ("cloudevents", "invalid_json"),
        ("git", "blank_line"),
    ]


def test_a_file_whose_records_cannot_be_agreed_on_leaves_nothing_behind(tmp_path: Path) -> None:
    header = "repo,tag,tag_type,commit_sha,created_at,tagger_at,commit_committed_at,on_main_history"
    content = f"{header}\na,b,c,d,e,f,g,h\na,b,c,d,e,f,g,h\ra,b,c,d,e,f,g,h\n".encode()
    workspace = workspace_with(tmp_path, {"git/x__tags.csv": content})
    load(workspace)
    assert rows(workspace, "select problem, line_count from raw.landing_files") == [
        ("wrong_format", 2)
    ]
    assert rows(workspace, "select count(*) from raw.git__tags") == [(0,)]


@pytest.mark.parametrize(
    "change",
    [
        "drop table raw.git__tags",
        "alter table raw.git__tags rename column tag to label",
        "alter table raw.landing_files drop column problem",
    ],
)
def test_tables_of_another_version_are_all_loaded_anew(tmp_path: Path, change: str) -> None:
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines([event(1)])})
    whole = load(workspace)
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(change)
    assert load(workspace, "idp").digest == whole.digest
    assert rows(workspace, "select count(tag) from raw.git__tags") == [(0,)]
    assert rows(workspace, "select count(*) from raw.cloudevents__events") == [(1,)]


def test_the_latest_received_time_leaves_out_what_is_no_instant(tmp_path: Path) -> None:
    events = [
        event(1, receivedtime="2025-03-03T10:00:00+02:00"),
        event(2, receivedtime="2025-03-03T08:30:00Z"),
        event(3, receivedtime="infinity"),
        event(4, receivedtime="2031-01-01T00:00:00"),
    ]
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines(events)})
    assert str(load(workspace).latest_received_at) == "2025-03-03 08:30:00"
