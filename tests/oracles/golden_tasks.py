"""Tasks and iterations whose edges the method names; hours count from the golden base."""

from datetime import UTC, date, datetime
from typing import Any

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.golden_registry import task_type
from tests.oracles.warehouse import ZONE, Registry, Row, event

AS_OF = datetime(2026, 4, 6)
SECOND = 1 / 3600
START = 24.0
END = 24 + 240.0
"""The worked iteration runs from Tuesday of the first week to Friday of the second."""


def scope(kind: str, item: str, hours: float, **more: Any) -> Row:
    """Return a commitment to the worked iteration, or its withdrawal."""
    data = {"iteration_id": more.pop("iteration", "sprint")}
    return event("iterate", f"workitem.{kind}", item, at(hours), data=data, **more)


def done(item: str, hours: float, kind: str = "delivered") -> Row:
    """Return the delivery of a work item."""
    return event("iterate", f"workitem.{kind}", item, at(hours))


def iterations() -> list[Row]:
    """Ten items of one iteration, each at another edge of its scope; two others never end."""
    rows = [
        event("iterate", "iteration.started", "sprint", at(START)),
        event("iterate", "iteration.started", "sprint", at(START + 5)),
        # an end from before the start, and a second end
        event("iterate", "iteration.ended", "sprint", at(START - 1)),
        event("iterate", "iteration.ended", "sprint", at(END)),
        event("iterate", "iteration.ended", "sprint", at(END + 5)),
        event("iterate", "iteration.started", "running", at(END + 1)),
        event("iterate", "iteration.ended", "unstarted", at(END + 1)),
    ]
    for iteration in ("running", "unstarted"):
        rows.append(scope("committed", "kept", END, iteration=iteration))
    committed = ["kept", "late", "rescoped", "earlier", "resumed", "tie", "out", "back"]
    rows += [scope("committed", item, START - 10) for item in committed]
    rows += [
        done("kept", START + 30),
        done("kept", START + 31, "completed"),
        scope("committed", "at_start", START),
        done("at_start", END),
        done("late", END + SECOND),
        scope("withdrawn", "rescoped", START),
        done("rescoped", START + 50),
        scope("withdrawn", "out", START - SECOND),
        scope("withdrawn", "back", START - 5),
        scope("committed", "back", START - 4),
        done("earlier", START - SECOND),
        scope("withdrawn", "resumed", START + 10),
        scope("committed", "resumed", START + 20),
        done("resumed", START + 60),
        scope("withdrawn", "tie", START - 10),
        done("tie", START),
        scope("committed", "added", START + SECOND),
        done("added", START + 70),
        scope("committed", "added_at_end", END),
        scope("committed", "after_end", END + SECOND),
        scope("withdrawn", "only_withdrawn", START - 10),
        scope("committed", "excluded", START - 10, actor_id="excluded"),
        scope("committed", "tested", START - 10, actor_kind="test"),
    ]
    return rows


def milestone(name: str, start: float, end: float | None, due: str | datetime | None) -> list[Row]:
    """Return a milestone with a due date of its own, as text."""
    text = f"{due.isoformat()}Z" if isinstance(due, datetime) else due
    data = {} if text is None else {"due": text}
    rows = [event("due", "milestone.committed", name, at(start), data=data)]
    if end is not None:
        rows.append(event("due", "milestone.delivered", name, at(end)))
    return rows


def deadlines() -> list[Row]:
    """Milestones met and missed by a second, unfinished, not yet due, and without a due date."""
    rows = milestone("met", 1, 100, at(100))
    rows += milestone("missed", 1, 100 + SECOND, at(100))
    rows += milestone("open", 1, None, at(100))
    rows += milestone("due_now", 1, 150, at(240))
    rows += milestone("not_yet", 1, 150, at(240 + SECOND))
    rows += milestone("never", 1, 2, None)
    rows += milestone("unreadable", 1, 2, "next week")
    # Wednesday of the first week at noon in Berlin, and without an offset: UTC
    rows += milestone("offset", 1, 24 * 2 + 12, "2025-03-05T12:00:00+01:00")
    rows += milestone("naive", 1, 24 * 2 + 12 + SECOND, "2025-03-05T11:00:00")
    rows += milestone("cancelled", 1, None, at(100))
    rows.append(event("due", "milestone.cancelled", "cancelled", at(50)))
    # a second commitment moves no deadline
    rows.append(event("due", "milestone.committed", "missed", at(90), data={"due": "2025-12-01"}))
    return rows


