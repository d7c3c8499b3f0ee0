"""What was counted and taken away is remembered until it comes again."""

from pathlib import Path

import duckdb
import pytest

from orchestration.workspace import Workspace
from tests.intake import classify, event, lines, rows, workspace_with

LOST = "select path, source_id, event_id from intake.int_events_lost order by all"
HELD = "select count(*) from state.events_gone"
SENT = [event(number) for number in range(1, 9)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace that was computed from two files of four events each."""
    made = workspace_with(
        tmp_path, {"cloudevents/a.jsonl": lines(SENT[:4]), "cloudevents/b.jsonl": lines(SENT[4:])}
    )
    classify(made)
    assert rows(made, LOST) == []
    return made


def deliver(workspace: Workspace, name: str, events: list[dict]) -> None:
    workspace_with(workspace.home, {f"cloudevents/{name}.jsonl": lines(events)})


def lost(*numbers: int, path: str = "cloudevents/a.jsonl") -> list[tuple]:
    return [(path, "urn:cms", f"event-{number}") for number in numbers]


def test_lines_taken_out_of_a_file_are_told_by_every_later_run(workspace: Workspace) -> None:
    deliver(workspace, "a", SENT[2:4])
    for name in ("c", "d"):
        classify(workspace)
        assert rows(workspace, LOST) == lost(1, 2)
        deliver(workspace, name, [event(20, id=name)])
    assert classify(workspace).is_increment
    assert rows(workspace, LOST) == lost(1, 2)


def test_a_file_that_vanished_loses_all_of_its_events(workspace: Workspace) -> None:
    (workspace.landing / "cloudevents/b.jsonl").unlink()
    classify(workspace)
    assert rows(workspace, LOST) == lost(5, 6, 7, 8, path="cloudevents/b.jsonl")


def test_what_comes_in_another_file_or_under_another_name_was_not_lost(
    workspace: Workspace,
) -> None:
    (workspace.landing / "cloudevents/b.jsonl").rename(workspace.landing / "cloudevents/z.jsonl")
    deliver(workspace, "a", [*SENT[1:4], event(30)])
    deliver(workspace, "c", [SENT[0]])
    classify(workspace)
    assert rows(workspace, LOST) == [] and rows(workspace, HELD) == [(0,)]


def test_it_is_forgotten_when_it_comes_again_and_lost_when_it_goes_again(
    workspace: Workspace,
) -> None:
    deliver(workspace, "a", SENT[1:4])
    classify(workspace)
    deliver(workspace, "late", [SENT[0]])
    assert classify(workspace).is_increment
    assert rows(workspace, LOST) == [] and rows(workspace, HELD) == [(0,)]
    (workspace.landing / "cloudevents/late.jsonl").unlink()
    classify(workspace)
    assert rows(workspace, LOST) == lost(1, path="cloudevents/late.jsonl")


def test_a_line_that_was_torn_since_is_lost_and_one_that_was_a_copy_is_not(
    workspace: Workspace,
) -> None:
    deliver(workspace, "c", [SENT[4]])
    classify(workspace)
    whole = lines(SENT[:4]).splitlines(keepends=True)
    torn = whole[0][:40] + b"\n" + b"".join(whole[1:])
    (workspace.landing / "cloudevents/a.jsonl").write_bytes(torn)
    (workspace.landing / "cloudevents/c.jsonl").unlink()
    classify(workspace)
    assert rows(workspace, LOST) == lost(1)


def test_a_run_that_broke_off_neither_forgets_nor_doubles(workspace: Workspace) -> None:
    deliver(workspace, "a", SENT[1:4])
    classify(workspace, breaks_off=True)
    assert rows(workspace, HELD) == [(4,)]
    classify(workspace)
    assert rows(workspace, LOST) == lost(1) and rows(workspace, HELD) == [(1,)]


def test_a_warehouse_of_an_earlier_version_knows_files_by_their_number(
    workspace: Workspace,
) -> None:
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute("alter table built.files drop column path")
    deliver(workspace, "a", SENT[1:4])
    classify(workspace)
    ((path, *event_lost),) = rows(workspace, LOST)
    assert len(path) == 32 and event_lost == list(lost(1)[0][1:])
