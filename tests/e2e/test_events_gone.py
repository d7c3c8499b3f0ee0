"""What was counted and taken away is remembered until it comes again."""

from pathlib import Path

import duckdb
import pytest

from orchestration.errors import UserError
from orchestration.registry.loss_rules import accepted as holding
from orchestration.registry.validate import read_registry
from orchestration.trust import losses
from orchestration.workspace import Workspace
from tests.intake import classify, event, lines, rows, workspace_with
from tests.unit.test_trust_overrides import GOOD

LOST = "select path, source_id, event_id from intake.int_events_lost order by all"
STANDS = "select event_id, accepted_reason from intake.int_events_lost order by all"
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


def test_a_line_that_was_torn_since_is_there_and_so_is_one_that_was_a_copy(
    workspace: Workspace,
) -> None:
    deliver(workspace, "c", [SENT[4]])
    classify(workspace)
    whole = lines(SENT[:4]).splitlines(keepends=True)
    torn = whole[0][:40] + b"\n" + b"".join(whole[1:])
    (workspace.landing / "cloudevents/a.jsonl").write_bytes(torn)
    (workspace.landing / "cloudevents/c.jsonl").unlink()
    classify(workspace)
    assert rows(workspace, LOST) == []
    # what is torn stands for as many as it was, in its own file
    (workspace.landing / "cloudevents/a.jsonl").write_bytes(whole[0][:40] + b"\n" + whole[3])
    (workspace.landing / "cloudevents/b.jsonl").unlink()
    classify(workspace)
    assert [row[0][-7:] for row in rows(workspace, LOST)] == ["a.jsonl"] * 2 + ["b.jsonl"] * 4


def test_a_line_that_is_set_aside_now_is_there_until_it_is_taken_away(
    workspace: Workspace,
) -> None:
    deliver(workspace, "a", [SENT[0] | {"type": "nobody.knows"}, *SENT[1:4]])
    classify(workspace)
    assert rows(workspace, LOST) == []
    deliver(workspace, "a", SENT[1:4])
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


def seeded(workspace: Workspace) -> Workspace:
    """Return the workspace with a registry that commands can append to."""
    workspace.seeds.mkdir(exist_ok=True)
    for name, text in GOOD.items():
        (workspace.seeds / f"{name}.csv").write_text(text)
    return workspace


def accepted(workspace: Workspace) -> dict:
    """Return the registry's rows that hold, as the intake of these tests takes them."""
    registry, problems = read_registry(workspace.seeds)
    assert not problems
    return {"accepted_losses": [row.values for row in holding(registry["accepted_losses"]).rows]}


def test_what_was_accepted_is_not_lost_and_what_goes_later_is(workspace: Workspace) -> None:
    deliver(workspace, "a", SENT[2:4])
    classify(workspace)
    said = losses.accept(seeded(workspace), "landing/cloudevents/a.jsonl", "a drill")
    assert "accepted_losses.csv:2: 2 lines of urn:cms, gone from cloudevents/a.jsonl" in said
    classify(workspace, registry=accepted(workspace))
    both = [("event-1", "a drill"), ("event-2", "a drill")]
    assert rows(workspace, STANDS) == both
    with pytest.raises(UserError, match="line 2 accepts what is gone from"):
        losses.accept(workspace, "cloudevents/a.jsonl", "again")
    # with the same as-of: other lines are another loss
    deliver(workspace, "a", SENT[3:4])
    classify(workspace, registry=accepted(workspace))
    assert rows(workspace, STANDS) == [*both, ("event-3", None)]
    losses.accept(workspace, "cloudevents/a.jsonl", "the rest of it")
    classify(workspace, registry=accepted(workspace))
    assert rows(workspace, STANDS) == [*both, ("event-3", "the rest of it")]
    # what came again and goes again is the same loss
    deliver(workspace, "a", SENT[:4])
    classify(workspace, registry=accepted(workspace))
    assert rows(workspace, STANDS) == []
    deliver(workspace, "a", SENT[2:4])
    classify(workspace, registry=accepted(workspace))
    assert rows(workspace, STANDS) == both


def test_what_was_accepted_is_listed_and_counts_as_lost_again_once_taken_back(
    workspace: Workspace,
) -> None:
    deliver(workspace, "a", SENT[1:4])
    classify(workspace)
    file = "cloudevents/a.jsonl"
    assert losses.listed(seeded(workspace)) == []
    losses.accept(workspace, file, "a drill")
    losses.take_back(workspace, file, "it was none")
    assert [line.strip() for line in losses.listed(workspace)[1:3]] == [
        f"line 2    {file}: a drill", "line 3 took it back: it was none",
    ]  # fmt: skip
    classify(workspace, registry=accepted(workspace))
    assert rows(workspace, STANDS) == [("event-1", None)]
    with pytest.raises(UserError, match="nothing is accepted of"):
        losses.take_back(workspace, file, "twice")
    losses.accept(workspace, file, "one after all")
    assert [row["reason"] for row in accepted(workspace)["accepted_losses"]] == ["one after all"]


@pytest.mark.parametrize(
    ("file", "reason", "said"),
    [
        ("cloudevents/b.jsonl", "a drill", "no line that was counted is gone from"),
        ("cloudevents/a.jsonl", " ", "the reason is blank"),
        ("cloudevents/a.jsonl", "ask jo@example.org", "has an e-mail address"),
    ],
)
def test_nothing_is_written_where_nothing_is_gone_or_the_reason_is_unfit(
    workspace: Workspace, file: str, reason: str, said: str
) -> None:
    deliver(workspace, "a", SENT[1:4])
    classify(workspace)
    with pytest.raises(UserError, match=said):
        losses.accept(seeded(workspace), file, reason)
    assert not (workspace.seeds / "accepted_losses.csv").exists()


def test_losses_that_an_earlier_version_noted_are_named_by_the_next_run(
    workspace: Workspace,
) -> None:
    deliver(workspace, "a", SENT[1:4])
    classify(workspace)
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute("alter table state.events_gone drop column loss_id")
    with pytest.raises(UserError, match="can't be told yet"):
        losses.accept(seeded(workspace), "cloudevents/a.jsonl", "a drill")
    deliver(workspace, "z", [event(40)])
    classify(workspace)
    assert "1 line of urn:cms" in losses.accept(workspace, "cloudevents/a.jsonl", "a drill")
