"""Sources as their tools deliver them: one sound, one for each check that breaks nothing else."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

MONDAY = datetime(2026, 3, 29, 22)
"""Monday 2026-03-30 00:00 in Berlin, as naive UTC; the clocks don't change before as-of."""
WEEKS = 26
AS_OF = MONDAY + timedelta(weeks=WEEKS)
BROKEN_WEEK = 24
"""From this week on the broken sources are broken, unless told otherwise."""
OPENED, CLOSED, VIEWED = "ticket.opened", "ticket.closed", "page.viewed"
FIRST, SECOND, REPORTED = "step.first", "step.second", "report.sent"
Event = dict[str, Any]
Defect = Callable[[Event], list[Event]]


@dataclass(frozen=True)
class Load:
    """How much of each a source sends in a week, and how it is used."""

    tickets: int = 14
    views: int = 14
    travellers: int = 7
    reports: int = 2
    unclosed: int = 10
    """One in so many tickets is never closed, as happens; 0: all are closed."""
    planned: tuple[str, ...] = (OPENED, CLOSED, VIEWED, FIRST, SECOND, REPORTED)


@dataclass(frozen=True)
class Source:
    """What a source sends, what goes wrong with it, and what each check is to find."""

    fires: Mapping[int, int] = field(default_factory=dict)
    """Severity by check; other checks find nothing."""
    defect: Defect = lambda event: [event]
    load: Load = Load()
    first_week: int = 0
    broken_week: int = BROKEN_WEEK


def event(kind: str, number: int, at: datetime, **more: Any) -> Event:
    """Return an event as its tool knows it; `number` counts those of its kind."""
    subject = {OPENED: "ticket", CLOSED: "ticket"}.get(kind, kind)
    return {
        "kind": kind, "number": number, "id": f"{kind}-{number}", "subject": f"{subject} {number}",
        "at": at, "received": at + timedelta(seconds=2), "actor": f"person {number % 7}",
        "data": {}, "path": "web", **more,
    }  # fmt: skip


def sound(load: Load, first_week: int = 0) -> list[Event]:
    """Return the events of all weeks from one on, evenly spread, on any minute of the hour."""
    events: list[Event] = []

    def instants(per_week: int) -> list[datetime]:
        return [
            MONDAY
            + timedelta(weeks=week, hours=int(168 * (place + 0.5) / per_week))
            + timedelta(minutes=37 * (week * per_week + place) % 60, seconds=7.12)
            for week in range(first_week, WEEKS)
            for place in range(per_week)
        ]

    for number, at in enumerate(instants(load.tickets)):
        priority = "high" if number % load.tickets < 2 else "low"
        data = {"team": "red", "priority": priority, "minutes": 40 + number % 30}
        events.append(event(OPENED, number, at, data=data))
        if not load.unclosed or number % load.unclosed != load.unclosed - 1:
            events.append(event(CLOSED, number, at + timedelta(hours=2)))
    for number, at in enumerate(instants(load.views)):
        events.append(event(VIEWED, number, at, data={"page": "start", "agent": "Firefox/128.0"}))
    for number, at in enumerate(instants(load.travellers)):
        events.append(event(FIRST, number, at))
        events.append(event(SECOND, number, at + timedelta(hours=1)))
    for number, at in enumerate(instants(load.reports)):
        events.append(event(REPORTED, number, at))
    return events


def of(kind: str, defect: Defect, one_in: int = 1) -> Defect:
    """Return a defect of events of one kind, or of one in so many of them."""
    return lambda e: defect(e) if e["kind"] == kind and e["number"] % one_in == 0 else [e]


def gone(_: Event) -> list[Event]:
    return []


def changed(**changes: Any) -> Defect:
    return lambda e: [{**e, **changes}]


def with_data(**changes: Any) -> Defect:
    return lambda e: [{**e, "data": {**e["data"], **changes}}]


def again(**changes: Any) -> Defect:
    """Return a defect by which a tool sends an event twice, the second time with changes."""
    return lambda e: [
        e,
        {**e, **changes, "id": e["id"] + changes.get("id", "")},
    ]


def moved(by: timedelta) -> Defect:
    return lambda e: [{**e, "at": e["at"] + by, "received": e["received"] + by}]


def received(after: timedelta) -> Defect:
    return lambda e: [{**e, "received": e["at"] + after}]


