"""The oracle's items: tasks, outages, releases and deployments, from events by the definitions."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.oracle_events import Event, Row
from tests.oracles.oracle_working import WorkingHours

RELEASE_EVENTS = (
    "release.published", "release.rolled_back", "devops_activity.logged", "coverage.measured"
)  # fmt: skip


ENDING = ("finish", "cancel")
PAUSING = ("pause", "resume")
Step = tuple[Event, str]
HOUR = timedelta(hours=1)


@dataclass
class Task:
    """A task from its first start to its last end."""

    product: str
    subject: str | None
    started_at: datetime
    first: Event
    ended_at: datetime | None = None
    is_cancelled: bool = False
    reopen_count: int = 0
    last: Event | None = None
    paused: timedelta | None = None
    working: timedelta | None = None

    @property
    def state(self) -> str:
        if self.ended_at is None:
            return "open"
        return "cancelled" if self.is_cancelled else "finished"

    @property
    def hours(self) -> float | None:
        """Duration, None unless it is finished."""
        if self.ended_at is None or self.is_cancelled:
            return None
        return (self.ended_at - self.started_at) / timedelta(hours=1)

    @property
    def facts(self) -> dict[str, Any]:
        """Return what measures may ask about a task beside the properties of its start."""
        return {"state": self.state, "duration_hours": self.hours,
                "reopen_count": self.reopen_count,
                "paused_hours": None if self.paused is None else self.paused / HOUR,
                "working_hours": None if self.working is None else self.working / HOUR}  # fmt: skip


def types_of(kind: Row) -> set[str]:
    """Return the event types that begin, end, pause and resume a task."""
    names = ("start", "finish", "cancel", "reopen", "pause", "resume")
    return {kind.get(f"{name}_event_type") or "" for name in names} - {""}


def counts(event: Event, excluded: set[str]) -> bool:
    """Return whether an event may be part of an item: no heartbeat, no probe, no test."""
    return not event.is_heartbeat and event.actor not in excluded and event.actor_kind != "test"


def role_of(event: Event, kind: Row) -> str | None:
    """Return what an event does to a task; what meets both its conditions does nothing."""
    is_start = event.type == kind["start_event_type"] and meets(event, kind, "start")
    is_finish = event.type == kind["finish_event_type"] and meets(event, kind, "finish")
    if is_start or is_finish:
        return None if is_start and is_finish else "start" if is_start else "finish"
    names = ("cancel", "reopen", "pause", "resume")
    return next((n for n in names if event.type == kind.get(f"{n}_event_type")), None)


def meets(event: Event, kind: Row, end: str) -> bool:
    """Whether the property that a row names for one of its ends holds the value; none: always."""
    name = kind.get(f"{end}_property")
    if not name:
        return True
    value = event.data.get(name)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return value is not None and text == kind[f"{end}_value"]


def tasks(
    events: list[Event], kind: Row, excluded: set[str], hours: WorkingHours | None = None
) -> list[Task]:
    """Pair starts and ends of one task type by walking through each thing's events in order."""
    window = timedelta(days=int(kind["reopen_window_days"] or 0))
    things: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for event in events:
        key = event.correlation if kind["match_key"] == "correlation" else event.subject
        role = role_of(event, kind)
        if role and key is not None and counts(event, excluded):
            things[event.product, key].append((event, role))
    found = []
    for steps in things.values():
        steps.sort(key=_place)
        mine = _walk([s for s in steps if s[1] not in PAUSING], window)
        if kind.get("pause_event_type"):
            pauses = _pauses([s for s in steps if s[1] in PAUSING])
            for task in mine:
                task.paused = _paused(task, pauses)
        if hours:
            for task in mine:
                if task.ended_at and not task.is_cancelled:
                    task.working = hours.between(task.started_at, task.ended_at)
        found += mine
    return found


def _place(step: Step) -> tuple[Any, ...]:
    """Sort by instant; at the same one a start comes before an end, a pause before a resume."""
    event, role = step
    is_later = role in (*ENDING, "resume")
    return event.occurred_at, is_later, event.received_at, event.source, event.id


def _walk(steps: list[Step], window: timedelta) -> list[Task]:
    found: list[Task] = []
    running = False
    for event, role in steps:
        if role in ENDING:
            if running:
                found[-1].ended_at, found[-1].last = event.occurred_at, event
                found[-1].is_cancelled = role == "cancel"
            running = False
        elif not running:
            running = True
            last = found[-1] if found else None
            is_soon = bool(last and last.ended_at and event.occurred_at - last.ended_at <= window)
            if role == "reopen" and last and is_soon:
                last.ended_at, last.last, last.is_cancelled = None, None, False
                last.reopen_count += 1
            else:
                found.append(Task(event.product, event.subject, event.occurred_at, event))
    return found


