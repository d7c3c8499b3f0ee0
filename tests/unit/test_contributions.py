"""A source is as large as it is around the week that is graded, not as it was over all of time."""

from datetime import date, timedelta

import pandas as pd
import pytest

from orchestration.defs.judge.contributions import Shares

MONDAY = date(2026, 1, 5)


def share_of(source: str, week: int, **sent: dict[int, int]) -> float:
    """Return a source's share in a week, of what each source sent by number of week."""
    columns = ["product_id", "source_id", "event_type", "week_start_date", "event_count"]
    rows = [
        ("p", name, "ticket.opened", MONDAY + timedelta(weeks=number), count)
        for name, counts in sent.items() for number, count in counts.items()
    ]  # fmt: skip
    day = MONDAY + timedelta(weeks=week)
    return Shares(pd.DataFrame(rows, columns=columns)).of("p", "ticket.opened", source, day)


def every(weeks: range, count: int) -> dict[int, int]:
    return dict.fromkeys(weeks, count)


def test_a_source_that_takes_over_this_week_is_no_minor_one() -> None:
    sent = {"old": every(range(100), 100), "new": {100: 100}}
    assert share_of("new", 100, **sent) == 1
    # and was none before it came
    assert share_of("new", 99, **sent) == 0


def test_a_share_is_of_what_was_known_in_the_week_and_not_of_what_came_later() -> None:
    sent = {"old": every(range(40), 99), "new": every(range(40), 1) | every(range(40, 80), 900)}
    assert share_of("new", 39, **sent) == pytest.approx(0.01)


def test_of_thin_weeks_the_eight_that_end_with_it_count() -> None:
    # one of 19 events in each second week, and none in this one
    sent = {"large": every(range(40), 9), "small": every(range(1, 40, 2), 1)}
    assert share_of("small", 38, **sent) == pytest.approx(4 / (8 * 9 + 4))
    assert share_of("small", 39, **sent) == pytest.approx(1 / 10)


@pytest.mark.parametrize(("weeks_ago", "share"), [(7, 5 / 85), (8, 5 / 265)])
def test_a_burst_makes_a_source_large_for_eight_weeks(weeks_ago: int, share: float) -> None:
    """After them it is a small part of the half year."""
    sent = {"large": every(range(40), 10), "small": {39 - weeks_ago: 5}}
    assert share_of("small", 39, **sent) == pytest.approx(share)


def test_a_source_does_not_become_minor_by_falling_silent() -> None:
    sent = {"one": every(range(30), 50), "other": every(range(120), 50)}
    assert share_of("one", 119, **sent) == pytest.approx(0.5)


def test_a_source_does_not_become_minor_by_losing_nearly_all_for_months() -> None:
    sent = {"one": every(range(30), 50) | every(range(30, 50), 1), "other": every(range(50), 50)}
    assert share_of("one", 49, **sent) >= 0.05


def test_a_source_that_was_small_for_half_a_year_is_small() -> None:
    sent = {"one": every(range(30), 50) | every(range(30, 57), 1), "other": every(range(57), 50)}
    assert share_of("one", 56, **sent) == pytest.approx(1 / 51)


def test_what_nobody_has_sent_yet_rests_on_all_of_its_sources() -> None:
    sent = {"one": {5: 10}}
    assert share_of("planned", 4, **sent) == 1
    assert share_of("planned", 5, **sent) == 0


def test_weeks_after_the_last_event_are_judged_by_the_time_before() -> None:
    sent = {"one": every(range(10), 60), "other": every(range(10), 40)}
    assert share_of("other", 500, **sent) == pytest.approx(0.4)
