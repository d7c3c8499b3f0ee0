"""Limits are learned, locked once on the first usable periods, and never recomputed."""

from datetime import datetime, timedelta

import pytest

from orchestration.defs.judge.limits import update_limits
from tests.signals.world import Week, World, monday

PATTERN = [24, 27, 22, 30, 25, 28, 23, 26, 29, 24, 27, 25, 28, 24, 26, 29]
SEGMENT = "select state, usable_count, centre, baseline_from, baseline_to, chart_grain, reason"


def stock(count: int, start: int = 0) -> list[Week]:
    """Return weeks of a stock that varies around 26."""
    return [Week(PATTERN[i % 16]) for i in range(start, start + count)]


def segments(world: World) -> list[tuple]:
    return world.execute(f"{SEGMENT} from state.limit_segments order by entry_number")


def test_seven_usable_weeks_are_learning_without_limits(world: World) -> None:
    world.add_metric("open_work", "stock", stock(7))
    world.judge()
    assert [row[:3] for row in segments(world)] == [("learning", 7, None)]
    assert world.execute("select count(upper_limit) from guard.chart_points") == [(0,)]


@pytest.mark.parametrize("count", [8, 15])
def test_eight_to_fifteen_usable_weeks_are_provisional(world: World, count: int) -> None:
    world.add_metric("open_work", "stock", stock(count))
    world.judge()
    assert segments(world)[0][:2] == ("provisional", count)
    assert world.execute(
        "select limit_state, count(*) from guard.chart_points group by 1 order by 1"
    ) == [("learning", 7), ("provisional", count - 7)]


def test_sixteen_usable_weeks_lock_on_the_first_sixteen(world: World) -> None:
    world.add_metric("open_work", "stock", [*stock(16), *[Week(60)] * 4])
    world.judge()
    state, count, centre, start, end, grain, reason = segments(world)[0]
    assert (state, count, grain, reason) == ("locked", 16, "week", None)
    assert centre == pytest.approx(sum(PATTERN) / 16)
    assert (start, end) == (monday(0), monday(15))
    assert world.execute(
        "select count(*) filter (where is_baseline), min(point_number)"
        " filter (where limit_state = 'locked') from guard.chart_points"
    ) == [(16, 16)]


def test_repeated_run_on_equal_input_appends_nothing(world: World) -> None:
    world.add_metric("open_work", "stock", stock(12))
    world.add_metric("all_equal", "stock", [Week(3)] * 20)
    world.judge("first")
    before = world.execute("select * from state.limit_segments")
    world.judge("second")
    assert world.execute("select * from state.limit_segments") == before
    assert len(before) == 2


def test_locked_segment_survives_revised_data(world: World) -> None:
    world.add_metric("open_work", "stock", stock(20))
    world.judge()
    before = segments(world)
    world.execute(
        "update metrics.int_metric_periods set value = value * 3, numerator = numerator * 3"
    )
    world.judge("later")
    assert segments(world) == before
    assert world.execute("select distinct centre from guard.chart_points") == [(before[0][2],)]


def test_provisional_segment_is_appended_anew_when_it_moves(world: World) -> None:
    world.add_metric("open_work", "stock", stock(9))
    world.judge("first")
    world.execute(
        "update metrics.int_metric_periods set value = 40 where period_start_date = ?", [monday(8)]
    )
    world.judge("second")
    assert [row[0] for row in segments(world)] == ["provisional", "provisional"]
    assert world.execute("select entry_number, run_id from state.limit_segments") == [
        (1, "first"),
        (2, "second"),
    ]


def test_new_metric_version_gets_limits_of_its_own(world: World) -> None:
    world.add_metric("open_work", "stock", stock(20))
    world.judge()
    world.execute("update registry.metrics set metric_version = 2")
    world.execute("update metrics.int_metric_periods set value = value + 100")
    world.judge()
    assert [round(row[2]) for row in segments(world)] == [26, 126]