def _pauses(steps: list[Step]) -> list[tuple[datetime, datetime]]:
    """Return the paused intervals of a thing; one that is never resumed lasts for ever."""
    found, since = [], None
    for event, role in steps:
        if role == "pause" and since is None:
            since = event.occurred_at
        elif role == "resume" and since is not None:
            found.append((since, event.occurred_at))
            since = None
    return [*found, (since, datetime.max)] if since else found


def _paused(task: Task, pauses: list[tuple[datetime, datetime]]) -> timedelta | None:
    if task.ended_at is None:
        return None
    nothing = timedelta(0)
    overlaps = (min(task.ended_at, to) - max(task.started_at, since) for since, to in pauses)
    return sum((max(overlap, nothing) for overlap in overlaps), nothing)


@dataclass
class Outage:
    """A union of incidents that overlap or touch; `incidents` in order of their start."""

    product: str
    started_at: datetime
    ended_at: datetime | None
    incidents: list[Task]


def unions(incidents: list[Task]) -> list[Outage]:
    """Merge the incidents of one product; None as an end is the end of time."""
    merged: list[Outage] = []
    for task in sorted(incidents, key=lambda t: (t.started_at, t.ended_at or datetime.max)):
        last = merged[-1] if merged else None
        if last and (last.ended_at is None or task.started_at <= last.ended_at):
            ends = [last.ended_at, task.ended_at]
            last.ended_at = None if None in ends else max(e for e in ends if e)
            last.incidents.append(task)
        else:
            merged.append(Outage(task.product, task.started_at, task.ended_at, [task]))
    return merged


def is_maintenance(task: Task) -> bool:
    """Return whether an incident is planned maintenance."""
    return str(task.first.data.get("maintenance", "")).lower() in ("true", "1")


@dataclass
class Release:
    """A release with the facts of its three criteria."""

    event: Event
    facts: dict[str, Any] = field(default_factory=dict)


def _release_of(event: Event) -> str | None:
    """Return the release that an event is about; work on one names it or is it."""
    if event.type == "devops_activity.logged":
        return event.data.get("release_id", event.subject)
    return event.subject


def releases(
    events: list[Event], settings: dict[str, str], until: dict[str, datetime]
) -> list[Release]:
    """Judge every release whose roll-back window is over."""
    window = timedelta(days=int(settings.get("rollback_window_days", 7)))
    limit = int(settings.get("devops_activity_limit", 3))
    minimum = float(settings.get("coverage_minimum", 0.8))
    told = [e for e in events if e.type in RELEASE_EVENTS and not e.is_heartbeat]
    ordered = sorted(told, key=lambda e: (e.occurred_at, e.received_at))
    found: dict[tuple[str, str | None], Release] = {}
    about: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for event in ordered:
        about[event.product, _release_of(event)].append(event)
        if event.type == "release.published":
            found.setdefault((event.product, event.subject), Release(event))
    for key, release in found.items():
        published_at = release.event.occurred_at
        rolled_back = [
            e.occurred_at - published_at
            for e in about[key]
            if e.type == "release.rolled_back" and e.occurred_at >= published_at
        ]
        activities = [e for e in about[key] if e.type == "devops_activity.logged"]
        coverage = [
            e.data for e in about[key]
            if e.type in ("release.published", "coverage.measured")
            and e.data.get("coverable") is not None
        ]  # fmt: skip
        is_judged = published_at + window <= until[release.event.source]
        share = (
            float(coverage[-1]["covered"]) / float(coverage[-1]["coverable"]) if coverage else None
        )
        few = sum(e.data.get("team") == "product" for e in activities) < limit
        kept = not rolled_back or min(rolled_back) > window
        parts = [kept, few, None if share is None else share >= minimum]
        release.facts = {"is_judged": is_judged}
        if is_judged:
            names = ("not_rolled_back", "few_activities", "coverage")
            release.facts |= {f"criterion_{n}": p for n, p in zip(names, parts, strict=True)}
            release.facts["is_well_packaged"] = (
                False if False in parts else None if None in parts else True
            )
        minutes = [
            float(e.data.get("minutes", 0)) for e in activities if e.data.get("team") == "platform"
        ]
        release.facts["platform_minutes"] = sum(minutes)
    return list(found.values())
