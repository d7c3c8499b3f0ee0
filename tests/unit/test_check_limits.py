"""Each check is at the method's limits, and changes its finding at each of them and not before."""

import csv
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from expectations.parameters import default_rows
from expectations.suites.instruments import Threshold
from orchestration.defs.judge.contributions import contribution_grade
from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_denominators import denominators
from orchestration.defs.judge.instrument_properties import unknown_properties
from orchestration.defs.judge.instrument_readings import REQUIRED, UNREADABLE
from orchestration.defs.judge.instrument_silence import Needed, plan_coverage
from orchestration.defs.judge.instrument_volumes import LATELY, volume_p, volumes
from orchestration.defs.judge.trust import metric_grade
from tests.unit.test_instrument_severities import SEEDS, last_week, shares, stamps
from tests.unit.test_instrument_values import mixture, world
from tests.unit.test_instrument_volumes import days

ADRS = Path(__file__).parents[2] / "docs" / "adr"
LEVELS = ("warn", "fail", "block")
METHOD: dict[int, tuple[str, float | None, float | None, float | None]] = {
    # method 7: name, and the limits beyond which a check warns, fails and blocks. What any at all
    # exceeds is 0, what only all of it exceeds 1; 9 blocks by the shortest tau, 14 holds a share
    # that is left, 15 blocks where no list is, and 17 counts what is not covered.
    1: ("redelivery", 0.01, 0.05, 0.2),
    2: ("double counting", 0.005, 0.03, 0.15),
    3: ("reused id", 0, 0.001, 0.01),
    4: ("orphan finish", 0.01, 0.05, 0.2),
    5: ("missing finish", 0.01, 0.1, 0.4),
    6: ("negative duration", 0, 0.01, 0.05),
    7: ("zero duration", 0.02, 0.1, 0.5),
    8: ("heaping", 2, 4, None),
    9: ("clock skew", 1, 5, 0.1),
    10: ("lateness", 1, 2, None),
    11: ("silence and volume", 0.01, 0.001, 1),
    12: ("schema", None, 0.01, 1),
    13: ("step order", 0.02, 0.1, 0.3),
    14: ("denominator collapse", None, 0.5, 1),
    15: ("bots and tests", 0.02, 0.1, None),
    16: ("identity gap", 0.02, 0.1, 0.4),
    17: ("plan coverage", 0, 0.1, 0),
    18: ("unplanned type", 0, None, None),
    19: ("mixture", 0, None, None),
    20: ("sequence gap", 0.001, 0.01, 0.1),
}
DEPARTURES: dict[tuple[int, str], tuple[float, str | None]] = {
    # what the seeds hold instead, and the decision that says why; None: as the method means it
    # a share that isn't sure to be over the limit warns
    (12, "warn"): (0.01, "0007"),
    # as does nearly half of a denominator that is sure to be gone
    (14, "warn"): (0.4, "0007"),
    # all of it: so that a share of 1 lies above
    (12, "block"): (0.99, None),
    (14, "block"): (0.999, None),
    # without a list of accounts nothing removes what would only fail with one
    (15, "block"): (0.1, None),
}

FURTHER = {
    # further limits that method 7 names, in the rows of its checks
    (9, "negative_share"): 0.01,
    (15, "least_signs"): 3,
    (15, "gap_variation"): 0.1,
    (15, "times_median"): 20,
}


def test_further_limits_are_those_of_the_method() -> None:
    found = {key: row["value"] for key, row in default_rows().items()}
    assert {key: found[key] for key in FURTHER} == FURTHER


def test_seeds_are_the_limits_of_the_method_but_for_what_a_decision_names() -> None:
    assert set(SEEDS) == set(METHOD)
    for check_id, (name, *limits) in METHOD.items():
        assert SEEDS[check_id].check_name == name
        for level, limit in zip(LEVELS, limits, strict=True):
            of_method = math.nan if limit is None else limit
            expected, adr = DEPARTURES.get((check_id, level), (of_method, None))
            found = getattr(SEEDS[check_id], level)
            assert found == expected or (math.isnan(found) and math.isnan(expected)), (name, level)
            assert adr is None or list(ADRS.glob(f"{adr}-*.md"))


