"""The oracle's deliveries: deployments, what made them fail, and the changes they brought."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.oracle_events import Event, instant
from tests.oracles.oracle_items import Task


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
    known: dict[str, list[Deployment]] = defaultdict(list)
    for deployment in found:
        known[deployment.event.product].append(deployment)
    for task in incidents:
        named = task.first.data
        _link(known[task.product], task.started_at, task.first.causation, named.get("service"),
              task.first.environment or named.get("environment"), named.get("artifact"),
              window)  # fmt: skip
    for mend in found:
        if mend.is_rollback or mend.kind == "hotfix":
            _link([d for d in known[mend.event.product] if d is not mend], mend.event.occurred_at,
                  mend.event.causation, mend.service, mend.event.environment,
                  mend.replaced if mend.is_rollback else None,
                  timedelta(0) if mend.is_rollback else window)  # fmt: skip
    return found


def _link(
    found: list[Deployment], seen_at: datetime, cause: str | None, service: str | None,
    environment: str | None, artifact: str | None, window: timedelta,
) -> None:  # fmt: skip
    """Charge the last deployment that the best route finds before `seen_at`."""
    before = [
        d for d in found
        if not d.is_remediation and d.event.occurred_at <= seen_at
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
            tags[event.product, service, event.data["commit_sha"]].append(str(name))
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
