"""Rules fire where the hand traces say, and signals last as long as they were ruled to."""

from collections.abc import Sequence

import pytest

from orchestration.defs.judge.limits import POINT_COLUMNS
from tests.signals.world import World, insert, monday
from tests.sql import render_model

CENTRE, MEAN_MR, SIGMA = 26.0, 43 / 11, 3.464342131
UPPER, LOWER = CENTRE + 2.660 * MEAN_MR, CENTRE - 2.660 * MEAN_MR
BASELINE = 16


def chart(
    world: World,
    values: Sequence[float | None],
    *,
    direction: str = "down",
    required_run: int = 8,
    upper: float | None = UPPER,
    **columns: object,
) -> None:
    """Write a locked chart: sixteen baseline weeks on the centre, then `values` (None: no data)."""
    weeks = [CENTRE] * BASELINE + list(values)
    names = list(POINT_COLUMNS)
    rows = []
    for number, value in enumerate(weeks):
        point = dict.fromkeys(names) | {
            "product_id": "p",
            "metric_id": "m",
            "metric_version": 1,
            "chart_grain": "week",
            "point_number": number + 1,
            "period_start_date": monday(number),
            "value": value,
            "z": None if value is None else (value - CENTRE) / SIGMA,
            "side": 0 if value in (None, CENTRE) else 1 if value > CENTRE else -1,
            "judged_upper_limit": upper,
            "judged_lower_limit": LOWER,
            "is_ripe": True,
            "is_usable": value is not None,
            "is_open_gap": False,
            "limit_state": "locked" if number >= BASELINE - 1 else "provisional",
            "judged_segment_number": 1,
            "is_judged_baseline": number < BASELINE,
            "required_run": required_run,
        }
        rows.append(tuple((point | columns)[name] for name in names))
    with world.connect() as connection:
        declared = ", ".join(f"{name} {kind}" for name, kind in POINT_COLUMNS.items())
        connection.execute(f"create or replace table guard.chart_points ({declared})")
        insert(connection, "guard.chart_points", rows)
        connection.execute("delete from registry.metrics")
        connection.execute(
            "insert into registry.metrics (metric_id, kind, direction) values ('m', 'stock', ?)",
            [direction],
        )
        connection.execute("delete from metrics.int_metric_periods")
        periods = [("p", "m", "all", "week", monday(number)) for number in range(len(weeks))]
        connection.executemany(
            "insert into metrics.int_metric_periods (product_id, metric_id, segment_type,"
            " period_grain, period_start_date) values (?, ?, ?, ?, ?)",
            periods[BASELINE:],
        )
        for name in ("int_chart_rules", "int_chart_signals", "int_signals"):
            connection.execute(f"create or replace table signals.{name} as {render_model(name)}")


def positions(world: World, condition: str) -> list[int]:
    """Return the monitored points (1-based) at which a condition holds."""
    rows = world.execute(
        f"select point_number - {BASELINE} from signals.int_chart_rules"
        f" where {condition} order by 1"
    )
    return [number for (number,) in rows]


def signals(world: World) -> list[str]:
    """Return the signal at the end of each monitored week."""
    rows = world.execute("select signal from signals.int_signals order by week_start_date")
    return [signal for (signal,) in rows]


WORKED = [25, 28, 37, 24, 22, 21, 23, 20, 22, 21, 19, 23]


def test_rules_fire_where_the_hand_trace_says(world: World) -> None:
    chart(world, WORKED)
    assert positions(world, "is_point_high") == [3]
    assert positions(world, "is_point_low") == []
    assert positions(world, "run_length >= 8") == [11, 12]


def test_value_on_the_centre_is_skipped_by_the_run(world: World) -> None:
    chart(world, [24, 25, 26, 24, 23, 25, 26, 24, 25, 22])
    assert positions(world, "run_length >= 8") == [10]


def test_missing_week_does_not_break_a_run(world: World) -> None:
    chart(world, [24, 25, None, 24, 23, 25, 24, 25, 22])
    assert positions(world, "run_length >= 8") == [9]


def test_baseline_weeks_are_no_part_of_a_run(world: World) -> None:
    chart(world, [22] * 7)
    assert positions(world, "run_length >= 8") == []


def test_missing_limit_cannot_fire(world: World) -> None:
    chart(world, [90], upper=None)
    assert positions(world, "is_point_high") == []


def test_provisional_chart_says_nothing(world: World) -> None:
    chart(world, [90] * 9, limit_state="provisional")
    assert positions(world, "is_point_high or run_length is not null") == []
    assert set(signals(world)) == {"none"}