def board() -> list[Row]:
    """Two stays in review, one without end, and moves that neither begin nor end one."""
    moves = [("twice", 10, "to_do", "review"), ("twice", 12, "review", "review"),
             ("twice", 14, "review", "doing"), ("twice", 20, "doing", "review"),
             ("twice", 23.5, "review", "done"), ("stays", 30, "doing", "review"),
             ("stays", 31, "to_do", "doing"), ("passes", 5, "doing", "done"),
             ("idles", 8, "review", "review")]  # fmt: skip
    rows = [
        event("board", "card.moved", card, at(hours), data={"from": before, "to": after})
        for card, hours, before, after in moves
    ]
    return [*rows, event("board", "card.moved", "bare", at(6))]


def waiting() -> list[Row]:
    """Tickets of ten hours, with pauses at every edge."""
    pauses: dict[str, list[tuple[str, float]]] = {
        "plain": [("waiting", 2), ("answered", 5)],
        "nested": [("waiting", 2), ("waiting", 3), ("answered", 5), ("answered", 6)],
        "unanswered": [("waiting", 8)],
        "before": [("waiting", -1), ("answered", 2)],
        "around": [("waiting", -1), ("answered", 30)],
        "after": [("waiting", 10), ("answered", 12)],
        "twice": [("answered", 1), ("waiting", 2), ("answered", 3), ("waiting", 9.5)],
        "instant": [("waiting", 4), ("answered", 4)],
        "none": [],
        "open": [("waiting", 2), ("answered", 3)],
        "dropped": [("waiting", 2), ("answered", 4)],
    }
    rows = []
    for ticket, steps in pauses.items():
        rows.append(event("wait", "ticket.opened", ticket, at(5)))
        end = {"open": None, "dropped": "dropped"}.get(ticket, "closed")
        if end:
            rows.append(event("wait", f"ticket.{end}", ticket, at(15)))
        rows += [event("wait", f"ticket.{step}", ticket, at(5 + hours)) for step, hours in steps]
    rows.append(event("wait", "ticket.waiting", "none", at(7), actor_id="excluded"))
    return rows


