"""Deployments of the data pipelines: what breaks, what it was caused by, and how it was mended."""

from dataclasses import dataclass, field

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, WEEKS
from orchestration.sample.draw import Draw, stepped

SOURCE = "pipeline-delivery"
SERVICES = ("pipeline-ingest", "pipeline-transform", "pipeline-publish")
DAYS = (0, 2, 4)
"""Mondays, Wednesdays and Fridays: what breaks is mended before the next deployment."""
WAYS = ("cause", "artifact", "window", "rollback", "hotfix")
"""What a failure is known by: its incident names the deployment, or the artefact, or the service
alone; or there is no incident, only a roll-back or a hotfix."""
SHARES = (0.3, 0.25, 0.2, 0.1, 0.15)


@dataclass
class Arrivals:
    """Columns of the artefacts that arrive in production, in the order in which they are told."""

    at: list[float] = field(default_factory=list)
    service: list[str] = field(default_factory=list)
    artifact: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)

    def add(self, at: float, service: str, artifact: str, kind: str) -> None:
        """One more arrival; `at` in UTC seconds."""
        self.at.append(at)
        self.service.append(service)
        self.artifact.append(artifact)
        self.kind.append(kind)


def pipeline_delivery(draw: Draw) -> None:
    """Five deployments a week; a third of them fails, later a fifth, each known in one way.

    A service that breaks on a Sunday, long after its last deployment, is explained by none.
    """
    arrivals, ways = _arrivals(draw)
    at = np.array(arrivals.at)
    ids = draw.emit(
        SOURCE, "service.deployed", at, arrivals.service, actor_kind="service", path="webhook",
        environment="production",
        data={
            "service": arrivals.service, "artifact": arrivals.artifact, "kind": arrivals.kind,
        },
    )  # fmt: skip
    _changes(draw, arrivals, at)
    for way in WAYS[:3]:
        rows = [row for row, known in ways.items() if known == way]
        _incidents(draw, arrivals, at, ids, rows, way)
    weeks = draw.weeks(0.25)
    sundays = np.array([draw.calendar.day_start(week, 6) for week in weeks])
    services = list(draw.rng.choice(SERVICES, len(weeks)))
    _emit_incidents(draw, sundays + draw.rng.uniform(0, 20, len(weeks)) * HOUR, services)


def _arrivals(draw: Draw) -> tuple[Arrivals, dict[int, str]]:
    """All arrivals, and by the row of a failed one the way in which that is known."""
    arrivals, ways, version = Arrivals(), {}, 0
    shares = stepped(0.35, 0.2, 33)
    live = dict.fromkeys(SERVICES, "")
    for week in range(1, WEEKS + 1):
        for day in DAYS:
            for service in SERVICES:
                limits = (0.55, shares[week - 1], 0.4)
                is_deployed, is_failed, is_fixed = draw.rng.random(3) < limits
                way = str(draw.rng.choice(WAYS, p=SHARES))
                hour, later = draw.rng.uniform(9, 11), draw.rng.uniform(3, 6)
                if not is_deployed:
                    continue
                version += 1
                before, live[service] = live[service], f"v{version}"
                at = draw.calendar.day_start(week, day) + hour * HOUR
                row = len(arrivals.at)
                arrivals.add(at, service, live[service], "planned")
                # nothing to go back to before the second version
                if not is_failed or not before:
                    continue
                ways[row] = way
                if way == "rollback":
                    live[service] = before
                    arrivals.add(at + later * HOUR, service, before, "rollback")
                elif way == "hotfix" or is_fixed:
                    version += 1
                    live[service] = f"v{version}"
                    arrivals.add(at + later * HOUR, service, live[service], "hotfix")
    return arrivals, ways


def _changes(draw: Draw, arrivals: Arrivals, at: np.ndarray) -> None:
    """The change that each new version was cut from, landed some hours before it arrives."""
    rows = np.flatnonzero(np.array(arrivals.kind) != "rollback")
    planned = np.array(arrivals.kind)[rows] == "planned"
    landed = at[rows] - np.where(planned, draw.rng.uniform(1, 20, len(rows)), 0.5) * HOUR
    committed = landed - draw.lasting(np.where(planned, 10, 1), 0.6, len(rows)) * HOUR
    instants = np.round(committed * 1000).astype("datetime64[ms]")
    draw.emit(
        SOURCE, "change.landed", landed, draw.names("change", len(rows)),
        actors=draw.rng.choice(draw.people(45), len(rows)), path="webhook",
        data={
            "service": [arrivals.service[row] for row in rows],
            "artifact": [arrivals.artifact[row] for row in rows],
            "committed_at": np.datetime_as_string(instants, timezone="UTC"),
        },
        keep=landed >= draw.calendar.midnights[0],
    )  # fmt: skip


def _incidents(
    draw: Draw, arrivals: Arrivals, at: np.ndarray, ids: list[str], rows: list[int], way: str
) -> None:
    """Incidents of failed arrivals, noticed within two hours, that name what the way says."""
    services = [arrivals.service[row] for row in rows]
    noticed = at[rows] + draw.rng.uniform(0.2, 2, len(rows)) * HOUR
    _emit_incidents(
        draw, noticed, services,
        causations=[ids[row] for row in rows] if way == "cause" else None,
        artifacts=[arrivals.artifact[row] for row in rows] if way == "artifact" else None,
    )  # fmt: skip


def _emit_incidents(
    draw: Draw,
    noticed: np.ndarray,
    services: list[str],
    causations: list[str] | None = None,
    artifacts: list[str] | None = None,
) -> None:
    incidents = draw.names("incident", len(noticed))
    data = {"service": services} | ({"artifact": artifacts} if artifacts else {})
    draw.emit(
        SOURCE, "incident.started", noticed, incidents, actor_kind="service", path="webhook",
        environment="production", causations=causations, data=data,
    )  # fmt: skip
    lasting = np.minimum(draw.lasting(2.0, 0.6, len(noticed)) * HOUR, DAY / 4)
    draw.emit(
        SOURCE, "incident.resolved", noticed + lasting, incidents, actor_kind="service",
        path="webhook", environment="production",
    )  # fmt: skip