def test_unripe_week_is_not_looked_at(world: World) -> None:
    chart(world, [90], is_ripe=False)
    assert world.execute("select count(*) from signals.int_chart_rules") == [(0,)]


def test_sustained_run_on_the_good_side_is_an_improvement(world: World) -> None:
    chart(world, [22] * 9)
    assert signals(world) == ["none"] * 7 + ["improved"] * 2


def test_run_closer_than_one_sigma_is_no_improvement(world: World) -> None:
    chart(world, [CENTRE - SIGMA * 0.99] * 12)
    assert set(signals(world)) == {"none"}


def test_only_the_last_eight_of_a_longer_run_are_tested(world: World) -> None:
    chart(world, [CENTRE - SIGMA * 0.25] * 6 + [CENTRE - SIGMA * 1.1] * 8)
    assert signals(world) == ["none"] * 13 + ["improved"]


def test_run_on_the_bad_side_worsens_without_a_distance(world: World) -> None:
    chart(world, [26.1] * 8 + [25])
    assert signals(world) == ["none"] * 7 + ["worsened", "none"]


def test_bad_point_worsens_for_four_ripe_weeks(world: World) -> None:
    chart(world, [37, 26, 25, 26, 25, 26])
    assert signals(world) == ["worsened"] * 4 + ["none"] * 2


def test_good_point_alone_is_no_improvement(world: World) -> None:
    chart(world, [5, 26, 25])
    assert positions(world, "is_point_low") == [1]
    assert set(signals(world)) == {"none"}


def test_higher_is_better_turns_the_sides(world: World) -> None:
    chart(world, [30] * 8, direction="up")
    assert signals(world)[-1] == "improved"
    chart(world, [22] * 8, direction="up")
    assert signals(world)[-1] == "worsened"


def test_band_worsens_on_both_sides_and_never_improves(world: World) -> None:
    chart(world, [22] * 8 + [28] * 8, direction="band")
    assert signals(world) == ["none"] * 7 + ["worsened"] + ["none"] * 7 + ["worsened"]


def test_metric_without_direction_has_no_signal(world: World) -> None:
    chart(world, [60] * 10, direction="none")
    assert set(signals(world)) == {"none"}


def test_alike_neighbours_need_twelve_on_one_side(world: World) -> None:
    chart(world, [22] * 12, required_run=12)
    assert signals(world) == ["none"] * 11 + ["improved"]


def test_improvement_outlasts_a_single_value_on_the_other_side(world: World) -> None:
    chart(world, [22] * 8 + [27, 22, 22])
    assert signals(world)[7:] == ["improved"] * 4


def test_improvement_ends_when_the_last_eight_are_near_the_centre(world: World) -> None:
    far, near = CENTRE - SIGMA * 1.2, CENTRE + 0.01
    chart(world, [far] * 8 + [near] * 6)
    # mean of the last eight: 1.05, 0.9, 0.75, 0.6 and then 0.45 sigma
    assert signals(world)[7:] == ["improved"] * 5 + ["none"] * 2


def test_bad_point_ends_an_improvement(world: World) -> None:
    chart(world, [20] * 8 + [37] + [22] * 5)
    assert signals(world)[7:9] == ["improved", "worsened"]
    assert signals(world)[-1] == "none"


def test_signal_begins_with_the_run_that_fired(world: World) -> None:
    chart(world, [28, 27] + [22] * 8 + [27])
    assert world.execute(
        "select signal_from_date, signal_to_date, rule from signals.int_signals"
        " order by week_start_date desc limit 1"
    ) == [(monday(BASELINE + 2), monday(BASELINE + 10), "sustained")]


def test_chart_that_fired_for_sixteen_weeks_has_stale_limits(world: World) -> None:
    chart(world, [22] * 23)
    stale = world.execute("select has_stale_limits from signals.int_signals order by all")
    assert stale.count((True,)) == 1


def test_open_gap_can_only_be_too_long(world: World) -> None:
    chart(world, [5], is_open_gap=True)
    assert positions(world, "is_point_low or run_length is not null") == []
    chart(world, [60], is_open_gap=True, direction="up")
    assert positions(world, "is_point_high") == [1]


@pytest.mark.parametrize(("grain", "weeks_later"), [("fortnight", 1), ("four_weeks", 3)])
def test_longer_period_is_known_with_its_last_week(
    world: World, grain: str, weeks_later: int
) -> None:
    chart(world, [22], chart_grain=grain)
    assert world.execute("select max(known_week_start_date) from signals.int_chart_rules") == [
        (monday(BASELINE + weeks_later),)
    ]