def local(text: str) -> datetime:
    """Return a local instant in Berlin as naive UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


def errand(product: str, name: str, start: str, end: str | None) -> list[Row]:
    """Return start and finish of an errand at local times."""
    rows = [event(product, "errand.started", name, local(start))]
    if end is not None:
        rows.append(event(product, "errand.finished", name, local(end)))
    return rows


MIDNIGHTS = {
    "last_of_summer_week": "2025-10-26T23:59:59", "first_of_winter_week": "2025-10-27T00:00:00",
    "last_of_winter_week": "2026-03-29T23:59:59", "first_of_summer_week": "2026-03-30T00:00:00",
}  # fmt: skip
"""Local starts around the Mondays that follow a change of the clocks."""


def office() -> list[Row]:
    """The worked hours, Monday 9 March 2026 being a holiday; and the night of the clock change."""
    rows = errand("office", "fri_mon", "2026-03-06T16:00", "2026-03-10T10:00")
    rows += errand("office", "same_day", "2026-03-04T11:15", "2026-03-04T12:00")
    rows += errand("office", "overnight", "2026-03-03T18:30", "2026-03-04T08:00")
    rows += errand("office", "weekend_open", "2026-03-07T12:00", "2026-03-10T09:30")
    rows += errand("clocks", "weekend", "2026-03-27T16:30", "2026-03-30T09:30")
    rows += errand("clocks", "lunch", "2026-03-23T11:30", "2026-03-23T13:30")
    rows += errand("clocks", "never", "2026-03-23T11:30", None)
    for name, start in MIDNIGHTS.items():
        rows += errand("midnight", name, start, None)
    for product in ("office_ripe", "office_soon"):
        rows += errand(product, "short", "2026-03-06T16:00", "2026-03-06T16:30")
        rows += errand(product, "never", "2026-03-08T23:00", None)
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    parts = (iterations, deadlines, board, waiting, office)
    return [row for part in parts for row in part()]


ENDS = {
    "iterate": None, "due": at(240), "board": None, "wait": None, "office": None, "clocks": None,
    "midnight": None, "office_ripe": local("2026-03-10T17:00"),
    "office_soon": local("2026-03-10T16:59:59"),
}  # fmt: skip
"""Product to the end of its series; None: it goes on."""

WATCHED = {
    "iterate": ["say_do", "scope_added", "completed_share"],
    "due": ["on_time"],
    "board": ["review_time"],
    "wait": ["ticket_time", "waiting_hours", "waited_long"],
    "office": ["errand_time", "errand_work", "errands_unworked", "errands_in_time"],
    "clocks": ["errand_time", "errand_work", "errand_shifts", "errand_halves", "errands_in_time"],
    "midnight": ["errand_time"],
    "office_ripe": ["errand_work"],
    "office_soon": ["errand_work"],
}

FILTERS = [
    ("kept", "is_committed_at_start", "is_true", None), ("kept", "is_delivered", "is_true", None),
    ("said", "is_committed_at_start", "is_true", None), ("added", "is_added", "is_true", None),
    ("completed", "is_completed", "is_true", None), ("on_time", "is_by_deadline", "is_true", None),
    ("long_waits", "paused_hours", ">=", "3"), ("unworked", "working_hours", "=", "0"),
    ("errands", "state", "=", "finished"), ("errands_met", "is_by_deadline", "is_true", None),
]  # fmt: skip


def calendars() -> list[Row]:
    """Return office hours, the same with a lunch break, and a shift around the clock on Sundays."""
    columns = ("calendar_id", "time_zone", "weekday", "opens", "closes")
    days = [("office", day, "09:00", "17:00") for day in range(1, 6)]
    for day in range(1, 6):
        days += [("halves", day, "09:00", "12:00"), ("halves", day, "13:00", "17:00")]
    days.append(("sundays", 7, "00:00", "24:00"))
    return [dict(zip(columns, (day[0], ZONE.key, *day[1:]), strict=True)) for day in days]


def registry() -> Registry:
    """Return the registry rows by table."""
    own = {"anchor": "deadline", "deadline_property": "due"}
    an_hour = {"anchor": "deadline", "deadline_hours": 1, "deadline_clock": "working"}
    errands = {"start": "errand.started", "finish": "errand.finished"}
    working = {"clock": "working", "tau_hours": 8}
    return {
        "sources": [
            {"source_id": name, "product_id": name, "observed_until": end}
            for name, end in ENDS.items()
        ],
        "calendars": calendars(),
        "holidays": [{"calendar_id": "office", "date": date(2026, 3, 9), "name": "founders"}],
        "task_types": [
            task_type("milestone", "milestone.committed", "milestone.delivered",
                      cancel_event_type="milestone.cancelled"),
            task_type("review", "card.moved", "card.moved", start_property="to",
                      start_value="review", finish_property="from", finish_value="review"),
            task_type("ticket", "ticket.opened", "ticket.closed",
                      cancel_event_type="ticket.dropped", pause_event_type="ticket.waiting",
                      resume_event_type="ticket.answered"),
            task_type("errand", **errands, calendar_id="office"),
            task_type("shift", **errands, calendar_id="sundays"),
            task_type("half", **errands, calendar_id="halves"),
        ],
        "measures": [
            measure("kept", "iteration_item"), measure("said", "iteration_item"),
            measure("in_scope", "iteration_item"), measure("added", "iteration_item"),
            measure("completed", "iteration_item"),
            measure("due", "task", "milestone", **own),
            measure("on_time", "task", "milestone", **own),
            measure("tickets", "task", "ticket"), measure("long_waits", "task", "ticket"),
            measure("waits", "task", "ticket", aggregate="sum", quantity="paused_hours"),
            measure("errands", "task", "errand"), measure("unworked", "task", "errand"),
            measure("errands_due", "task", "errand", **an_hour),
            measure("errands_met", "task", "errand", **an_hour),
        ],
        "measure_filters": [
            dict(zip(("measure_id", "dimension", "operator", "value"), row, strict=True))
            for row in FILTERS
        ],
        "metrics": [
            ratio("say_do", "proportion", "kept", "said"),
            ratio("scope_added", "proportion", "added", "in_scope"),
            ratio("completed_share", "proportion", "completed", "in_scope"),
            ratio("on_time", "proportion", "on_time", "due"),
            metric("review_time", "duration", task_type_id="review", tau_hours=10),
            metric("ticket_time", "duration", task_type_id="ticket", tau_hours=20),
            ratio("waiting_hours", "ratio_of_sums", "waits", "tickets"),
            ratio("waited_long", "proportion", "long_waits", "tickets"),
            metric("errand_time", "duration", task_type_id="errand", tau_hours=100),
            metric("errand_work", "duration", task_type_id="errand", **working),
            metric("errand_shifts", "duration", task_type_id="shift", clock="working",
                   tau_hours=24),
            metric("errand_halves", "duration", task_type_id="half", unit="minutes", **working),
            ratio("errands_unworked", "proportion", "unworked", "errands"),
            ratio("errands_in_time", "proportion", "errands_met", "errands_due"),
        ],
        "watched_metrics": [
            {"product_id": product, "metric_id": name}
            for product, names in WATCHED.items()
            for name in names
        ],
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
