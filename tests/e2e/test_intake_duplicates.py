"""What is accepted depends on what was said, not on the files in which it came."""

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.workspace import Workspace
from tests.intake import INTAKE, START, classify, event, instant, lines, rows, workspace_with

Event = dict[str, Any]


def received(home: Path, files: Iterable[list[Event]]) -> Workspace:
    """Classify events that came in these files."""
    contents = {f"cloudevents/{i}.jsonl": lines(events) for i, events in enumerate(files)}
    workspace = workspace_with(home, contents)
    classify(workspace)
    return workspace


def outcome(workspace: Workspace) -> tuple[list[tuple], list[tuple]]:
    """The accepted events with all that they say, and how many of each outcome there are."""
    accepted = rows(
        workspace,
        "select * exclude (file_id, line_number) from intake.int_events_classified "
        "where classification = 'accepted' order by all",
    )
    counts = rows(
        workspace,
        "select classification, reason, count(*) from intake.int_events_classified "
        "group by all order by all",
    )
    return accepted, counts


def troubled_events() -> list[Event]:
    """200 events, some of them told again: later, at once, changed, on another path, wrongly."""
    rng = random.Random(5)
    events = [event(i, subject=f"page-{i % 40}") for i in range(200)]
    again = [e | {"receivedtime": instant(3600)} for e in rng.sample(events, 20)]
    at_once = rng.sample(events, 20)
    changed = [e | {"data": {"words": -1}} for e in rng.sample(events, 20)]
    other_path = [
        e | {"id": e["id"] + "-api", "ingresspath": "api", "receivedtime": instant(3600)}
        for e in rng.sample(events, 20)
    ]
    wrong = [event(1000 + i, type="page.burned") for i in range(5)]
    return [*events, *again, *at_once, *changed, *other_path, *wrong]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple], list[tuple]]:
    return outcome(received(tmp_path_factory.mktemp("reference"), [troubled_events()]))


def shuffled(events: list[Event]) -> list[list[Event]]:
    return [random.Random(1).sample(events, len(events))]


def reversed_and_split(events: list[Event]) -> list[list[Event]]:
    return [events[i::7] for i in range(7)][::-1]


def test_the_troubled_events_have_every_outcome(reference: tuple[list, list]) -> None:
    assert {(state, reason) for state, reason, _ in reference[1]} == {
        ("accepted", None),
        ("duplicate", "same_id"),
        ("duplicate", "same_id_other_payload"),
        ("duplicate", "same_business_key"),
        ("quarantined", "unknown_type"),
    }


@pytest.mark.parametrize("spread", [shuffled, reversed_and_split], ids=lambda f: f.__name__)
def test_spreading_events_over_files_changes_nothing(
    tmp_path: Path, reference: tuple[list, list], spread: Callable
) -> None:
    assert outcome(received(tmp_path, spread(troubled_events()))) == reference


