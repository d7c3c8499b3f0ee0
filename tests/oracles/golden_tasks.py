"""Tasks and iterations whose edges the method names; hours count from the golden base."""

from datetime import datetime
from typing import Any

from tests.oracles.golden import at, measure, ratio
from tests.oracles.golden_registry import task_type
from tests.oracles.warehouse import Registry, Row, event

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


def events() -> list[Row]:
    """Return all events of these products."""
    return [row for part in (iterations, deadlines) for row in part()]


def registry() -> Registry:
    """Return the registry rows by table."""
    watched = {
        "iterate": ["say_do", "scope_added", "completed_share"],
        "due": ["on_time"],
    }
    filters = [
        ("kept", "is_committed_at_start", "is_true"), ("kept", "is_delivered", "is_true"),
        ("said", "is_committed_at_start", "is_true"), ("added", "is_added", "is_true"),
        ("completed", "is_completed", "is_true"), ("on_time", "is_by_deadline", "is_true"),
    ]  # fmt: skip
    own = {"anchor": "deadline", "deadline_property": "due"}
    return {
        "sources": [
            {"source_id": name, "product_id": name, "observed_until": end}
            for name, end in {"iterate": None, "due": at(240)}.items()
        ],
        "task_types": [
            task_type("milestone", "milestone.committed", "milestone.delivered",
                      cancel_event_type="milestone.cancelled"),
        ],
        "measures": [
            measure("kept", "iteration_item"), measure("said", "iteration_item"),
            measure("in_scope", "iteration_item"), measure("added", "iteration_item"),
            measure("completed", "iteration_item"),
            measure("due", "task", "milestone", **own),
            measure("on_time", "task", "milestone", **own),
        ],
        "measure_filters": [
            {"measure_id": name, "dimension": dimension, "operator": operator}
            for name, dimension, operator in filters
        ],
        "metrics": [
            ratio("say_do", "proportion", "kept", "said"),
            ratio("scope_added", "proportion", "added", "in_scope"),
            ratio("completed_share", "proportion", "completed", "in_scope"),
            ratio("on_time", "proportion", "on_time", "due"),
        ],
        "watched_metrics": [
            {"product_id": product, "metric_id": name}
            for product, names in watched.items()
            for name in names
        ],
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
