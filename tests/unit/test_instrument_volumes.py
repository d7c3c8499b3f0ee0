"""What a source should have sent is known from its own weeks before, and from nothing later."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_days import Days, days_of
from orchestration.defs.judge.instrument_silence import (
    Needed,
    horizon_days,
    plan_coverage,
    silence_horizons,
)
from orchestration.defs.judge.instrument_volumes import volume_p, volumes
from orchestration.method.volumes import expected_volume

MONDAY = date(2026, 1, 5)
VOLUME = Threshold(
    11, "silence and volume", 0.01, 0.001, 1, 0, "a silent source", "", least_effect=4
)
COVERAGE = Threshold(17, "plan coverage", 0, 0.1, 0, 1, "types that no longer come", "")


def days(
    counts: dict[str, list[int]],
    holidays: tuple[date, ...] = (),
    beats: int = 0,
    unplanned: tuple[str, ...] = (),
) -> Days:
    """Return the days of source `s`: counts a day of each event type from a Monday on."""
    rows = pd.DataFrame(
        [
            (
                "s", event_type, MONDAY + timedelta(days=day),
                0 if event_type in unplanned else count, beats, count + beats,
                event_type in unplanned,
            )
            for event_type, series in counts.items()
            for day, count in enumerate(series)
            if count + beats
        ],
        columns=[
            "source_id", "event_type", "occurred_date", "event_count", "heartbeat_count",
            "sign_count", "is_unplanned",
        ],
    )  # fmt: skip
    until = MONDAY + timedelta(days=max(len(series) for series in counts.values()))
    sources = pd.DataFrame(
        {"observed_until_date": [until], "complete_until_date": [until]}, index=["s"]
    )
    return days_of(rows, sources, list(holidays))


def severities(counts: list[int], **more) -> list[int]:
    """Return the severity of each judged week of a type with these counts a day."""
    rows = judged(volumes(days({"t": counts}, **more), VOLUME), [VOLUME])
    return list(rows.sort_values("week_start_date").severity)


def even(weeks: int, per_day: int = 6) -> list[int]:
    """Return whole weeks of a count a day that varies by one."""
    return [per_day + day % 3 - 1 for day in range(7 * weeks)]


@pytest.mark.parametrize("past", [[12, 9, 14, 11, 10, 13, 8, 11], [3, 15, 7, 22, 9, 1, 12, 11]])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 30])
def test_vectors_give_the_p_of_the_method(past: list[int], count: int) -> None:
    # method 7.1, worked: both histories
    mean, p_value = volume_p(np.array([count]), np.array([past], float))
    volume = expected_volume(np.array(past, float))
    at_least = 1 - volume.chance_of_at_most(count - 1) if count else 1.0
    two_sided = 2 * min(volume.chance_of_at_most(count), at_least)
    assert (mean[0], p_value[0]) == (volume.mean, pytest.approx(min(two_sided, 1), abs=1e-12))


def test_silent_day_proves_something_only_where_counts_are_even() -> None:
    zero = np.zeros(1)
    _, sure = volume_p(zero, np.array([[12, 9, 14, 11, 10, 13, 8, 11]], float))
    _, unsure = volume_p(zero, np.array([[3, 15, 7, 22, 9, 1, 12, 11]], float))
    assert sure[0] == pytest.approx(2 * 2.971678098e-05) and unsure[0] > 0.02


def test_seven_counts_of_a_weekday_judge_nothing() -> None:
    assert volume_p(np.zeros(1), np.full((1, 7), 50.0))[1][0] == 1


def test_even_weeks_pass() -> None:
    assert severities(even(20)) == [0] * 12


@pytest.mark.parametrize(
    "per_day, severity", [(40, 0), (20, 1), (11, 1), (9, 2), (1, 2), (80, 1), (155, 1), (165, 2)]
)
def test_volume_fails_from_a_quarter_and_from_four_times_on(per_day: int, severity: int) -> None:
    assert severities(even(14, per_day=40) + even(1, per_day))[-1] == severity


def test_three_quarters_lost_of_few_fail_within_the_month() -> None:
    # thirty a week, of which seven come
    few = [6, 4, 5, 5, 4, 3, 3] * 20
    lost = [2, 1, 1, 1, 1, 1, 0] * 4
    assert severities(few + lost)[-4:] == [1, 1, 1, 2]
    # of ten a week it isn't sure that more than half are lost, unless all are
    fewer, lost = [2, 1, 2, 2, 1, 1, 1] * 20, [1, 0, 0, 1, 0, 0, 0] * 4
    assert max(severities(fewer + lost)) == 1
    assert severities(fewer + [0] * 14)[-2:] == [1, 2]


def test_half_as_many_never_fails_whatever_chance_makes_of_it() -> None:
    rng = np.random.default_rng(3)
    few = rng.poisson(17 / 7, (200, 30 * 7)).tolist()
    halved = rng.poisson(7 / 7, (200, 12 * 7)).tolist()
    found = [max(severities(a + b)) for a, b in zip(few, halved, strict=True)]
    # 2,400 weeks after a step by more than a half
    assert found.count(2) <= 4


def test_season_that_takes_half_a_year_from_its_height_to_its_depth_never_fails() -> None:
    weeks = np.arange(70)
    per_day = np.round(25 * (1 + 0.66 * np.cos(2 * np.pi * weeks / 52))).astype(int)
    found = severities([count for day in per_day for count in [int(day)] * 7])
    assert per_day.max() / per_day.min() > 4.5
    assert max(found) == 1


def test_weeks_that_only_warn_do_not_use_up_the_two_months_that_may_cost() -> None:
    warned, broken = even(10, per_day=24), even(10, per_day=3)
    found = severities(even(14, per_day=40) + warned + broken)[-11:]
    # the first lies among weeks that scatter, as some of them warned
    assert found == [1, 1, *[2] * 8, 1]


def test_less_or_more_warns_and_a_tenth_or_ten_times_fails() -> None:
    assert severities(even(12, per_day=20) + even(1, per_day=14))[-1] == 1
    assert severities(even(12) + [14] * 7)[-1] == 1
    assert severities(even(12) + [1] * 2 + [0] * 5)[-1] == 2
    assert severities(even(12) + [70] * 7)[-1] == 2


def test_a_month_shows_what_a_week_hides() -> None:
    found = severities(even(12) + even(4, per_day=4))
    assert (found[-4], found[-1]) == (0, 1)


def test_one_odd_day_warns_and_two_fail() -> None:
    busy = [40 + day % 3 for day in range(7 * 12)]
    week = [41] * 7
    assert severities([*busy, 2, *week[1:]])[-1] == 1
    assert severities([*busy, 2, 2, *week[2:]])[-1] == 2


def test_holiday_is_no_drop_and_no_past() -> None:
    holiday = MONDAY + timedelta(weeks=12)
    quiet = [0, *([6] * 6)]
    assert severities([20] * 84 + [0, *([20] * 6)])[-1] > 0
    assert severities([20] * 84 + [0, *([20] * 6)], holidays=(holiday,))[-1] == 0
    assert severities(even(12) + quiet + even(3), holidays=(holiday,))[-1] == 0


def test_after_holidays_half_as_many_and_chance_fail_no_more_than_without_them() -> None:
    usual, few = [3, 2, 3, 2, 3, 2, 2] * 20, [1, 0, 0, 1, 0, 0, 0]
    closed = [MONDAY + timedelta(weeks=week) for week in (9, 11, 13)]
    assert severities(usual + few)[-1] == 1
    assert severities(usual + few, holidays=tuple(closed))[-1] == 1
    # all of them in two weeks is no chance, with or without
    assert severities(usual + [0] * 14)[-1] == 2
    assert severities(usual + [0] * 14, holidays=tuple(closed))[-1] == 2


def test_other_days_of_a_week_with_a_holiday_are_still_counted() -> None:
    holiday = MONDAY + timedelta(weeks=12)
    assert severities([*even(12), 0, *([3] * 6)], holidays=(holiday,))[-1] == 1
    assert severities([*even(12), 0, *([6] * 6)], holidays=(holiday,))[-1] == 0


def test_broken_weeks_cost_two_months_then_warn_for_half_a_year_and_then_are_the_past() -> None:
    found = severities(even(12, per_day=30) + even(40, per_day=2))
    assert found[:4] == [0] * 4
    assert found[4:12] == [2] * 8
    assert found[12:30] == [1] * 18
    assert found[30:] == [0] * 14


def test_weeks_as_before_are_sound_again_at_once_however_long_the_fault() -> None:
    assert severities(even(12) + even(20, per_day=1) + even(6))[-2:] == [0, 0]


def test_new_type_is_no_surge() -> None:
    assert severities([0] * 84 + [20] * 28) == []


def test_later_weeks_change_no_finding() -> None:
    counts = even(12, per_day=30) + even(3, per_day=2) + even(4, per_day=30)
    assert severities(counts)[:7] == severities(counts[: 7 * 15])


@pytest.mark.parametrize("per_day, horizon", [(0.2, 35), (0.5, 14), (1.5, 5), (4, 2), (11, 1)])
def test_silence_horizons_are_those_of_the_method(per_day: float, horizon: int) -> None:
    # method 7.1, worked
    assert horizon_days(np.full((1, 7), per_day))[0] == horizon


def horizons(observed: Days, heartbeat_hours: dict[str, float]) -> pd.DataFrame:
    return silence_horizons(observed, heartbeat_hours, VOLUME)


def test_horizon_of_a_week_knows_nothing_later() -> None:
    busy_later = [1, 0] * 35 + [20] * 70
    then = horizons(days({"t": busy_later[:70]}), {}).silence_horizon_days
    assert list(horizons(days({"t": busy_later}), {}).silence_horizon_days[:10]) == list(then)
    assert horizons(days({"t": busy_later}), {}).silence_horizon_days.iloc[-1] < then.iloc[-1]


def test_redelivery_makes_nothing_more_likely_to_be_heard_of() -> None:
    sparse = [1, 0] * 70
    once = days({"t": sparse})
    thrice = replace(once, signs=3 * once.signs)
    assert horizons(thrice, {}).equals(horizons(once, {}))
    # whose events all came before by another source
    by_another = replace(once, events=0 * once.events)
    assert horizons(by_another, {}).equals(horizons(once, {}))


def test_young_source_is_given_four_weeks() -> None:
    found = horizons(days({"t": [20] * 42}), {})
    assert list(found.silence_horizon_days) == [28, 28, 28, 1, 1, 1]


def test_planned_heartbeats_shorten_the_horizon_of_a_quiet_source() -> None:
    beating = days({"t": [0] * 70}, beats=1)
    assert horizons(beating, {}).silence_horizon_days.iloc[-1] == 7
    assert horizons(beating, {"s": 24}).silence_horizon_days.iloc[-1] == 3


def coverage(
    counts: dict[str, list[int]],
    *planned: str,
    required: str = "",
    since: date | None = None,
    finishes: tuple[str, ...] = (),
    unended: date | None = None,
) -> pd.DataFrame:
    """Return the judged rows of check 17 of the last week."""
    plan = pd.DataFrame({"source_id": "s", "event_type": list(planned)})
    plan["planned_since"] = pd.to_datetime([since if t == required else None for t in planned])
    unended_since = {("s", required): np.datetime64(unended)} if unended else {}
    needed = Needed(frozenset({("s", required)}), frozenset(finishes), unended_since)
    rows = plan_coverage(days(counts), plan, needed, COVERAGE)
    found = judged(rows, [COVERAGE])
    return found[found.week_start_date == found.week_start_date.max()].set_index("event_type")


def test_all_planned_types_seen_pass() -> None:
    found = coverage({"a": [3] * 140, "b": [1] * 140}, "a", "b")
    assert list(found.index) == ["*"] and found.severity.sum() == 0


def test_type_that_no_longer_comes_fails_and_blocks_where_a_metric_needs_it() -> None:
    counts = {"a": [3] * 140, "b": [1] * 105 + [0] * 35}
    assert coverage(counts, "a", "b").severity.to_dict() == {"*": 0, "b": 2}
    assert coverage(counts, "a", "b", required="b").severity.to_dict() == {"*": 0, "b": 3}
    assert coverage(counts, "a", "b").statistic["*"] == 0.5


def test_one_of_many_types_only_warns() -> None:
    many = {f"t{number:02d}": [1] * 140 for number in range(11)}
    found = coverage({**many, "gone": [1] * 105 + [0] * 35}, *many, "gone")
    assert found.severity["gone"] == 1


def test_planned_type_that_never_came_only_warns_where_no_metric_needs_it() -> None:
    assert coverage({"a": [3] * 140}, "a", "b").severity["b"] == 1


# 28 days late it is told, 12 weeks after the first day it is known to be missing
@pytest.mark.parametrize("weeks, severity", [(4, None), (5, 1), (12, 1), (13, 3), (20, 3)])
def test_needed_type_that_never_came_blocks_when_it_had_time_to_come(
    weeks: int, severity: int | None
) -> None:
    found = coverage({"a": [3] * 7 * weeks}, "a", "b", required="b")
    assert ("b" not in found.index) if severity is None else found.severity["b"] == severity


@pytest.mark.parametrize("weeks_ago, severity", [(1, None), (5, 1), (12, 1), (13, 3)])
def test_type_that_is_planned_since_last_week_is_not_missing(
    weeks_ago: int, severity: int | None
) -> None:
    since = MONDAY + timedelta(weeks=40 - weeks_ago)
    found = coverage({"a": [3] * 280}, "a", "b", required="b", since=since)
    assert ("b" not in found.index) if severity is None else found.severity["b"] == severity


def test_finish_that_never_came_blocks_once_many_tasks_are_over_and_not_by_age() -> None:
    counts = {"a": [3] * 140}
    known = {"required": "b", "finishes": ("b",)}
    assert coverage(counts, "a", "b", **known).severity["b"] == 1
    last = MONDAY + timedelta(weeks=19)
    assert coverage(counts, "a", "b", **known, unended=last).severity["b"] == 3
    later = last + timedelta(weeks=1)
    assert coverage(counts, "a", "b", **known, unended=later).severity["b"] == 1


def test_rare_type_is_given_as_long_as_its_past_explains() -> None:
    rare = ([1] + [0] * 19) * 5 + [0] * 40
    assert list(coverage({"a": [3] * 140, "b": rare}, "a", "b").index) == ["*"]
