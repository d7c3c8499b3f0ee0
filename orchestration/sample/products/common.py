"""What several products do alike."""

from collections.abc import Sequence

import numpy as np

from orchestration.sample.calendar import HOUR, OFFICE, WEEKS
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
