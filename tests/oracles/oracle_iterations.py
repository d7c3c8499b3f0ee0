"""The oracle's iterations: what was committed at the start, added, withdrawn and delivered."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.oracles.oracle_events import Event

TYPES = ("iteration.started", "iteration.ended", "workitem.committed", "workitem.withdrawn",
         "workitem.delivered", "workitem.completed")  # fmt: skip


@dataclass
class IterationItem:
    """One work item in the scope of one iteration that has ended."""

    ended: Event
    subject: str
    facts: dict[str, Any]


def iteration_items(events: Iterable[Event]) -> Iterator[IterationItem]:
    """Return the items of all iterations that were started and ended."""
    told: dict[tuple[str, str, str | None], list[Event]] = defaultdict(list)
    scope: dict[tuple[str, Any], dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in sorted(events, key=_order):
        told[event.product, event.type, event.subject].append(event)
        named = event.data.get("iteration_id")
        if event.type in ("workitem.committed", "workitem.withdrawn") and event.subject and named:
            scope[event.product, str(named)][event.subject].append(event)
    for (product, kind, name), starts in list(told.items()):
        if kind != "iteration.started" or name is None:
            continue
        started_at = starts[0].occurred_at
        ends = [e for e in told[product, "iteration.ended", name] if e.occurred_at >= started_at]
        if not ends:
            continue
        for subject, steps in scope[product, name].items():
            facts = _facts(steps, started_at, ends[0].occurred_at)
            if facts is None:
                continue
            for what in ("delivered", "completed"):
                done = told[product, f"workitem.{what}", subject]
                facts[f"is_{what}"] = not facts["is_withdrawn"] and any(
                    started_at <= e.occurred_at <= ends[0].occurred_at for e in done
                )
            yield IterationItem(ends[0], subject, facts | {"iteration_id": name})


def _order(event: Event) -> tuple[Any, ...]:
    is_commit = event.type == "workitem.committed"
    return event.occurred_at, is_commit, event.received_at, event.source, event.id


def _facts(steps: list[Event], started_at: datetime, ended_at: datetime) -> dict[str, Any] | None:
    """Return what became of an item, None where it never was in scope.

    What is committed at the start is frozen then; a withdrawal at the start comes after it.
    """
    inside = [e for e in steps if e.occurred_at <= ended_at]
    commits = [e for e in inside if e.type == "workitem.committed"]
    if not commits:
        return None
    first = [
        e for e in inside
        if e.occurred_at < started_at or (e in commits and e.occurred_at == started_at)
    ]  # fmt: skip
    is_frozen = bool(first) and first[-1] in commits
    if not is_frozen and all(e.occurred_at <= started_at for e in commits):
        return None
    return {
        "is_committed_at_start": is_frozen,
        "is_added": not is_frozen,
        "is_withdrawn": inside[-1] not in commits,
        "segment_id": commits[0].segment,
    }