def test_each_departure_still_is_one() -> None:
    for (check_id, level), (value, _) in DEPARTURES.items():
        assert METHOD[check_id][1 + LEVELS.index(level)] != value


def test_a_number_is_lost_at_one_in_a_thousand_and_large_volumes_at_four_times() -> None:
    rows = csv.DictReader((ADRS.parents[1] / "seeds/defaults/check_thresholds.csv").open())
    assert {row["sure_p"] for row in rows} <= {"", "0.001"}
    assert {SEEDS[check_id].sure_p for check_id in SEEDS} == {0.001}
    # decision 11
    assert SEEDS[11].least_effect == 4


MANY = 100_000
"""Of so many a share at the limit is a whole number, and no chance."""
ASPECTS = {2: [None, "new ids"], 12: [REQUIRED], 20: [None]}
FIXED = [1, 2, 3, 4, 6, 12, 15, 16, 18, 20]
"""Checks that hold a share against fixed limits."""


def severity_of_share(check_id: int, aspect: str | None, found: int, n: int = MANY) -> int:
    # the list of accounts of check 15 isn't empty
    row = (n, found, found / n, 1.0 if check_id == 15 else None)
    return last_week(check_id, row, aspect=aspect).severity


@pytest.mark.parametrize(
    "check_id, aspect, level",
    [
        (check_id, aspect, level)
        for check_id in FIXED
        for aspect in ASPECTS.get(check_id, [None])
        for level in (1, 2, 3)
        if not math.isnan(getattr(SEEDS[check_id], LEVELS[level - 1]))
        # of the former what warns isn't sure, the latter blocks without a list
        and (check_id, level) not in ((12, 1), (15, 3))
    ],
)
def test_share_changes_its_severity_above_the_limit_and_not_at_it(
    check_id: int, aspect: str | None, level: int
) -> None:
    found = round(getattr(SEEDS[check_id], LEVELS[level - 1]) * MANY)
    below = 0 if check_id == 12 and level == 2 else level - 1
    assert severity_of_share(check_id, aspect, found) == below
    assert severity_of_share(check_id, aspect, found + 1) == level