def on_the_hour(e: Event) -> list[Event]:
    return [{**e, "at": e["at"].replace(minute=0)}]


def in_turn(e: Event) -> list[Event]:
    """Return openings of which one and three a week are urgent in turn."""
    if e["kind"] != OPENED:
        return [e]
    week = (e["at"] - MONDAY) // timedelta(weeks=1)
    is_high = e["number"] % 10 < 1 + 2 * (week % 2)
    return with_data(priority="high" if is_high else "low")(e)


ONE_KIND = Load(tickets=0, views=0, travellers=0, reports=0)
HALF = timedelta(hours=2)
"""From a ticket's opening to its close."""


def some(load: Load = ONE_KIND, planned: tuple[str, ...] = (), **more: int) -> Load:
    """Return a load of one kind of event."""
    kinds = {"tickets": (OPENED, CLOSED), "views": (VIEWED,), "travellers": (FIRST, SECOND),
             "reports": (REPORTED,)}  # fmt: skip
    names = planned or tuple(kind for name in more if name in kinds for kind in kinds[name])
    return Load(**{**load.__dict__, "planned": names, **more})


ALONE: dict[int, Source] = {
    # each source sends all that any check looks at, and one check finds something
    1: Source({1: 3}, of(VIEWED, again(), 2)),
    2: Source({2: 3}, of(VIEWED, again(id="b", path="api"), 2)),
    3: Source({3: 3}, of(VIEWED, again(data={"page": "other"}), 2)),
    4: Source({4: 3}, of(OPENED, gone, 4)),
    5: Source({5: 3}, of(CLOSED, gone, 2)),
    6: Source({6: 3}, of(CLOSED, moved(-HALF - timedelta(hours=1)), 7)),
    7: Source({7: 3}, of(CLOSED, moved(-HALF))),
    8: Source({8: 2}, of(CLOSED, on_the_hour)),
    9: Source({9: 3}, received(timedelta(hours=-3))),
    10: Source({10: 2}, received(timedelta(hours=5))),
    11: Source({11: 3}, gone),
    12: Source({12: 3}, of(VIEWED, changed(data={}))),
    13: Source({13: 3}, of(FIRST, gone, 2)),
    14: Source({14: 3}, of(OPENED, with_data(team="Red"))),
    15: Source({15: 2}, of(VIEWED, changed(actor="tester"), 4)),
    16: Source({16: 3}, of(VIEWED, changed(actor=None), 2)),
    17: Source({17: 3}, of(REPORTED, gone), broken_week=14),
    18: Source({18: 1}, of(VIEWED, again(id="x", kind="page.seen"), 7)),
    19: Source({19: 1}, in_turn, broken_week=8),
    20: Source({20: 2}, of(VIEWED, changed(is_lost=True), 5)),
}
"""By the number of the check that finds the defect."""


LEAST: dict[int, Source] = {
    # each sends in a week just as much as its check asks for
    1: Source({1: 3}, of(VIEWED, again()), some(views=5)),
    2: Source({2: 3}, of(VIEWED, again(id="b", path="api")), some(views=5)),
    3: Source({3: 3}, of(VIEWED, again(data={"page": "other"})), some(views=5)),
    4: Source({4: 3}, of(OPENED, gone, 2), some(tickets=10, unclosed=0)),
    5: Source({5: 3}, of(CLOSED, gone), some(tickets=3, unclosed=0)),
    6: Source(
        {6: 3}, of(CLOSED, moved(-HALF - timedelta(hours=1)), 5), some(tickets=11, unclosed=11)
    ),
    7: Source({7: 3}, of(CLOSED, moved(-HALF)), some(tickets=5, unclosed=0)),
    8: Source({8: 2}, of(CLOSED, on_the_hour), some(tickets=5, unclosed=0)),
    9: Source({9: 2}, received(timedelta(minutes=-1)), some(views=10)),
    10: Source({10: 2}, received(timedelta(hours=5)), some(views=20)),
    11: Source({11: 3}, gone, some(views=10)),
    12: Source({12: 1}, of(VIEWED, changed(data={})), some(views=1)),
    13: Source({13: 3}, of(FIRST, gone), some(travellers=5)),
    14: Source({14: 3}, of(OPENED, with_data(team="Red")), some(tickets=8)),
    15: Source({15: 2}, of(VIEWED, changed(actor="tester"), 2), some(views=10)),
    16: Source({16: 3}, of(VIEWED, changed(actor=None), 2), some(views=10)),
    17: Source(
        {17: 3}, of(REPORTED, gone), some(planned=(REPORTED,), reports=2, views=7), broken_week=14
    ),
    18: Source({18: 1}, of(VIEWED, changed(kind="page.seen")), some(views=1)),
    19: Source({19: 1}, in_turn, some(tickets=10), first_week=11, broken_week=11),
    20: Source({20: 3}, of(VIEWED, changed(is_lost=True), 2), some(views=10)),
}
"""By the number of the check that finds the defect."""


