"""New limits need a change that lasts, a recorded cause, and somebody who accepts the level."""

from datetime import date
from itertools import pairwise

import pytest

from tests.signals.world import Week, World, monday

# the worked chart of the method: limits from twelve weeks, then the weeks that follow
BASELINE = [24, 27, 22, 30, 25, 28, 23, 26, 29, 24, 27, 27]
AFTER = [25, 28, 37, 24, 22, 21, 23, 20, 22, 21, 19, 23]
RUN = 12 + 3
"""The run of eight begins with the fourth week after the baseline."""
SEGMENTS = """
    select segment_number, state, usable_count, start_date, centre, mean_mr, annotation_id
    from state.limit_segments order by entry_number
"""
SIGNALS = "select signal from signals.int_signals order by week_start_date"


def annotate(world: World, from_date: date, **columns: object) -> None:
    row = {
        "annotation_id": "a1", "product_id": "p", "metric_id": None, "annotation_kind": "cause",
        "from_date": from_date, "to_date": None, "what_happened": "a new pipeline",
        "is_accepted": True, "is_lasting": True,
    } | columns  # fmt: skip
    marks = ", ".join("?" * len(row))
    world.execute(f"insert into registry.annotations values ({marks})", list(row.values()))


@pytest.fixture
def changed(world: World) -> World:
    """A stock that falls for good after twelve weeks of baseline and three more."""
    world.execute("insert into registry.settings values ('baseline_weeks', '12', 'worked example')")
    world.add_metric("open_work", "stock", [Week(value) for value in BASELINE + AFTER])
    return world


def test_the_worked_change_opens_the_worked_segment(changed: World) -> None:
    annotate(changed, monday(RUN - 1))
    changed.judge()
    first, second = changed.execute(SEGMENTS)
    assert first[:2] == (1, "locked") and first[4] == pytest.approx(26)
    # from position 4 on: the eight of the run and the week after it
    number, state, count, start, centre, mean_mr, cause = second
    assert (number, state, count, start, cause) == (2, "provisional", 9, monday(RUN), "a1")
    values = AFTER[3:]
    assert centre == pytest.approx(sum(values) / 9)
    ranges = [abs(a - b) for a, b in pairwise(values)]
    assert mean_mr == pytest.approx(sum(ranges) / 8)


def test_the_limits_of_the_run_alone_are_the_published_ones(changed: World) -> None:
    changed.execute("delete from metrics.int_metric_periods where period_start_date > ?",
                    [monday(RUN + 7)])  # fmt: skip
    annotate(changed, monday(RUN - 1))
    changed.judge()
    _, (_, _, count, _, centre, mean_mr, _) = changed.execute(SEGMENTS)
    assert (count, centre) == (8, pytest.approx(21.5))
    assert centre - 2.66 * mean_mr == pytest.approx(16.56)
    assert centre + 2.66 * mean_mr == pytest.approx(26.44)


@pytest.mark.parametrize(
    ("from_week", "columns"),
    [
        (RUN, {"is_accepted": False}),
        (RUN, {"is_lasting": False}),
        (RUN, {"metric_id": "another"}),
        (RUN, {"product_id": "another"}),
        (11, {}),  # within the old baseline: it explains nothing that came later
        (RUN + 9, {}),  # after all that is known
    ],
)
def test_without_all_four_conditions_the_old_limits_stay(
    changed: World, from_week: int, columns: dict
) -> None:
    annotate(changed, monday(from_week), **columns)
    changed.judge()
    assert [row[0] for row in changed.execute(SEGMENTS)] == [1]


def test_a_cause_without_a_change_opens_nothing(world: World) -> None:
    world.add_metric("open_work", "stock", [Week(value) for value in BASELINE * 3])
    annotate(world, monday(20))
    world.judge()
    assert [row[0] for row in world.execute(SEGMENTS)] == [1]


def test_a_cause_within_the_run_begins_the_segment_on_its_day(changed: World) -> None:
    annotate(changed, monday(RUN + 1))
    changed.judge()
    _, second = changed.execute(SEGMENTS)
    assert second[2:4] == (8, monday(RUN + 1))