def surface(check_id: int, aspect: str | None, limits: Threshold) -> pd.DataFrame:
    """Return what is judged of all shares of few events, and of some of many."""
    sizes = [*range(1, 31), 60, 200, 1000]
    places = [(n, found) for n in sizes for found in range(0, n + 1, max(n // 60, 1))]
    rows = pd.DataFrame(places, columns=["n", "numerator"])
    rows = rows.assign(
        source_id="s", event_type=[f"t{number:05d}" for number in range(len(rows))],
        check_id=check_id, aspect=aspect, evidence=None, statistic=rows["numerator"] / rows["n"],
        expected=1.0 if check_id == 15 else None, week_start_date=pd.Timestamp("2026-01-05"),
    )  # fmt: skip
    found = judged(rows, [limits])[["event_type", "severity"]]
    return rows.merge(found, on="event_type", how="left", validate="1:1")


@pytest.mark.parametrize("sure_p", [0.001, 0.05, 1e-6])
@pytest.mark.parametrize(
    "check_id, aspect", [(c, aspect) for c in FIXED for aspect in ASPECTS.get(c, [None])]
)
def test_every_share_of_few_and_of_many_is_judged_by_its_limits_and_its_p(
    check_id: int, aspect: str | None, sure_p: float
) -> None:
    limits = replace(SEEDS[check_id], sure_p=sure_p)
    rows = surface(check_id, aspect, limits)
    # decision 7: against where it warns, or a tenth of where it fails; any p of 18 only warns
    tolerated = limits.fail / 10 if check_id == 12 or limits.warn == 0 else limits.warn
    p_value = stats.binom.sf(rows["numerator"] - 1, rows["n"], tolerated)
    share, is_sure = rows["statistic"], np.nan_to_num(p_value, nan=1) < sure_p
    block = math.nan if check_id == 15 else limits.block
    expected = np.select(
        [is_sure & (share > block), is_sure & (share > limits.fail),
         (rows["n"] >= limits.minimum_n) & (share > limits.warn)],
        [3, 2, 1],
        default=0,
    )  # fmt: skip
    wrong = rows[rows["severity"] != expected]
    assert wrong.empty, wrong[["n", "numerator", "severity"]].head()


@pytest.mark.parametrize("aspect, check_id", [(UNREADABLE, 12), ("gone", 20)])
def test_lines_that_are_lost_warn_at_any_and_fail_and_block_above_the_limits(
    aspect: str, check_id: int
) -> None:
    limits = SEEDS[check_id]
    fail, block = round(limits.fail * MANY), round(limits.block * MANY)
    found = [severity_of_share(check_id, aspect, n) for n in (0, 1, fail, fail + 1, block)]
    assert found == [0, 1, 1, 2, 2]
    assert severity_of_share(check_id, aspect, block + 1) == 3


@pytest.mark.parametrize("check_id", [c for c in FIXED if c != 18])
def test_below_the_least_n_nothing_warns_and_what_is_no_chance_blocks(check_id: int) -> None:
    limits = SEEDS[check_id]
    tolerated = limits.fail / 10 if check_id == 12 or limits.warn == 0 else limits.warn
    aspect = ASPECTS.get(check_id, [None])[0]
    # 15 blocks without a list
    worst = 2 if check_id == 15 else 3
    for n in range(1, limits.minimum_n):
        is_sure = stats.binom.sf(n - 1, n, tolerated) < limits.sure_p
        assert severity_of_share(check_id, aspect, n, n) == (worst if is_sure else 0)
        assert severity_of_share(check_id, aspect, 0, n) == 0
    assert (
        severity_of_share(check_id, aspect, max(limits.minimum_n, 2), max(limits.minimum_n, 2))
        == worst
    )


def test_share_of_required_properties_warns_above_the_limit_where_it_may_be_chance() -> None:
    n = round(1 / SEEDS[12].warn)
    assert severity_of_share(12, REQUIRED, 1, n) == 0
    assert severity_of_share(12, REQUIRED, 1, n - 1) == 1


@pytest.mark.parametrize("listed, severity", [(1.0, 2), (0.0, 3)])
def test_automated_accounts_block_above_the_limit_where_no_list_is(
    listed: float, severity: int
) -> None:
    found = round(SEEDS[15].block * MANY)
    assert last_week(15, (MANY, found, found / MANY, listed)).severity == 1
    assert last_week(15, (MANY, found + 1, (found + 1) / MANY, listed)).severity == severity


def test_any_new_property_warns() -> None:
    sent = pd.DataFrame(
        [("s", "t", date(2026, 1, 5) + timedelta(weeks=n), '["a"]', 1000, "[]") for n in range(5)]
        + [("s", "t", date(2026, 2, 2), '["a", "b"]', 1, '["e"]')],
        columns=["source_id", "event_type", "week_start_date", "property_names", "event_count",
                 "event_ids"],
    )  # fmt: skip
    assert list(judged(unknown_properties(sent, {}), [SEEDS[12]]).severity) == [1]
    assert unknown_properties(sent, {"t": {"b"}}).empty


def least_that(reaches: Callable[[int], bool], most: int) -> int:
    """Return the least number up to `most` that reaches something, which larger ones do too."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle + 1, high)
    return low


def test_missing_finishes_warn_by_p_and_fail_and_block_by_the_gap() -> None:
    limits, n = SEEDS[5], 10_000
    past = [shares(n, 9200)] * 3
    share = (3 * 9200 + 0.5) / (3 * n + 1)

    def severity(missing: int) -> int:
        return last_week(5, *past, shares(n, n - missing)).severity

    found = [least_that(lambda m, s=s: severity(m) >= s, n) for s in (1, 2, 3)]
    by_p = least_that(lambda m: stats.binom.cdf(n - m, n, share) < limits.warn, n)
    gaps = [math.floor((1 - share + limit) * n) + 1 for limit in (limits.fail, limits.block)]
    assert found == [by_p, *gaps]


@pytest.mark.parametrize("check_id", [7, 13])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_excess_over_the_past_changes_its_severity_at_the_limit(check_id: int, level: int) -> None:
    limits, n = SEEDS[check_id], 10_000_000
    past, known = [shares(n, n // 100)] * 6, 0.01
    limit = getattr(limits, LEVELS[level - 1])
    # what warns lies so far above the limit that it is no chance: here by a hundredth of it
    low, high = (round(n * (known + limit * (1 + by))) for by in (-0.01, 0.01))
    assert last_week(check_id, *past, shares(n, low)).severity == level - 1
    assert last_week(check_id, *past, shares(n, high)).severity == level


@pytest.mark.parametrize("level", [1, 2])
def test_heaping_changes_its_severity_at_the_index_itself(level: int) -> None:
    n = 6_000_000
    past = [stamps(n, n // 60)] * 5
    heaped = round(getattr(SEEDS[8], LEVELS[level - 1]) * n / 60)
    for count, severity in ((heaped - 1, level - 1), (heaped, level)):
        assert last_week(8, *past, stamps(n, count), aspect="minute 0").severity == severity


def test_clock_skew_changes_its_severity_above_each_limit() -> None:
    limits, tau = SEEDS[9], 86_400.0

    def severity(ahead: float, negative: int = 0) -> int:
        return last_week(9, (1000, negative, -ahead, tau)).severity

    for level, limit in ((1, limits.warn), (2, limits.fail), (3, limits.block * tau)):
        assert [severity(limit), severity(limit + 0.001)] == [level - 1, level]
    # method 7: above 1 % of lags below zero, whatever the median
    assert [severity(-2, 10), severity(-2, 11)] == [0, 1]


def test_lateness_changes_its_severity_above_each_limit() -> None:
    for level, limit in ((1, SEEDS[10].warn), (2, SEEDS[10].fail)):
        hours = [24 * limit, 24 * limit + 0.01]
        assert [last_week(10, (40, None, h, 24.0)).severity for h in hours] == [level - 1, level]


def test_silence_blocks_above_the_horizon() -> None:
    found = [SEEDS[11].block * days for days in (4.0, 4.01)]
    rows = [last_week(11, (0, None, silent, 4.0), aspect="silence") for silent in found]
    assert [row.severity for row in rows] == [0, 3]


def volume(total: int, weeks: int = 16) -> tuple[int, float]:
    """Return severity and p of a week of so many events after even weeks of 1,400."""
    week = np.full(7, total // 7) + (np.arange(7) < total % 7)
    counts = [200 + day % 3 - 1 for day in range(7 * weeks)] + [int(count) for count in week]
    rows = judged(volumes(days({"t": counts}), SEEDS[11]), [SEEDS[11]])
    last = rows.sort_values("week_start_date").iloc[-1]
    return int(last.severity), float(last.p_value)


@pytest.mark.parametrize("side", [-1, 1])
def test_volume_warns_below_the_limit_of_p(side: int) -> None:
    def severity(off: int) -> int:
        return volume(1400 + side * off)[0]

    off = least_that(lambda off: severity(off) > 0, 600)
    before, at = volume(1400 + side * (off - 1)), volume(1400 + side * off)
    assert (before[0], at[0]) == (0, 1)
    assert before[1] >= SEEDS[11].warn > at[1] > SEEDS[11].warn / 2


@pytest.mark.parametrize("side", [-1, 1])
def test_volume_fails_from_the_least_effect(side: int) -> None:
    effect = SEEDS[11].least_effect
    # half an event more on either side; days and sums of weeks are no farther off
    far = 1400.5 * effect**side - 0.5
    most = math.floor(far) if side < 0 else math.ceil(far)
    # the days stay below: 199, 200 or 201 were expected
    assert volume(most - 21 * side)[0] == 1
    assert volume(most + 21 * side)[0] == 2


def test_volume_fails_below_the_limit_of_p_among_all_looks() -> None:
    fail = SEEDS[11].fail

    def drop(per_week: int) -> tuple[int, float]:
        """Return the severity of a week of nothing after weeks of so many, and its p."""
        week = [per_week // 7 + (day < per_week % 7) for day in range(7)]
        rows = judged(volumes(days({"t": week * 16 + [0] * 7}), SEEDS[11]), [SEEDS[11]])
        last = rows.sort_values("week_start_date").iloc[-1]
        # half of the latest weeks: work or a season may have come to that
        p_value = volume_p(np.zeros(1), np.full((1, LATELY), float(per_week)), 0.5)[1][0]
        return int(last.severity), 3 * p_value

    # eight weeks tell less than sixteen, and both are asked
    least = least_that(lambda count: drop(count)[0] == 2, 60)
    assert drop(least - 1)[1] >= fail > drop(least)[1]


def collapsed(left: int) -> int:
    """Return the severity of a denominator of which so much of a million is left."""
    usual = [1_000_000.0] * 12 + [float(left)]
    return int(judged(denominators(*world(usual, usual), SEEDS[14]), [SEEDS[14]]).severity.iloc[-1])


@pytest.mark.parametrize("level", [1, 2, 3])
def test_collapse_changes_its_severity_above_the_share_that_is_gone(level: int) -> None:
    left = round((1 - getattr(SEEDS[14], LEVELS[level - 1])) * 1_000_000)
    assert (collapsed(left + 1), collapsed(left - 1)) == (level - 1, level)


def covered(planned: int, unseen: int, required: bool = False) -> int:
    """Return the worst severity where some of the planned types came and come no longer."""
    names = [f"t{number:02d}" for number in range(planned)]
    counts = {n: [1] * 140 if i >= unseen else [1] * 100 + [0] * 40 for i, n in enumerate(names)}
    plan = pd.DataFrame({"source_id": "s", "event_type": names, "planned_since": pd.NaT})
    needed = Needed(frozenset({("s", "t00")} if required else ()))
    rows = plan_coverage(days(counts), plan, needed, SEEDS[17])
    return int(judged(rows, [SEEDS[17]]).severity.max())


def test_coverage_warns_at_any_unseen_type_fails_above_the_limit_and_blocks_what_is_needed() -> (
    None
):
    at = round(1 / SEEDS[17].fail)
    assert [covered(at, 0), covered(at, 1), covered(at - 1, 1)] == [0, 1, 2]
    assert covered(3 * at, 1, required=True) == 3


def test_thirteen_alternating_values_pass_and_fourteen_warn() -> None:
    values = [50.0 + 5 * (week % 2) for week in range(14)]
    assert list(mixture(values).severity) == [1]
    assert list(mixture([values[1], *values[1:]]).severity) == [0]


@pytest.mark.parametrize(
    "share, grade", [(0.049, "B"), (0.0499, "B"), (0.05, "D"), (0.051, "D"), (0.2, "D")]
)
def test_source_that_sends_five_per_cent_counts_fully_and_one_below_at_most_as_b(
    share: float, grade: str
) -> None:
    # method 7.3: under 5 %
    assert contribution_grade("D", True, share) == grade
    assert metric_grade([("A", True, 1 - share), ("D", True, share)]) == grade


def test_only_what_is_required_counts_fully() -> None:
    assert contribution_grade("D", False, 1.0) == "B"
