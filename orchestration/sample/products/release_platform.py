"""Release platform: roll-backs whose finishes vanish, and releases that get better packaged."""

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped

SERVICES = 24
SILENT_WEEKS = (57, 58, 59)
"""Weeks of start whose roll-backs never report that they are done: the hook was lost."""


def release_platform(draw: Draw) -> None:
    """Two stories: `untrusted` for roll-backs, `improved_balance_unproven` for releases."""
    _rollbacks(draw)
    _releases(draw)
    _deployments(draw)


def _rollbacks(draw: Draw) -> None:
    weeks = draw.weeks(30)
    size = len(weeks)
    started = draw.moments(weeks, OFFICE)
    lasting = draw.lasting(stepped(19, 9, 43)[weeks - 1], 0.6, size) * 60
    releases = draw.names("release", size)
    # one in sixteen needs a second attempt within the day
    again = draw.chance(0.06, size)
    starts = np.concatenate([started, (started + lasting + 3 * HOUR)[again]])
    ends = np.concatenate([started + lasting, (started + 2 * lasting + 3 * HOUR)[again]])
    weeks = np.concatenate([weeks, weeks[again]])
    releases += [release for release, is_again in zip(releases, again, strict=True) if is_again]
    attempts = draw.names("rollback", len(starts))
    engineers = draw.rng.choice(draw.people(180), len(starts))
    draw.emit(
        "rollback-pipeline",
        "rollback.started",
        starts,
        attempts,
        actors=engineers,
        path="cli",
        environment="production",
        correlations=attempts,
        data={"release_id": releases},
    )
    draw.emit(
        "rollback-pipeline",
        "rollback.completed",
        ends,
        attempts,
        actors=engineers,
        path="cli",
        environment="production",
        correlations=attempts,
        data={"is_restored_from_backup": [False] * len(starts)},
        keep=~np.isin(weeks, SILENT_WEEKS),
    )
    draw.alive("rollback-pipeline", "pipeline.alive")


def _releases(draw: Draw) -> None:
    """From week 41 on more releases are kept, need few hands, and are covered by tests.

    Four release trains leave on each working day, so that only their quality varies.
    """
    weeks = np.repeat(np.arange(1, WEEKS + 1), 20)
    size = len(weeks)
    published = draw.moments(weeks, OFFICE)
    releases = draw.names("packaged", size)
    segments = draw.rng.choice(["cloud", "on-premise", "ios"], size, p=[0.5, 0.3, 0.2])
    at_week = weeks - 1
    draw.emit(
        "release-registry",
        "release.published",
        published,
        releases,
        actors=["release-train"] * size,
        actor_kind="service",
        path="api",
        segments=segments,
        environment="production",
        data={"team": draw.rng.choice([f"team-{n:02d}" for n in range(14)], size)},
    )
    draw.emit(
        "release-registry",
        "release.rolled_back",
        published + draw.rng.uniform(0.1, 5, size) * DAY,
        releases,
        path="cli",
        segments=segments,
        keep=draw.chance(stepped(0.06, 0.03, 41)[at_week], size),
    )
    covered = draw.chance(stepped(0.78, 0.95, 41)[at_week], size)
    coverable = draw.rng.integers(2_000, 12_000, size)
    share = np.where(
        covered, draw.rng.uniform(0.81, 0.94, size), draw.rng.uniform(0.55, 0.79, size)
    )
    draw.emit(
        "release-registry",
        "coverage.measured",
        np.maximum(published - draw.rng.uniform(0.2, 3, size) * HOUR, draw.calendar.midnights[0]),
        releases,
        actor_kind="service",
        path="webhook",
        segments=segments,
        data={
            "release_id": releases,
            "covered": np.round(share * coverable).astype(int),
            "coverable": coverable,
        },
    )
    few = draw.chance(stepped(0.63, 0.9, 41)[at_week], size)
    by_team = np.where(few, draw.rng.integers(0, 3, size), draw.rng.integers(3, 6, size))
    _activities(draw, "product", by_team, published, releases, draw.people(180), 25)
    # six people of the platform team help, a little less than before: too few for an interval
    by_platform = draw.rng.poisson(stepped(2, 1.5, 41)[at_week])
    _activities(draw, "platform", by_platform, published, releases, draw.people(186)[180:], 12)
    _defects(draw, published, releases)