def test_delivering_everything_again_accepts_nothing_more(
    tmp_path: Path, reference: tuple[list, list]
) -> None:
    events = troubled_events()
    workspace = received(tmp_path, [events[100:], events, events[:150]])
    assert outcome(workspace)[0] == reference[0]
    counts = {(state, reason): n for state, reason, n in outcome(workspace)[1]}
    assert sum(counts.values()) == len(events) * 2 - 100 + 150


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three ids that came more than once."""
    elsewhere = event(1, source="urn:portal", subject="other")
    late = event(2, receivedtime=instant(60))
    changed = event(2, receivedtime=instant(30), data={"words": 99})
    wrong = event(3, receivedtime=instant(0), time=instant(90_000))
    files = [[event(1), elsewhere, late], [changed], [event(2), wrong, event(3)]]
    return received(tmp_path_factory.mktemp("copies"), files)


def copies_of(workspace: Workspace, event_id: str, columns: str) -> list[tuple]:
    return rows(
        workspace,
        f"select {columns} from intake.int_events_classified where event_id = ? order by all",
        [event_id],
    )


def test_an_id_counts_within_its_source_only(copies: Workspace) -> None:
    assert copies_of(copies, "event-1", "source_id, classification") == [
        ("urn:cms", "accepted"),
        ("urn:portal", "accepted"),
    ]


def test_the_first_received_copy_is_kept_and_the_other_says_whether_it_differs(
    copies: Workspace,
) -> None:
    assert copies_of(copies, "event-2", "received_at, classification, reason") == [
        (START + timedelta(seconds=3), "accepted", None),
        (START + timedelta(seconds=30), "duplicate", "same_id_other_payload"),
        (START + timedelta(seconds=60), "duplicate", "same_id"),
    ]


def test_a_quarantined_copy_takes_no_id(copies: Workspace) -> None:
    assert copies_of(copies, "event-3", "classification, reason") == [
        ("accepted", None),
        ("quarantined", "time_in_future"),
    ]


def test_the_future_begins_where_the_settings_say(tmp_path: Path) -> None:
    ahead = event(1, receivedtime=instant(0), time=instant(3601))
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines([ahead])})
    classify(workspace, {"future_tolerance_hours": "1"})
    assert copies_of(workspace, "event-1", "reason") == [("time_in_future",)]


def test_what_has_no_time_or_one_of_the_future_counts_in_the_week_in_which_it_came(
    tmp_path: Path,
) -> None:
    year = 365 * 86_400
    events = [
        event(1, receivedtime=instant(30 * 86_400), time=instant(0)),
        event(2, receivedtime=instant(0), time=instant(year)),
        # set aside for another reason
        event(3, receivedtime=instant(0), time=instant(year), subject=None),
        event(4, receivedtime=instant(0), time=instant(year), type="page.burned"),
        event(5, receivedtime=instant(0), time="soon"),
    ]
    workspace = received(tmp_path, [events])
    monday = START.date() - timedelta(days=START.weekday())
    columns = "reason, occurred_week_start_date, counted_week_start_date"
    assert [copies_of(workspace, f"event-{number}", columns) for number in range(1, 6)] == [
        [(None, monday, monday)],
        [("time_in_future", None, monday)],
        [("missing_attribute", None, monday)],
        [("time_in_future", None, monday)],
        [("unparsable_time", None, monday)],
    ]


# after the series and before the as-of; after it; never
@pytest.mark.parametrize("later", [3, 30, 36_500])
def test_a_time_of_the_future_counts_once_where_an_export_has_no_clock(
    tmp_path: Path, later: int
) -> None:
    day = 86_400
    registry = {
        "sources": [
            {
                "source_id": "urn:past",
                "connector": "cloudevents",
                "product_id": "website",
                "observed_until": START + timedelta(days=1),
            }
        ],
        "tracking_plan": [{"source_id": "urn:past", "event_type": "page.published"}],
    }
    ahead = {"source": "urn:past", "receivedtime": None}
    events = [event(number, **ahead, time=instant(number * day)) for number in (0, later)]
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines(events)})
    selected = (*INTAKE, "int_contract_weeks_changed", "int_contract_statistics")
    classify(workspace, registry=registry, selected=selected)
    broken = "from instruments.int_contract_statistics where clause = 'time' and broken_count > 0"
    assert len(rows(workspace, f"select * {broken}")) == 1
    assert not rows(workspace, "select * from intake.int_lines_unread")


# (seconds, path) of each event of one actor on one page, and what is kept of them
WALKS = {
    "another path in time": ([(0, "web"), (5, "api")], [0]),
    "another path too late": ([(0, "web"), (5.000001, "api")], [0, 1]),
    "the same path": ([(0, "web"), (1, "web")], [0, 1]),
    "at the same instant": ([(0, "web"), (0, "api")], [1]),
    "a dropped event opens no window": ([(0, "web"), (4, "api"), (8, "api")], [0, 2]),
    "a kept event opens one": ([(0, "web"), (4, "web"), (8, "api")], [0, 1]),
    "two actions on two paths": ([(0, "web"), (1, "api"), (2, "web"), (3, "api")], [0, 2]),
    "three paths": ([(0, "web"), (1, "api"), (2, "webhook"), (6, "api")], [0, 3]),
}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """All walks, 300 random ones, and pairs that differ in one more thing, in one workspace."""
    told = [
        told_event(name, place, seconds, path)
        for name, (walk, _) in [*WALKS.items(), *random_walks().items()]
        for place, (seconds, path) in enumerate(walk)
    ]
    base = {"id": "second", "ingresspath": "api", "time": instant(1)}
    pairs: dict[str, tuple[Event, Event]] = {
        "other actor": ({}, {"actorid": "somebody else"}),
        "no actor": ({"actorid": None}, {"actorid": None}),
        "other subject": ({}, {"subject": "elsewhere"}),
        "other key": ({"idempotencykey": "a"}, {"idempotencykey": "b"}),
        "same key": ({"idempotencykey": "a"}, {"idempotencykey": "a"}),
        "other source of the product": ({"source": "urn:portal"}, {"productid": "portal"}),
        "other product": ({}, {"productid": "portal"}),
        "heartbeat": ({"heartbeat": True}, {"heartbeat": True}),
    }
    for name, (first, second) in pairs.items():
        whole = {"id": f"{name}/0", "subject": name, "time": instant(0)} | first
        told.append(event(1, **whole))
        told.append(event(1, **whole | base | {"id": f"{name}/1"} | second))
    return received(tmp_path_factory.mktemp("walks"), shuffled(told))


def told_event(name: str, place: int, seconds: float, path: str) -> Event:
    return event(1, id=f"{name}/{place}", subject=name, time=instant(seconds), ingresspath=path)


def random_walks() -> dict[str, tuple[list[tuple[float, str]], list[int]]]:
    """Walks with what a plain reading of the rule keeps of them."""
    rng = random.Random(3)
    walks = {}
    for number in range(300):
        seconds = sorted(rng.sample(range(60), rng.randint(2, 20)))
        walk = [(float(s), rng.choice(["web", "api", "cli"])) for s in seconds]
        kept: list[int] = []
        for place, (now, path) in enumerate(walk):
            others = [walk[k][0] for k in kept if walk[k][1] != path]
            if not any(now - 5 <= other for other in others):
                kept.append(place)
        walks[f"random {number}"] = (walk, kept)
    return walks


def kept_places(workspace: Workspace, name: str) -> list[int]:
    found = rows(
        workspace,
        "select event_id from intake.int_events_classified "
        "where event_id like ? || '/%' and classification = 'accepted'",
        [name],
    )
    return sorted(int(event_id.rpartition("/")[2]) for (event_id,) in found)


@pytest.mark.parametrize("name", WALKS)
def test_one_action_on_two_paths_counts_once(walked: Workspace, name: str) -> None:
    assert kept_places(walked, name) == WALKS[name][1]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("other actor", [0, 1]),
        ("no actor", [0, 1]),
        ("other subject", [0, 1]),
        ("other key", [0, 1]),
        ("same key", [0]),
        ("other source of the product", [0]),
        ("other product", [0, 1]),
        ("heartbeat", [0, 1]),
    ],
)
def test_only_events_alike_are_one_action(walked: Workspace, name: str, kept: list[int]) -> None:
    assert kept_places(walked, name) == kept


def test_random_walks_agree_with_a_plain_reading_of_the_rule(walked: Workspace) -> None:
    found = rows(
        walked,
        "select subject_id, event_id from intake.int_events_classified "
        "where classification = 'accepted' and starts_with(subject_id, 'random ')",
    )
    kept: dict[str, list[int]] = {}
    for subject, event_id in found:
        kept.setdefault(subject, []).append(int(event_id.rpartition("/")[2]))
    assert {name: sorted(places) for name, places in kept.items()} == {
        name: places for name, (_, places) in random_walks().items()
    }
