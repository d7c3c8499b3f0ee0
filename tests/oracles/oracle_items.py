"""The oracle's items: tasks, outages, releases and deployments, from events by the definitions."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.oracle_events import Event, Row, instant

RELEASE_EVENTS = (
    "release.published", "release.rolled_back", "devops_activity.logged", "coverage.measured"
)  # fmt: skip


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


def counts(event: Event, excluded: set[str]) -> bool:
    """Return whether an event may be part of an item: no heartbeat, no probe, no test."""
    return not event.is_heartbeat and event.actor not in excluded and event.actor_kind != "test"


def tasks(events: list[Event], kind: Row, excluded: set[str]) -> list[Task]:
    """Pair starts and ends of one task type by walking through each thing's events in order."""
    opening = {kind["start_event_type"], kind["reopen_event_type"]} - {""}
    ending = {kind["finish_event_type"], kind["cancel_event_type"]} - {""}
    window = timedelta(days=int(kind["reopen_window_days"] or 0))
    things: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        key = event.correlation if kind["match_key"] == "correlation" else event.subject
        if event.type in opening | ending and key is not None and counts(event, excluded):
            things[event.product, key].append(event)
    found = []
    for steps in things.values():
        steps.sort(key=lambda e: (e.occurred_at, e.type in ending, e.received_at, e.source, e.id))
        found += _walk(steps, kind, ending, window)
    return found