def test_verdicts_stay_with_the_locked_limits_until_the_new_ones_lock(changed: World) -> None:
    annotate(changed, monday(RUN - 1))
    changed.judge()
    changed.conclude()
    signals = [signal for (signal,) in changed.execute(SIGNALS)]
    assert signals[-1] == "improved"
    drawn = changed.execute("select distinct segment_number from guard.chart_points")
    assert drawn == [(1,)]


def test_new_limits_lock_and_the_history_of_the_change_stays(world: World) -> None:
    world.execute("insert into registry.settings values ('baseline_weeks', '12', 'worked example')")
    level = [22, 21, 23, 20, 22, 21, 19, 23]
    values = BASELINE + AFTER + level * 2
    world.add_metric("open_work", "stock", [Week(value) for value in values])
    world.add_kpi("open_work")
    annotate(world, monday(RUN - 1))
    world.judge()
    first, second = world.execute(SEGMENTS)
    assert (second[1], second[2]) == ("locked", 12)
    world.conclude()
    signals = [signal for (signal,) in world.execute(SIGNALS)]
    locked = RUN + 12
    assert signals[RUN + 7 : locked] == ["improved"] * (locked - RUN - 7)
    assert set(signals[locked:]) == {"none"}
    (last,) = world.execute(
        "select verdict, last_confirmed_date from signals.int_verdicts"
        " order by week_start_date desc limit 1"
    )
    assert last[0] == "no_signal"
    assert world.execute(
        "select segment_number, count(*), count(*) filter (where is_baseline)"
        " from guard.chart_points group by 1 order by 1"
    ) == [(1, RUN, 12), (2, len(values) - RUN, 12)]
    assert first[4] != second[4]


def test_a_locked_second_segment_survives_revised_data_and_lost_annotations(world: World) -> None:
    world.execute("insert into registry.settings values ('baseline_weeks', '12', 'worked example')")
    world.add_metric("open_work", "stock", [Week(v) for v in BASELINE + AFTER + [21, 22] * 4])
    annotate(world, monday(RUN - 1))
    world.judge("first")
    before = world.execute("select * from state.limit_segments")
    world.execute("delete from registry.annotations")
    world.judge("second")
    assert world.execute("select * from state.limit_segments") == before
    assert [row[4] for row in before][-1] is not None


def test_the_baseline_of_a_balance_is_the_one_that_had_locked_by_then(world: World) -> None:
    world.execute("insert into registry.settings values ('baseline_weeks', '12', 'worked example')")
    values = BASELINE + AFTER + [22, 21, 23, 20, 22, 21, 19, 23] * 3
    world.add_metric("lead", "stock", [Week(value) for value in BASELINE * 4])
    world.add_metric("side", "stock", [Week(value) for value in values])
    world.add_kpi("lead", {"side": (5, "absolute", None)})
    annotate(world, monday(RUN - 1), metric_id="side")
    world.judge()
    world.conclude()
    rows = world.execute(
        "select before_from_date, min(week_start_date), max(week_start_date)"
        " from signals.int_balance_windows where before_from_date is not null group by 1 order by 1"
    )
    locked = monday(RUN + 11)
    assert [row[0] for row in rows] == [monday(0), monday(RUN)]
    assert rows[0][2] < locked <= rows[1][1]


def test_an_exceptional_week_is_used_in_no_limit_and_no_rule(world: World) -> None:
    values = [*BASELINE, *BASELINE[:4], 95, 26, 27]
    world.add_metric("open_work", "stock", [Week(value) for value in values])
    world.judge()
    world.conclude()
    assert world.execute("select count(*) from signals.int_chart_rules where is_point_high") == [
        (1,)
    ]
    annotate(world, monday(16), annotation_kind="exceptional", is_accepted=None, is_lasting=None)
    world.judge()
    world.conclude()
    assert world.execute("select count(*) from signals.int_chart_rules where is_point_high") == [
        (0,)
    ]
    assert world.execute(
        "select is_usable from guard.chart_points where period_start_date = ?", [monday(16)]
    ) == [(False,)]