@pytest.mark.parametrize(
    "week",
    [
        pytest.param(Week(90, is_ripe=False), id="not ripe"),
        pytest.param(Week(90, grade="C"), id="trust C"),
        pytest.param(Week(90, grade="D"), id="trust D"),
        pytest.param(Week(90, reason="no_denominator"), id="no value"),
        pytest.param(Week(90, is_suppressed=True), id="suppressed"),
    ],
)
def test_unusable_week_is_left_out_and_delays_locking(world: World, week: Week) -> None:
    world.add_metric("open_work", "stock", [*stock(8), week, *stock(8, 8)])
    world.judge()
    state, count, centre, _, end, _, _ = segments(world)[0]
    assert (state, count, end) == ("locked", 16, monday(16))
    assert centre == pytest.approx(sum(PATTERN) / 16)


def test_week_of_trust_b_is_usable(world: World) -> None:
    weeks = stock(16)
    weeks[4].grade = "B"
    world.add_metric("open_work", "stock", weeks)
    world.judge()
    assert segments(world)[0][:2] == ("locked", 16)


@pytest.mark.parametrize(("setting", "needed"), [("20", 20), ("3", 12)])
def test_baseline_length_is_a_setting_and_never_below_twelve(
    world: World, setting: str, needed: int
) -> None:
    world.execute("insert into registry.settings values ('baseline_weeks', ?, '')", [setting])
    world.add_metric("open_work", "stock", stock(24))
    world.judge()
    assert segments(world)[0][:2] == ("locked", needed)


def test_all_values_equal_is_degenerate_and_fires_nothing(world: World) -> None:
    world.add_metric("open_work", "stock", [*[Week(3)] * 16, *[Week(90)] * 10])
    world.judge()
    assert segments(world)[0][0] == "degenerate"
    assert world.execute("select count(z), count(upper_limit) from guard.chart_points") == [(0, 0)]


def hours(values: list[float]) -> Week:
    return Week(sum(values), len(values), sum(v * v for v in values))


@pytest.mark.parametrize(
    ("items", "grain"), [(5, "week"), (3, "fortnight"), (2, "four_weeks"), (0.5, "thirteen_weeks")]
)
def test_durations_are_pooled_until_most_periods_have_five_items(
    world: World, items: float, grain: str
) -> None:
    counts = [items if items >= 1 else (i % 4 == 0) * 1 for i in range(52)]
    world.add_metric(
        "time_to_x", "duration", [hours([9.0 + i % 5] * int(n)) for i, n in enumerate(counts)]
    )
    world.judge()
    assert segments(world)[0][5] == grain


@pytest.mark.parametrize(("count", "grain"), [(1, "week"), (0.5, "fortnight")])
def test_rare_counts_are_charted_by_fortnight(world: World, count: float, grain: str) -> None:
    weeks = [Week(count * 2 * (i % 2)) for i in range(40)]
    world.add_metric("incidents", "count_rate", weeks, natural_period="fortnight")
    world.judge()
    assert segments(world)[0][5] == grain


def test_limit_outside_the_possible_range_is_null(world: World) -> None:
    wide = [Week(x * 5, 5, x * x * 5) for x in [10, 300, 12, 280, 15, 310, 9, 290] * 2]
    world.add_metric("time_to_x", "duration", wide, tau_hours=336)
    world.add_metric("share", "proportion", [Week(x, 60) for x in [1, 3, 2, 4] * 4])
    world.judge()
    assert world.execute(
        "select metric_id, count(lower_limit) > 0, count(upper_limit) > 0,"
        " bool_or(is_possible_upper) from guard.chart_points group by 1 order by 1"
    ) == [("share", False, True, True), ("time_to_x", True, False, False)]


def test_eight_weeks_with_a_rare_event_are_no_run_where_none_is_the_median(world: World) -> None:
    events = [0, 1, 0, 0, 1, 0, 0, 0] * 2 + [1, 0] * 12
    world.add_metric("failures", "proportion", [Week(x, 10) for x in events])
    world.judge()
    assert world.execute("select distinct side from guard.chart_points") == [(0,)]


