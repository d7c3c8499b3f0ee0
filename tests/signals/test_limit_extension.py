"""Locked limits are extended once to a longer baseline, if nothing has happened meanwhile."""

import pytest

from tests.signals.test_limits import PATTERN, segments, stock
from tests.signals.world import Week, World, monday

STATES = (
    "select limit_state, count(*), count(*) filter (where is_judged_baseline)"
    " from guard.chart_points group by 1 order by 1"
)


@pytest.fixture
def extending(world: World) -> World:
    """A world whose limits are extended at 26 periods."""
    world.execute("insert into registry.settings values ('baseline_extension_weeks', '26', '')")
    return world


def test_limits_are_extended_once_at_twenty_six_quiet_weeks(extending: World) -> None:
    extending.add_metric("open_work", "stock", stock(40))
    extending.judge("first")
    state, count, centre, start, end, _, reason = segments(extending)[0]
    assert (state, count, reason) == ("locked", 26, None)
    assert (start, end) == (monday(0), monday(25))
    assert centre == pytest.approx(sum(PATTERN + PATTERN[:10]) / 26)
    # the weeks between were judged by locked limits, and are a baseline from now on
    assert extending.execute(STATES) == [
        ("learning", 7, 7),
        ("locked", 25, 11),
        ("provisional", 8, 8),
    ]
    extending.judge("second")
    assert len(segments(extending)) == 1


def test_limits_that_were_locked_before_get_an_entry_of_the_same_segment(extending: World) -> None:
    extending.add_metric("open_work", "stock", stock(40))
    extending.execute("delete from registry.settings")
    extending.judge("first")
    extending.execute("create table state.publications as select 'first' as run_id")
    extending.execute("insert into registry.settings values ('baseline_extension_weeks', '26', '')")
    extending.judge("second")
    rows = extending.execute(
        "select segment_number, usable_count, run_id from state.limit_segments"
        " order by entry_number"
    )
    assert rows == [(1, 16, "first"), (1, 26, "second")]


def test_twenty_five_weeks_are_too_few_to_extend(extending: World) -> None:
    extending.add_metric("open_work", "stock", stock(25))
    extending.judge()
    assert segments(extending)[0][1] == 16


def test_without_the_setting_limits_stay(world: World) -> None:
    world.add_metric("open_work", "stock", stock(40))
    world.judge()
    assert segments(world)[0][1] == 16


@pytest.mark.parametrize(
    ("later", "count"),
    [
        ([*stock(5, 16), Week(60), *stock(20)], 16),
        ([*stock(2, 16), *[Week(24)] * 8, *stock(20)], 16),
        ([*stock(2, 16), *[Week(24)] * 7, Week(30), *stock(20)], 26),
        ([*stock(10, 16), Week(60), *stock(20)], 26),
    ],
    ids=["a point", "a run of eight", "a run of seven", "a point after them"],
)
def test_a_rule_that_fired_before_the_twenty_sixth_week_keeps_the_limits(
    extending: World, later: list[Week], count: int
) -> None:
    extending.add_metric("open_work", "stock", [*stock(16), *later])
    extending.judge()
    assert segments(extending)[0][1] == count


def test_unstable_limits_are_not_extended(extending: World) -> None:
    extending.add_metric("open_work", "stock", [Week(90), *stock(39, 1)])
    extending.judge()
    _, count, *_, reason = segments(extending)[0]
    assert count == 16 and reason.startswith("unstable")
