"""What time sheets, payroll and the staff send holds what their metrics ask for."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from orchestration.sample.calendar import WEEKS, Calendar
from orchestration.sample.draw import Batch, Draw
from orchestration.sample.products.release_platform import release_platform
from orchestration.sample.products.time_sheets import payroll, staff_hours, time_sheets

CALENDAR = Calendar.ending_on(date(2026, 3, 27))
LEAST_PEOPLE = 10
"""Time entries and surveys of fewer people are not shown."""


def batches(part: Callable[[Draw], None], event_type: str) -> Iterator[Batch]:
    draw = Draw("product", 1, CALENDAR, "/part")
    part(draw)
    return (batch for batch in draw.batches if batch.event_type == event_type)


def weeks_of(batch: Batch) -> list[int]:
    """Number of the week, from 0, of each event."""
    found = np.searchsorted(CALENDAR.midnights[::7], batch.occurred, side="right") - 1
    return found.tolist()


@pytest.mark.parametrize(
    ("part", "event_type"),
    [(time_sheets, "time_entry.logged"), (time_sheets, "devops_activity.logged")],
)
def test_enough_people_write_their_hours_down_in_every_week(
    part: Callable[[Draw], None], event_type: str
) -> None:
    (batch,) = batches(part, event_type)
    people = defaultdict(set)
    for week, person in zip(weeks_of(batch), batch.actors or [], strict=True):
        people[week].add(person)
    # the last week ends on its Friday
    assert len(people) == WEEKS
    assert min(len(people[week]) for week in range(WEEKS - 1)) >= LEAST_PEOPLE


def period_of(week: int) -> int:
    """Number of the four-week period that a week lies in, counted from 2024-01-01."""
    return (CALENDAR.first_monday + timedelta(weeks=week) - date(2024, 1, 1)).days // 28


def test_enough_people_pass_the_limit_and_enough_stay_below_it_in_every_four_weeks() -> None:
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    for batch in batches(staff_hours, "time_entry.logged"):
        for week, person, data in zip(weeks_of(batch), batch.actors or [], batch.data or [],
                                      strict=True):  # fmt: skip
            sums[period_of(week)][person] += data["overtime_minutes"]
    whole = range(period_of(3), period_of(WEEKS - 4))
    assert len(whole) >= 13
    for period in whole:
        over = sum(minutes > 1_200 for minutes in sums[period].values())
        assert LEAST_PEOPLE <= over <= len(sums[period]) - LEAST_PEOPLE
    assert len(sums[whole[0]]) == 140, "who hands in two sheets is one person"


def test_a_survey_asks_enough_people_and_nobody_twice_in_four_weeks() -> None:
    (batch,) = batches(staff_hours, "survey.answered")
    answers = Counter(zip(map(period_of, weeks_of(batch)), batch.actors or [], strict=True))
    assert max(answers.values()) == 1
    counts = Counter(period for period, _ in answers)
    assert min(counts.values()) >= LEAST_PEOPLE


def test_every_measured_release_belongs_to_one_branch_of_test_coverage() -> None:
    (batch,) = batches(release_platform, "coverage.measured")
    assert set(batch.segments or []) == {"cloud", "on-premise", "ios"}


def test_some_reasons_of_roll_backs_are_missing_and_three_stand_out() -> None:
    (batch,) = batches(payroll, "release.rolled_back")
    reasons = Counter(data["reason"] for data in batch.data or [])
    assert 0 < reasons.pop("") < 0.3 * len(batch.event_ids)
    top = sum(count for _, count in reasons.most_common(3))
    assert top > 0.6 * sum(reasons.values())
