"""What several products do alike."""

from collections.abc import Sequence

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw


def active_weeks(draw: Draw, source_id: str, people: np.ndarray, share: float) -> list[np.ndarray]:
    """Emit each person's first use in a week and the weekly roster; return who was active when.

    A person is active in a week with the given probability; the list has one array a week.
    """
    is_active = draw.rng.random((WEEKS, len(people))) < share
    weeks, positions = np.nonzero(is_active)
    draw.emit(
        source_id,
        "user.active",
        draw.moments(weeks + 1, OFFICE),
        [f"week-{week + 1}" for week in weeks.tolist()],
        actors=people[positions],
    )
    draw.emit(
        source_id,
        "roster.published",
        draw.calendar.midnights[:-1:7] + 6 * HOUR + draw.rng.uniform(0, 600, WEEKS),
        [f"roster-{week}" for week in range(1, WEEKS + 1)],
        actor_kind="service",
        path="api",
        data={"eligible_people": [len(people)] * WEEKS},
    )
    return [people[active] for active in is_active]


def task(
    draw: Draw,
    source_id: str,
    types: tuple[str, str, str | None],
    started: np.ndarray,
    lasting: np.ndarray,
    *,
    cancelled: np.ndarray | None = None,
    actors: Sequence[str] | np.ndarray | None = None,
    segments: Sequence[str] | np.ndarray | None = None,
    start_data: dict | None = None,
) -> list[str]:
    """Emit starts and, `lasting` seconds later, finishes or cancels; return the subjects.

    `types` are the start, finish and cancel event types.
    """
    start_type, finish_type, cancel_type = types
    subjects = draw.names(start_type.split(".")[0], len(started))
    shared = {"actors": actors, "segments": segments, "correlations": subjects}
    draw.emit(source_id, start_type, started, subjects, data=start_data, **shared)
    is_cancelled = np.zeros(len(started), bool) if cancelled is None else cancelled
    draw.emit(source_id, finish_type, started + lasting, subjects, keep=~is_cancelled, **shared)
    if cancel_type:
        draw.emit(source_id, cancel_type, started + lasting, subjects, keep=is_cancelled, **shared)
    return subjects


def follow_up(
    draw: Draw,
    source_id: str,
    event_type: str,
    started: np.ndarray,
    subjects: Sequence[str],
    actors: np.ndarray,
    *,
    share: float,
    days: float | np.ndarray,
    data: dict | None = None,
) -> None:
    """Emit what follows a part of what started, lognormal days with the given mean later."""
    size = len(started)
    at = started + draw.lasting(days, 0.8, size) * DAY
    is_there = draw.chance(share, size)
    draw.emit(source_id, event_type, at, subjects, actors=actors, data=data, keep=is_there)


def chosen(draw: Draw, count: int, size: int) -> np.ndarray:
    """Whoever of so many people of the product did each of `size` things."""
    return draw.rng.choice(draw.people(count), size)