def test_quiet_weeks_of_a_rare_event_are_not_far_from_expectation(world: World) -> None:
    events = [1, 0, 2, 1, 1, 0, 1, 1, 0, 2, 1, 0, 1, 1, 0, 1] + [0] * 8
    weeks = [Week(x * (i % 2)) for x in events for i in range(2)]
    world.add_metric("incidents", "count_rate", weeks, natural_period="fortnight")
    world.judge()
    rows = world.execute(
        "select side, z from guard.chart_points order by point_number desc limit 8"
    )
    assert all(side == -1 and -1 < z < 0 for side, z in rows)


def add_outages(world: World, gaps: list[float]) -> None:
    """Add outages of one hour, `gaps` hours of operation between them."""
    world.add_metric(
        "mtbf",
        "reliability",
        [Week(168, 1) for _ in range(40)],
        direction="up",
        natural_period="thirteen_weeks",
    )
    start = datetime(2024, 1, 3)
    observed_until = datetime.combine(monday(40), datetime.min.time())
    for number in range(len(gaps) + 1):
        end = start + timedelta(hours=1)
        world.execute(
            "insert into core.int_outages values ('p', 's', ?, ?, ?, ?)",
            [number, start, end, observed_until],
        )
        start = end + timedelta(hours=gaps[number]) if number < len(gaps) else start


GAPS = [h * 24 for h in (12, 3, 30, 8, 1, 22, 15, 5, 40, 9, 14)]


def test_reliability_locks_at_twelve_outages_on_the_power_scale(world: World) -> None:
    add_outages(world, GAPS)
    world.judge()
    assert segments(world)[0][:2] == ("locked", 11)
    assert segments(world)[0][5] == "outage"
    points = world.execute(
        "select value, is_baseline, is_open_gap from guard.chart_points order by point_number"
    )
    assert [value for value, _, _ in points[:-1]] == pytest.approx(GAPS)
    assert points[-1][1:] == (False, True)


def test_eleven_outages_are_not_enough_for_reliability(world: World) -> None:
    add_outages(world, GAPS[:-1])
    world.judge()
    assert segments(world)[0][:2] == ("provisional", 10)


def test_maintenance_within_a_gap_is_not_operating_time(world: World) -> None:
    add_outages(world, GAPS)
    start = datetime(2024, 1, 5)
    world.execute(
        "insert into core.int_interruptions values ('p', 'stop', ?, ?)",
        [start, start + timedelta(hours=6)],
    )
    world.judge()
    first = world.execute("select value from guard.chart_points where point_number = 1")
    assert first == [(GAPS[0] - 6,)]


def test_gap_in_which_the_source_was_not_trusted_is_not_usable(world: World) -> None:
    add_outages(world, GAPS)
    world.execute(
        "update guard.metric_trust set grade = 'D' where week_start_date = ?", [monday(1)]
    )
    world.judge()
    assert world.execute(
        "select is_usable from guard.chart_points where point_number <= 2 order by point_number"
    ) == [(False,), (True,)]


def test_availability_is_not_charted_in_hours_between_outages(world: World) -> None:
    add_outages(world, GAPS)
    world.execute("update registry.metrics set statistic = 'availability'")
    world.judge()
    world.conclude()
    assert world.execute("select count(*) from guard.chart_points") == [(0,)]
    assert world.execute("select distinct limit_state from signals.int_signals") == [("no_chart",)]


def test_run_without_any_metric_leaves_empty_tables(world: World) -> None:
    world.judge()
    update_limits(world.database, "again")
    for table in ("guard.chart_points", "state.limit_segments", "guard.ratio_intervals"):
        assert world.execute(f"select count(*) from {table}") == [(0,)]


@pytest.mark.parametrize("changed_week", [3, 9])
def test_baseline_keeps_its_weeks_where_one_loses_its_trust_later(
    world: World, changed_week: int
) -> None:
    world.add_metric("open_work", "stock", [*stock(16), *[Week(60)] * 4])
    world.judge("first")
    world.execute(
        "update guard.metric_trust set grade = 'D' where week_start_date = ?",
        [monday(changed_week)],
    )
    world.judge("second")
    assert world.execute(
        "select max(period_start_date) filter (where is_baseline), min(period_start_date)"
        " filter (where limit_state = 'locked') from guard.chart_points"
    ) == [(monday(15), monday(15))]
    assert len(segments(world)) == 1