def _walk(steps: list[Event], kind: Row, ending: set[str], window: timedelta) -> list[Task]:
    found: list[Task] = []
    running = False
    for event in steps:
        if event.type in ending:
            if running:
                found[-1].ended_at = event.occurred_at
                found[-1].is_cancelled = event.type == kind["cancel_event_type"]
            running = False
        elif not running:
            running = True
            last = found[-1] if found else None
            is_reopen = event.type == kind["reopen_event_type"]
            if is_reopen and last and last.ended_at and event.occurred_at - last.ended_at <= window:
                last.ended_at, last.is_cancelled = None, False
                last.reopen_count += 1
            else:
                found.append(Task(event.product, event.subject, event.occurred_at, event))
    return found


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
    for event in ordered:
        if event.type == "release.published":
            found.setdefault((event.product, event.subject), Release(event))
    for (product, subject), release in found.items():
        published_at = release.event.occurred_at
        mine = [e for e in ordered if e.product == product]
        rolled_back = [
            e.occurred_at - published_at
            for e in mine
            if e.type == "release.rolled_back" and e.subject == subject
            and e.occurred_at >= published_at
        ]  # fmt: skip
        activities = [
            e for e in mine
            if e.type == "devops_activity.logged" and e.data.get("release_id", e.subject) == subject
        ]  # fmt: skip
        coverage = [
            e.data for e in mine
            if e.type in ("release.published", "coverage.measured") and e.subject == subject
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


@dataclass
class Deployment:
    """An arrival of an artefact in an environment of a service."""

    event: Event
    service: str
    artifact: str | None
    replaced: str | None
    is_remediation: bool
    is_rollback: bool
    kind: str
    routes: list[int] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        return bool(self.routes)


def deployments(
    events: list[Event], incidents: list[Task], window: timedelta = timedelta(hours=24)
) -> list[Deployment]:
    """Return arrivals in order, remediations told apart, failures linked by the first route."""
    live: dict[tuple[str, str, str | None], list[str | None]] = defaultdict(list)
    found = []
    for event in sorted(events, key=lambda e: (e.occurred_at, e.source, e.id)):
        if event.type != "service.deployed" or event.is_heartbeat:
            continue
        service = str(event.data.get("service") or event.subject)
        history = live[event.product, service, event.environment]
        old = event.data.get("old_artifact") or (history[-1] if history else None)
        artifact, kind = event.data.get("artifact"), str(event.data.get("kind") or "").lower()
        again = kind == "rollback" or (artifact is not None and artifact in [*history, old])
        found.append(
            Deployment(event, service, artifact, old, again, again and artifact != old, kind)
        )
        history += [old, artifact]
    for task in incidents:
        named = task.first.data
        _link(found, task.started_at, task.first.causation, named.get("service"),
              task.first.environment or named.get("environment"), named.get("artifact"),
              task.product, window)  # fmt: skip
    for mend in found:
        if mend.is_rollback or mend.kind == "hotfix":
            _link([d for d in found if d is not mend], mend.event.occurred_at,
                  mend.event.causation, mend.service, mend.event.environment,
                  mend.replaced if mend.is_rollback else None, mend.event.product,
                  timedelta(0) if mend.is_rollback else window)  # fmt: skip
    return found


def _link(
    found: list[Deployment], seen_at: datetime, cause: str | None, service: str | None,
    environment: str | None, artifact: str | None, product: str, window: timedelta,
) -> None:  # fmt: skip
    """Charge the last deployment that the best route finds before `seen_at`."""
    before = [
        d for d in found
        if d.event.product == product and not d.is_remediation and d.event.occurred_at <= seen_at
    ]  # fmt: skip
    explicit = [
        d for d in before
        if (cause and d.event.id == cause) or (artifact and not service and d.artifact == artifact)
    ]  # fmt: skip
    same = [
        d for d in before
        if artifact and d.artifact == artifact and d.service == service
        and d.event.environment == environment
    ]  # fmt: skip
    recent = [
        d for d in before
        if window and service and d.service == service
        and environment in (None, d.event.environment) and seen_at - d.event.occurred_at <= window
    ]  # fmt: skip
    for route, candidates in ((1, explicit), (2, same), (3, recent)):
        if candidates:
            max(candidates, key=lambda d: d.event.occurred_at).routes.append(route)
            return


@dataclass
class Change:
    """A change on the main line and its first arrival in production."""

    event: Event
    deployed_at: datetime | None

    def facts(self) -> dict[str, Any]:
        """Return what measures may ask about a change."""
        data = self.event.data
        facts: dict[str, Any] = {"is_revert": str(data.get("is_revert")).lower() in ("true", "1")}
        authored_at, committed_at = (
            instant(data.get("authored_at")),
            instant(data.get("committed_at")),
        )
        if authored_at:
            facts["hours_to_land"] = (self.event.occurred_at - authored_at) / timedelta(hours=1)
        if self.deployed_at:
            facts["first_deployed_at"] = self.deployed_at
            if committed_at:
                facts["lead_time_hours"] = (self.deployed_at - committed_at) / timedelta(hours=1)
        return facts


def changes(events: list[Event], arrived: list[Deployment]) -> list[Change]:
    """Find each change's way to production: its own artefact, else the next one that holds it."""
    first: dict[tuple[str, str, str | None], datetime] = {}
    for deployment in arrived:
        key = (deployment.event.product, deployment.service, deployment.artifact)
        if deployment.event.environment == "production":
            first.setdefault(key, deployment.event.occurred_at)
    tags: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    landed: dict[tuple[str, str], dict[str | None, Event]] = defaultdict(dict)
    for event in sorted(events, key=lambda e: (e.occurred_at, e.received_at)):
        service = str(event.data.get("service"))
        if event.type == "tag.created":
            name = event.data.get("tag") or event.subject
            tags[event.product, service, event.data["commit_sha"]].append(name)
        elif event.type in ("change.landed", "change.committed"):
            landed[event.product, service].setdefault(event.subject, event)
    found = []
    for (product, service), mine in landed.items():
        next_arrival: datetime | None = None
        own = {
            e.subject: [
                first[product, service, name]
                for name in (
                    e.data.get("artifact"), e.subject, *tags[product, service, str(e.subject)]
                )
                if name and (product, service, name) in first
            ]
            for e in mine.values()
        }  # fmt: skip
        moments: dict[datetime, list[Event]] = defaultdict(list)
        for event in mine.values():
            moments[event.occurred_at].append(event)
        # an artefact holds what landed before it: walk from the latest change back
        for moment in sorted(moments, reverse=True):
            arrivals = [at for event in moments[moment] for at in own[event.subject]]
            later = [next_arrival] if next_arrival else []
            next_arrival = min([*later, *arrivals], default=None)
            for event in moments[moment]:
                found.append(Change(event, min(own[event.subject], default=next_arrival)))
    return found
