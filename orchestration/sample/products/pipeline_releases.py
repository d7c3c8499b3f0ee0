"""Releases of the data pipelines, and the hands of the platform team in them."""

import numpy as np

from orchestration.sample.calendar import OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped

SOURCE = "pipeline-releases"
PLATFORM_TEAM = 16


def pipeline_releases(draw: Draw) -> None:
    """Some six releases a week; most of the platform team has a hand in one, for shorter later."""
    weeks = draw.weeks(6)
    published = np.sort(draw.moments(weeks, OFFICE))
    releases = draw.names("release", len(published))
    draw.emit(
        SOURCE, "release.published", published, releases, actor_kind="service", path="webhook",
        data={"team": ["pipelines"] * len(releases)},
    )  # fmt: skip
    people = draw.people(PLATFORM_TEAM)
    is_busy = draw.chance(0.9, WEEKS * PLATFORM_TEAM).reshape(WEEKS, PLATFORM_TEAM)
    at_week, who = np.nonzero(is_busy)
    minutes = draw.lasting(stepped(22, 15, 36)[at_week], 0.5, len(at_week))
    at = draw.moments(at_week + 1, OFFICE)
    nearest = np.searchsorted(published, at).clip(0, len(releases) - 1)
    draw.emit(
        SOURCE, "devops_activity.logged", at, actors=people[who],
        data={
            "release_id": [releases[row] for row in nearest],
            "team": ["platform"] * len(at),
            "minutes": np.round(minutes).astype(int),
        },
    )  # fmt: skip