def by_a_robot(e: Event) -> list[Event]:
    """Return views of which a robot makes those of the first four days, one in each four hours."""
    if e["number"] % 42 >= 24:
        return [e]
    at = e["at"].replace(minute=7)
    data = {**e["data"], "agent": "crawler/1.0"}
    return [{**e, "actor": "robot", "at": at, "received": at + timedelta(seconds=2), "data": data}]


ALSO: dict[str, Source] = {
    # further things that a check looks at
    "repeated_under_new_ids": Source({2: 3}, of(VIEWED, again(id="b"), 2)),
    "steps_not_sent": Source(
        {11: 2},
        lambda e: of(FIRST, gone)(e) and of(SECOND, gone)(e),
        Load(travellers=20),
        broken_week=23,
    ),
    "minutes_as_seconds": Source(
        {12: 2}, lambda e: of(OPENED, with_data(minutes=60 * e["data"].get("minutes", 0)))(e)
    ),
    "minutes_as_texts": Source({12: 3}, of(OPENED, with_data(minutes="an hour"))),
    "minutes_below_zero": Source({12: 2}, of(OPENED, with_data(minutes=-5), 2)),
    "new_property": Source({12: 1}, of(OPENED, with_data(shift="late"))),
    "never_sent_though_needed": Source({17: 3}, of(REPORTED, gone), broken_week=0),
    "never_closed": Source({5: 2, 17: 3}, of(CLOSED, gone), broken_week=0),
    # a number that was on a lost line is missing as well
    "torn_lines": Source({12: 2, 20: 2}, of(VIEWED, changed(is_torn=True), 4)),
    # as most of the views are its, people may as well share its account
    "watched_by_a_robot": Source({15: 3}, of(VIEWED, by_a_robot), some(views=42)),
}


def sources() -> dict[str, Source]:
    """Return all sources by the name of their product."""
    return {
        "sound": Source(),
        **ALSO,
        **{f"alone_{check_id:02d}": source for check_id, source in ALONE.items()},
        **{f"least_{check_id:02d}": source for check_id, source in LEAST.items()},
    }


def lines(product: str, source: Source) -> list[str]:
    """Return what a source delivers, in the order in which it came."""
    broken_at = MONDAY + timedelta(weeks=source.broken_week)
    sent: list[Event] = []
    for e in sound(source.load, source.first_week):
        sent += source.defect(e) if e["at"] >= broken_at else [e]
    sent.sort(key=lambda e: (e["received"], e["id"]))
    numbers: dict[str, int] = {}
    delivered = []
    for e in sent:
        # the tool numbers what it sends, once, whatever becomes of it on the way
        number = numbers.setdefault(e["id"], 1000 + len(numbers))
        if not e.get("is_lost"):
            line = json.dumps(envelope(product, e, number))
            delivered.append((line[: len(line) // 2] if e.get("is_torn") else line) + "\n")
    return delivered


def envelope(product: str, e: Event, number: int) -> dict[str, Any]:
    """Return an event as CloudEvents JSON has it."""
    attributes = {
        "specversion": "1.0", "id": e["id"], "source": f"urn:{product}", "type": e["kind"],
        "subject": e["subject"], "time": f"{e['at'].isoformat()}Z",
        "receivedtime": f"{e['received'].isoformat()}Z", "actorid": e["actor"],
        "actorkind": "human", "ingresspath": e["path"], "sequence": str(number), "data": e["data"],
    }  # fmt: skip
    return {name: value for name, value in attributes.items() if value is not None}


def land(folder: Path) -> None:
    """Write a file of each source as its tool leaves it."""
    for product, source in sources().items():
        path = folder / "cloudevents" / product / "all.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("".join(lines(product, source)), encoding="utf-8")
