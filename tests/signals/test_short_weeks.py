"""Weeks with fewer than three working days are used in neither limits nor rules."""

from datetime import date, timedelta

import pandas as pd
import pytest

from orchestration.defs.judge.short_weeks import WorkingDays, is_short
from tests.signals.test_limits import PATTERN, segments, stock
from tests.signals.world import Week, World, monday

OFFICE = WorkingDays(
    frozenset({1, 2, 3, 4, 5}), frozenset({date(2025, 12, 25), date(2025, 12, 26)})
)
BEFORE_NEW_YEAR = date(2025, 12, 22)


def close(world: World, days: list[date]) -> None:
    """Name a calendar from Monday to Friday, closed on these days."""
    world.execute("insert into registry.settings values ('working_calendar', 'office', '')")
    for weekday in range(1, 6):
        # two stretches of a day are one working day
        for _ in range(2):
            world.execute("insert into registry.calendars values ('office', ?)", [weekday])
    for day in days:
        world.execute("insert into registry.holidays values ('office', ?)", [day])
    world.execute("insert into registry.holidays values ('another', ?)", [monday(0)])


def usable(world: World) -> list[bool]:
    return [
        is_usable
        for (is_usable,) in world.execute(
            "select is_usable from guard.chart_points order by point_number"
        )
    ]


@pytest.mark.parametrize(("closed", "is_used"), [(2, True), (3, False)])
def test_a_week_with_three_working_days_is_used_and_one_with_two_is_not(
    world: World, closed: int, is_used: bool
) -> None:
    world.add_metric("open_work", "stock", stock(17))
    close(world, [monday(4) + timedelta(days=day) for day in range(closed)])
    world.judge()
    assert [number for number, used in enumerate(usable(world)) if not used] == (
        [] if is_used else [4]
    )
    assert segments(world)[0][4] == monday(15 if is_used else 16)


def test_a_wild_value_of_a_short_week_fires_no_rule(world: World) -> None:
    world.add_metric("open_work", "stock", [*(Week(value) for value in PATTERN), Week(90)])
    world.judge()
    point = "select is_point_high from signals.int_chart_rules where point_number = 17"
    world.conclude()
    assert world.execute(point) == [(True,)]
    close(world, [monday(16) + timedelta(days=day) for day in range(5)])
    world.judge()
    world.conclude()
    assert world.execute(point) == [(False,)]


def test_without_a_calendar_every_week_is_used(world: World) -> None:
    world.add_metric("open_work", "stock", stock(17))
    close(world, [monday(4) + timedelta(days=day) for day in range(5)])
    world.execute("delete from registry.settings")
    world.judge()
    assert all(usable(world))


def test_a_longer_period_needs_three_working_days_for_each_of_its_weeks() -> None:
    rows = pd.DataFrame(
        [(BEFORE_NEW_YEAR, 1), (BEFORE_NEW_YEAR, 2)], columns=["period_start_date", "week_count"]
    )
    assert list(is_short(rows, OFFICE)) == [False, False]
    eve = WorkingDays(OFFICE.weekdays, OFFICE.holidays | {date(2025, 12, 24)})
    assert list(is_short(rows, eve)) == [True, False]
    closed = {BEFORE_NEW_YEAR + timedelta(days=day) for day in range(12)}
    assert list(is_short(rows, WorkingDays(OFFICE.weekdays, frozenset(closed)))) == [True, True]
