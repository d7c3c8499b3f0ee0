"""Adding what is new ends in what computing everything would have given."""

import random
from datetime import timedelta
from pathlib import Path

import pytest

from orchestration.dbt_runner import run_dbt
from orchestration.increment import Plan
from orchestration.workspace import Workspace
from tests.e2e.test_intake_duplicates import Event, troubled_events
from tests.intake import START, classify, event, instant, lines, rows, workspace_with

ORDERED = "select * from intake.{} order by all"
TABLES = [
    "int_events_classified", "int_intake_reconciliation", "int_event_paths",
    "int_lines_quarantined", "int_lines_unread", "int_file_sources_counted",
]  # fmt: skip


def deliver(workspace: Workspace, name: str, events: list[Event], rubbish: bytes = b"") -> Plan:
    """Land one more file and classify what is new."""
    workspace_with(workspace.home, {f"cloudevents/{name}.jsonl": lines(events) + rubbish})
    return classify(workspace)


def assert_as_computed_at_once(workspace: Workspace, home: Path) -> None:
    """Compare with another warehouse over the same files, computed in one run."""
    home.mkdir()
    (home / "landing").symlink_to(workspace.landing)
    at_once = Workspace(home)
    assert not classify(at_once).is_increment
    for table in TABLES:
        assert rows(workspace, ORDERED.format(table)) == rows(at_once, ORDERED.format(table)), table


@pytest.mark.parametrize("seed", [1, 2])
def test_deliveries_in_any_order_end_in_what_one_would_have_given(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    events = troubled_events()
    # chains of doubles whose links come apart, and copies received before those that came first
    for number in range(40):
        base = event(2000 + number, subject=f"page-{number % 7}", actorid="actor-1")
        events += [
            base | {"id": f"chain-{number}-{step}", "time": instant(number * 9 + 2 * step),
                    "ingresspath": ("web", "api", "cli")[step % 3],
                    "receivedtime": instant(5000 - 60 * step)}
            for step in range(5)
        ]  # fmt: skip
        events.append(base | {"id": f"chain-{number}-1", "receivedtime": instant(100)})
    rng.shuffle(events)
    workspace = Workspace(tmp_path / "in_parts")
    parts = [events[start::4] for start in range(4)]
    for number, part in enumerate(parts):
        plan = deliver(workspace, f"{9 - number}", part, b"oops\n\n")
        assert plan.is_increment == (number > 0), plan.reason
    changed = "select count(*) from intake.int_events_rejudged where classification = 'accepted'"
    assert rows(workspace, changed)[0][0] > 5
    assert_as_computed_at_once(workspace, tmp_path / "at_once")


def test_a_path_that_is_new_to_a_type_makes_doubles_of_what_was_stored(tmp_path: Path) -> None:
    told = event(1, ingresspath="web")
    workspace = Workspace(tmp_path / "in_parts")
    deliver(workspace, "a", [told, event(2)])
    earlier = told | {"id": "again", "ingresspath": "api", "time": instant(0)}
    assert deliver(workspace, "b", [earlier]).is_increment
    found = "select event_id, reason from intake.int_events_classified order by all"
    assert rows(workspace, found) == [
        ("again", None), ("event-1", "same_business_key"), ("event-2", None)
    ]  # fmt: skip
    assert_as_computed_at_once(workspace, tmp_path / "at_once")


def test_what_lay_there_before_it_was_received_is_counted_once_it_is(tmp_path: Path) -> None:
    later = event(2, receivedtime=instant(3 * 86_400))
    landed = {"cloudevents/a.jsonl": lines([event(1), later])}
    workspace = workspace_with(tmp_path / "in_parts", landed)
    classify(workspace, as_of_at=START + timedelta(days=2))
    counted = "select sum(event_count) from intake.int_file_sources_counted"
    assert rows(workspace, counted) == [(1,)]
    assert deliver(workspace, "b", [event(3)]).is_increment
    assert rows(workspace, counted) == [(3,)]
    assert_as_computed_at_once(workspace, tmp_path / "at_once")


def test_what_isnt_only_new_is_computed_at_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    deliver(workspace, "a", [event(1)])
    assert classify(workspace).reason == "0 new files"
    assert deliver(workspace, "a", [event(1), event(2)]).reason == "files changed or vanished"
    assert classify(workspace, {"future_tolerance_hours": "1"}).reason == "registry or code changed"
    (workspace.landing / "cloudevents/a.jsonl").unlink()
    assert (
        classify(workspace, {"future_tolerance_hours": "1"}).reason == "files changed or vanished"
    )


def test_models_built_apart_from_a_run_see_all_events(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    deliver(workspace, "a", [event(1), event(2)])
    assert deliver(workspace, "b", [event(3)]).is_increment
    run_dbt(workspace, ["run", "--select", "fqn:steelyard.intake"])
    found = "select event_id from intake.int_events_classified order by all"
    assert rows(workspace, found) == [("event-1",), ("event-2",), ("event-3",)]
