"""The oracle's deliveries: deployments, what made them fail, and the changes they brought."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.oracle_events import Event, instant
from tests.oracles.oracle_items import Task

CHANGES = ("tag.created", "change.landed", "change.committed")


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
    evidence: list["Evidence"] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        return bool(self.evidence)


@dataclass
class Evidence:
    """What tells of a failure: an incident, a roll-back or a hotfix; `route` 0 found nothing."""

    kind: str
    product: str
    seen_at: datetime
    resolved_at: datetime | None
    cause: str | None
    service: str | None
    environment: str | None
    artifact: str | None
    route: int = 0


def deployments(
    events: list[Event], incidents: list[Task], window: timedelta = timedelta(hours=24)
) -> tuple[list[Deployment], list[Evidence]]:
    """Return arrivals in order, remediations told apart, and the evidence of failures.

    Evidence is linked to the last deployment that the first possible route finds.
    """
    everything: list[Evidence] = []
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
    known: dict[str, list[Deployment]] = defaultdict(list)
    for deployment in found:
        known[deployment.event.product].append(deployment)
    for told, mend in [*_incidents(incidents), *_mends(found)]:
        before = [
            d for d in known[told.product]
            if d is not mend and not d.is_remediation and d.event.occurred_at <= told.seen_at
        ]  # fmt: skip
        _link(before, told, window)
        everything.append(told)
    return found, everything


def _incidents(incidents: list[Task]) -> Iterator[tuple[Evidence, None]]:
    for task in incidents:
        named = task.first.data
        yield (
            Evidence(
                "incident", task.product, task.started_at, task.ended_at, task.first.causation,
                named.get("service"), task.first.environment or named.get("environment"),
                named.get("artifact"),
            ),
            None,
        )  # fmt: skip


def _mends(found: list[Deployment]) -> Iterator[tuple[Evidence, Deployment]]:
    """A roll-back names what it takes away; a hotfix names nothing."""
    for mend in found:
        if mend.is_rollback or mend.kind == "hotfix":
            event = mend.event
            yield (
                Evidence(
                    "rollback" if mend.is_rollback else "hotfix", event.product,
                    event.occurred_at, event.occurred_at, event.causation, mend.service,
                    event.environment, mend.replaced if mend.is_rollback else None,
                ),
                mend,
            )  # fmt: skip


def _link(before: list[Deployment], told: Evidence, window: timedelta) -> None:
    """Charge the last deployment that the best route finds."""
    artifact, service, environment = told.artifact, told.service, told.environment
    explicit = [
        d for d in before
        if (told.cause and d.event.id == told.cause)
        or (artifact and not service and d.artifact == artifact)
    ]  # fmt: skip
    same = [
        d for d in before
        if artifact and d.artifact == artifact and d.service == service
        and d.event.environment == environment
    ]  # fmt: skip
    recent = [
        d for d in before
        if told.kind != "rollback" and service and d.service == service
        and environment in (None, d.event.environment)
        and told.seen_at - d.event.occurred_at <= window
    ]  # fmt: skip
    for route, candidates in ((1, explicit), (2, same), (3, recent)):
        if candidates:
            told.route = route
            max(candidates, key=lambda d: d.event.occurred_at).evidence.append(told)
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
            tags[event.product, service, event.data["commit_sha"]].append(str(name))
        elif event.type in ("change.landed", "change.committed"):
            landed[event.product, service].setdefault(event.subject, event)
    found = []
    for (product, service), mine in landed.items():
        next_arrival: datetime | None = None
        own = {
            e.subject: [
                first[product, service, name]
                for name in _names(e, tags[product, service, str(e.subject)])
                if (product, service, name) in first
            ]
            for e in mine.values()
        }
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


def _names(event: Event, tags: list[str]) -> list[str]:
    """Return the artefacts that are cut from a change: named by it, by a tag, or by its hash."""
    return [name for name in (event.data.get("artifact"), event.subject, *tags) if name]


def known_artifacts(events: list[Event]) -> set[tuple[str, str, str]]:
    """Return (product, service, artefact) of what was cut from a change that is known."""
    tags: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for e in events:
        if e.type == "tag.created":
            key = (e.product, str(e.data.get("service")), e.data["commit_sha"])
            tags[key].append(str(e.data.get("tag") or e.subject))
    return {
        (e.product, str(e.data.get("service")), name)
        for e in events
        if e.type != "tag.created"
        for name in _names(e, tags[e.product, str(e.data.get("service")), str(e.subject)])
    }
