"""Platform reliability, where nothing changes, and the cluster service of seven engineers."""

import numpy as np

from orchestration.sample.calendar import ALWAYS, DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw
from orchestration.sample.products.common import active_weeks, task


def platform_reliability(draw: Draw) -> None:
    """Stories: twice `no_signal`. Twelve faults and about one outage a week, around the clock."""
    detected = np.sort(draw.moments(draw.weeks(12), ALWAYS))
    size = len(detected)
    causes = draw.names("cause", size)
    # one cause in twenty-five comes back within two weeks of the last time
    for position in np.flatnonzero(draw.chance(0.04, size)):
        causes[position] = causes[max(0, position - int(draw.rng.integers(1, 12)))]
    faults = draw.names("fault", size)
    on_call = draw.rng.choice(draw.people(18), size)
    draw.emit(
        "fault-monitor",
        "fault.detected",
        detected,
        faults,
        actor_kind="service",
        path="webhook",
        correlations=faults,
        data={"root_cause": causes},
    )
    draw.emit(
        "fault-monitor",
        "fault.fixed",
        detected + draw.lasting(42, 0.8, size) * 60,
        faults,
        actors=on_call,
        path="cli",
        correlations=faults,
        data={"root_cause": causes},
    )
    draw.alive("fault-monitor", "monitor.alive")
    _outages(draw)


def _outages(draw: Draw) -> None:
    started = np.sort(draw.moments(draw.weeks(1.1), ALWAYS))
    size = len(started)
    outages = draw.names("outage", size)
    services = [f"platform-{n}" for n in draw.rng.integers(6, size=size)]
    found_by = np.where(draw.chance(0.125, size), "user", "monitoring")
    draw.emit(
        "incident-log",
        "incident.started",
        started,
        outages,
        actor_kind="service",
        path="webhook",
        environment="production",
        correlations=outages,
        data={"service": services, "detected_by": found_by},
    )
    draw.emit(
        "incident-log",
        "incident.resolved",
        started + draw.lasting(45, 0.6, size) * 60,
        outages,
        path="web",
        environment="production",
        correlations=outages,
    )
    draw.alive("incident-log", "incident_log.alive")


def cluster_service(draw: Draw) -> None:
    """Story: `insufficient_data`. Seven engineers need a cluster less than once a week."""
    engineers = draw.people(7)
    active_weeks(draw, "cluster-portal", engineers, 0.95)
    weeks = draw.weeks(0.9)
    requested = draw.moments(weeks, OFFICE)
    lasting = draw.lasting(60, 0.7, len(weeks)) * HOUR
    clusters = task(
        draw,
        "cluster-portal",
        ("cluster.requested", "cluster.ready", None),
        requested,
        lasting,
        actors=draw.rng.choice(engineers, len(weeks)),
    )
    draw.emit(
        "cluster-portal",
        "cluster.repaired",
        requested + lasting + draw.rng.uniform(0.5, 6, len(weeks)) * DAY,
        clusters,
        path="cli",
        keep=draw.chance(0.1, len(weeks)),
    )
    draw.emit(
        "cluster-portal",
        "cluster.scanned",
        draw.calendar.midnights[:-1] + 2 * HOUR + draw.rng.uniform(0, 900, 7 * WEEKS),
        [f"scan-{n}" for n in range(7 * WEEKS)],
        actor_kind="service",
        path="api",
        data={"has_public_admin_port": [False] * (7 * WEEKS)},
    )
    draw.alive("cluster-portal", "portal.alive")