def _activities(
    draw: Draw,
    team: str,
    counts: np.ndarray,
    published: np.ndarray,
    releases: list[str],
    people: np.ndarray,
    minutes: float,
) -> None:
    rows = np.repeat(np.arange(len(counts)), counts)
    draw.emit(
        "release-registry",
        "devops_activity.logged",
        published[rows] + draw.rng.uniform(-2, 6, len(rows)) * HOUR,
        actors=draw.rng.choice(people, len(rows)),
        data={
            "release_id": [releases[row] for row in rows],
            "team": [team] * len(rows),
            "minutes": np.round(draw.lasting(minutes, 0.4, len(rows))).astype(int),
        },
    )


def _defects(draw: Draw, published: np.ndarray, releases: list[str]) -> None:
    """A third of a defect a release within the window, a tenth after it."""
    for mean, least, most in ((0.3, 0.2, 7), (0.1, 7.2, 20)):
        rows = np.repeat(np.arange(len(releases)), draw.rng.poisson(mean, len(releases)))
        age = draw.rng.uniform(least, most, len(rows))
        draw.emit(
            "defect-tracker",
            "defect.found",
            published[rows] + age * DAY,
            data={
                "release_id": [releases[row] for row in rows],
                "days_after_release": np.round(age, 2),
            },
        )
    draw.alive("defect-tracker", "tracker.alive")


def _deployments(draw: Draw) -> None:
    """140 versions a week of two dozen services; eight in a hundred break something."""
    weeks = draw.weeks(140)
    deployed = np.sort(draw.moments(weeks, OFFICE))
    size = len(deployed)
    services = [f"service-{n:02d}" for n in draw.rng.integers(SERVICES, size=size)]
    versions = [f"v{number}" for number in range(1, size + 1)]
    ids = draw.emit(
        "delivery-events",
        "service.deployed",
        deployed,
        services,
        data={"service": services, "artifact": versions},
        environment="production",
        path="webhook",
        actor_kind="service",
    )
    # eighty changes a week, each going out with a deployment of its own
    shuffled = draw.rng.permutation(size)
    of_week = np.sort(weeks)[shuffled]
    rows = np.concatenate([shuffled[of_week == week][:80] for week in range(1, WEEKS + 1)])
    landed = deployed[rows] - draw.rng.uniform(0.5, 40, len(rows)) * HOUR
    committed = landed - draw.lasting(9, 0.9, len(rows)) * HOUR
    instants = np.round(committed * 1000).astype("datetime64[ms]")
    draw.emit(
        "delivery-events",
        "change.landed",
        landed,
        draw.names("change", len(rows)),
        actors=draw.rng.choice(draw.people(180), len(rows)),
        path="webhook",
        data={
            "service": [services[row] for row in rows],
            "artifact": [versions[row] for row in rows],
            "committed_at": np.datetime_as_string(instants, timezone="UTC"),
        },
        keep=landed >= draw.calendar.midnights[0],
    )
    broken = np.flatnonzero(draw.chance(0.08, size))
    detected = deployed[broken] + draw.lasting(1.5, 0.7, len(broken)) * HOUR
    incidents = draw.names("incident", len(broken))
    draw.emit(
        "delivery-events",
        "incident.started",
        detected,
        incidents,
        correlations=incidents,
        causations=[ids[row] for row in broken],
        data={"service": [services[row] for row in broken]},
        environment="production",
        path="webhook",
        actor_kind="service",
    )
    draw.emit(
        "delivery-events",
        "incident.resolved",
        detected + draw.lasting(55, 0.8, len(broken)) * 60,
        incidents,
        correlations=incidents,
        environment="production",
        path="webhook",
        actor_kind="service",
    )
