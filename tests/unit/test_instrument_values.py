"""Collapsed denominators and mixed sources are seen in metrics, whatever is withheld."""

import json
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.guard import judged, judged_aspects
from orchestration.defs.judge.instrument_denominators import collapse_p, denominators
from orchestration.defs.judge.instrument_values import (
    VALUES,
    alternating_runs,
    hugging_runs,
    mixtures,
)

COLLAPSE = Threshold(14, "denominator collapse", 0.4, 0.5, 0.999, 0, "a denominator", "")
MIXTURE = Threshold(19, "mixture", 0, np.nan, np.nan, 14, "two sources", "")
USERS = [40, 42, 38, 41, 39, 43, 40, 37, 41, 40]


def world(
    denominator: list[float],
    values: list[float],
    open_share: list[float] | float = 1.0,
    unit_count: list[int] | None = None,
    is_distinct: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weekly values of one metric, and what its sides rest on.

    `unit_count` is what a sum of amounts is made of; without it the denominator counts things.
    """
    weeks = pd.date_range("2026-01-05", periods=len(denominator), freq="7D")
    rows = pd.DataFrame(
        {
            "product_id": "p", "metric_id": "m", "week_start_date": weeks, "kind": "proportion",
            "denominator": denominator, "raw_value": values, "is_ripe": True,
            "is_settled": True,
            "open_share": open_share, "is_of_amounts": unit_count is not None,
            "unit_count": unit_count or 0, "is_distinct": is_distinct,
        }
    )  # fmt: skip
    lineage = pd.DataFrame(
        {
            "product_id": "p", "metric_id": "m", "side": ["denominator", "numerator"],
            "source_id": ["directory", "portal"], "event_type": ["roster.sent", "user.active"],
            "complete_until_date": weeks[-1] + pd.Timedelta(days=8),
        }
    )  # fmt: skip
    return rows, lineage


def collapse(
    *latest: float, before: list[int] = USERS, threshold: Threshold = COLLAPSE
) -> list[int]:
    """Return the severities of the latest weeks of a denominator."""
    denominator = [*before, *latest]
    rows = denominators(*world(denominator, denominator), threshold)
    found = judged(rows, [threshold])
    assert set(found.source_id) == {"directory"} and set(found.event_type) == {"roster.sent"}
    return list(found.severity)[-len(latest) :]


def mixture(values: list[float]) -> pd.DataFrame:
    return judged(mixtures(*world(values, values)), [MIXTURE])


def test_three_users_after_eleven_are_the_collapse_of_the_method() -> None:
    # method 7, worked: chance of so few 0.0061, ratio 0.27
    history = np.array([11, 12, 10, 11, 13, 9, 11, 12], float)
    assert collapse_p(np.array([3]), history[None, :])[0] == pytest.approx(0.006085524338)
    assert collapse(3, before=[11, 12, 10, 11, 13, 9, 11, 12]) == [1]
    assert collapse(1, before=[11, 12, 10, 11, 13, 9, 11, 12]) == [2]


@pytest.mark.parametrize("left, severity", [(39, 0), (30, 0), (22, 1), (15, 2), (0, 3)])
def test_each_severity_of_a_collapse(left: int, severity: int) -> None:
    assert collapse(left) == [severity]


def test_small_denominator_that_was_as_small_before_has_not_collapsed() -> None:
    assert collapse(14, before=[41, 15, *USERS]) == [0]


@pytest.mark.parametrize("open_share, severity", [(1.0, 2), (0.4, 0)])
def test_week_of_holidays_is_no_collapse(open_share: float, severity: int) -> None:
    denominator = [*USERS, 15]
    shares = [1.0] * len(USERS) + [open_share]
    rows = denominators(*world(denominator, denominator, shares), COLLAPSE)
    assert list(judged(rows, [COLLAPSE]).severity)[-1] == severity


def test_few_of_two_open_days_are_judged_as_the_few_that_they_are() -> None:
    # 2 where 8 are usual on two days: as five where 20 are usual on five they would fail
    steady = [20, 22, 18, 21, 19, 23, 20, 17, 21, 20]
    shares = [1.0] * len(steady) + [0.4]
    rows = denominators(*world([*steady, 2], [*steady, 2], shares), COLLAPSE)
    assert list(judged(rows, [COLLAPSE]).severity)[-1] == 0
    assert collapse(5, before=steady) == [2]


def test_collapse_costs_two_months_then_warns_for_half_a_year_and_then_rests() -> None:
    assert collapse(*[12] * 30) == [2] * 8 + [1] * 18 + [0] * 4


def test_weeks_until_a_collapse_costs_nothing_and_rests_are_those_of_the_registry() -> None:
    changed = replace(COLLAPSE, parameters={"costly_weeks": 3, "rest_weeks": 10})
    assert collapse(*[12] * 14, threshold=changed) == [2] * 3 + [1] * 7 + [0] * 4


LINES = [9000, 9900, 8600, 9300, 10100, 8800, 9500, 9100, 9700, 9200]
"""Lines of code that the releases of each week are made of."""


@pytest.mark.parametrize(
    "unit_count, now, severity",
    [
        # one small release after weeks of four: fewer lines, and no fewer than releases come
        ([4, 5, 3, 4, 4, 5, 4, 3, 4, 4], 1, 0),
        # of forty releases three are left
        ([40, 42, 38, 41, 39, 43, 40, 37, 41, 40], 3, 2),
        # as many releases as ever, each of them small
        ([40, 42, 38, 41, 39, 43, 40, 37, 41, 40], 40, 2),
        ([4, 5, 3, 4, 4, 5, 4, 3, 4, 4], 0, 0),
    ],
)
def test_sum_of_amounts_has_collapsed_where_too_few_things_or_too_little_make_it_up(
    unit_count: list[int], now: int, severity: int
) -> None:
    lines = [*LINES, 900 if now else 0]
    rows = denominators(*world(lines, lines, unit_count=[*unit_count, now]), COLLAPSE)
    found = judged(rows, [COLLAPSE]).iloc[-1]
    assert found.severity == severity
    # what p is of is told beside it
    assert found.n == now and found.expected == np.median(unit_count[-8:])
    assert found.statistic == pytest.approx(lines[-1] / np.median(LINES[-8:]))


def sums(lines: list[float], counts: list[int], **more: Any) -> pd.DataFrame:
    """Return the judged weeks of a sum of amounts."""
    return judged(
        denominators(*world(lines, lines, unit_count=counts, **more), COLLAPSE), [COLLAPSE]
    )


def test_a_sum_to_which_all_contribute_too_little_says_so() -> None:
    found = sums([*LINES, 900], [*USERS, 40]).iloc[-1]
    assert found.finding == "a denominator whose amounts are each about 10 times smaller than usual"
    assert sums([*LINES, 9300], [*USERS, 40]).finding.isna().all()


@pytest.mark.parametrize("count, severity", [(2, 1), (3, 2)])
def test_little_from_one_or_two_only_warns(count: int, severity: int) -> None:
    lines = [float(2000 + 13 * week) for week in range(12)]
    counts = [2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3]
    assert sums([*lines, 20], [*counts, count]).severity.iloc[-1] == severity


def test_sums_that_swing_by_themselves_are_judged_by_how_much_they_do() -> None:
    swinging = [2000.0, 19000.0, 4000.0, 12000.0, 30000.0, 7000.0, 2500.0, 15000.0, 5000.0, 9000.0]
    # as if two large ones made up each week, and both stay away: once by chance, not for ever
    severities = list(sums([*swinging, *[20.0] * 10], [*USERS, *[40] * 10]).severity)[-10:]
    assert severities == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2]


def test_sum_that_a_few_large_ones_make_up_has_weeks_without_any() -> None:
    rng = np.random.default_rng(5)
    large = rng.poisson(3, 26)
    lines = [float(27 + 100 * max(count, 1)) for count in large]
    assert sums([*lines, 30], [30] * 27).severity.iloc[-1] == 1
    # the same number of equal ones, each a tenth
    even = [float(300 + 5 * (week % 7)) for week in range(26)]
    assert sums([*even, 30], [30] * 27).severity.iloc[-1] == 2


def test_little_from_each_adds_up_over_weeks() -> None:
    rng = np.random.default_rng(8)
    lines = [*(float(rng.exponential(10, 8).sum()) for _ in range(26)), 8.0, 9.0, 8.0]
    assert list(sums(lines, [8] * 29).severity)[-3:] == [0, 1, 2]


def test_season_of_sixty_per_cent_is_no_collapse() -> None:
    weeks, failed = np.arange(60), 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rate = 20 * (1 + 0.6 * np.sin(2 * np.pi * (weeks / 52 + rng.random())))
        users = [int(count) for count in rng.poisson(rate)]
        failed += sum(severity > 1 for severity in collapse(*users, before=[]))
    assert failed <= 3


def test_a_fall_explains_no_more_than_half_of_its_quarter() -> None:
    assert collapse(2, before=[100] * 13 + [100 - 8 * week for week in range(13)]) == [2]


def test_weeks_that_only_warned_leave_all_eight_to_what_fails_after_them() -> None:
    # a sixth less than what fails, for nine weeks, and then next to nothing
    slow = [22, 21, 22, 21, 22, 21, 22, 21, 22]
    usual = [40, 42, 38, 41, 39, 43, 40, 37, 41, 40] * 3
    severities = collapse(*slow, *[2] * 9, before=usual)
    assert set(severities[:9]) == {1}
    assert severities[9:] == [2] * 8 + [1]


@pytest.mark.parametrize("before", [4, 9])
def test_nothing_in_several_weeks_is_held_against_what_came_before(before: int) -> None:
    # of four none comes in one week of fifty, and in two weeks hardly ever
    usual = [before + (week % 3) - 1 for week in range(26)]
    severities = collapse(0, 0, 0, before=usual)
    assert severities == ([0, 3, 3] if before == 4 else [3, 3, 3])


def test_a_week_that_is_not_settled_has_no_denominator_yet() -> None:
    values, lineage = world([*USERS, 0], [*USERS, 0])
    values.loc[values.index[-1], "is_settled"] = False
    assert judged(denominators(values, lineage, COLLAPSE), [COLLAPSE]).severity.max() == 0


def test_people_are_no_fewer_for_holidays_and_no_more() -> None:
    # one open day of five, on which nearly all came: they are no five times as many
    shares = [1.0] * 10 + [0.2] * 5 + [1.0]
    denominator = [*USERS, *[38] * 5, 40]
    people = judged(
        denominators(*world(denominator, denominator, shares, is_distinct=True), COLLAPSE),
        [COLLAPSE],
    )
    assert people.severity.max() == 0 and people.expected.iloc[-1] == 38
    things = judged(denominators(*world(denominator, denominator, shares), COLLAPSE), [COLLAPSE])
    assert things.expected.iloc[-1] == 190
    # five that come on one open day may be all who were left in town
    few = denominators(*world([*USERS, 9], [*USERS, 9], [*[1.0] * 10, 0.2], None, True), COLLAPSE)
    assert judged(few, [COLLAPSE]).severity.max() == 0


def test_many_things_of_a_sum_that_is_as_large_as_ever_have_not_collapsed() -> None:
    # fewer releases that are larger: nothing is missing from what is divided by
    rows = denominators(*world([*LINES, 9300], [*LINES, 9300], unit_count=[*USERS, 3]), COLLAPSE)
    assert judged(rows, [COLLAPSE]).severity.max() == 0


def test_only_what_a_ratio_of_sums_divides_by_adds_up_amounts() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema registry; create schema metrics;
            create table registry.holidays (date date);
            create table registry.measures as from (values
                ('lines', 'sum', 'subject'), ('rows', 'count', null), ('minutes', 'sum', 'actor'))
                as t (measure_id, aggregate, unit_key);
            create table registry.metrics as from (values
                ('coverage', 'lines'), ('per_row', 'rows'), ('adoption', 'lines'), ('own', null))
                as t (metric_id, denominator_measure_id);
            alter table registry.metrics add column numerator_measure_id varchar;
            create table metrics.int_values_raw as
                select 'p' as product_id, metric_id, 'week' as period_grain,
                    date '2026-03-02' as period_start_date, kind, 900.0 as denominator,
                    0.5 as raw_value, true as is_ripe, 4 as unit_count
                from (values
                    ('coverage', 'ratio_of_sums'), ('per_row', 'ratio_of_sums'),
                    ('adoption', 'proportion'), ('own', 'ratio_of_sums')) as t (metric_id, kind)
            """
        )
        found = connection.execute(VALUES).df().set_index("metric_id")
    assert found.is_of_amounts.to_dict() == {
        "coverage": True, "per_row": False, "adoption": False, "own": False,
    }  # fmt: skip
    assert set(found.unit_count) == {4}


def test_what_is_divided_by_is_settled_once_a_metric_that_counts_it_is_ripe() -> None:
    # whether a deployment failed is known a week later than how many there were
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema registry; create schema metrics;
            create table registry.holidays (date date);
            create table registry.measures as select 'deployed' as measure_id, 'count' as aggregate,
                null as unit_key;
            create table registry.metrics as from (values
                ('fail_rate', 'failed', 'deployed'), ('frequency', 'deployed', null),
                ('other_rate', 'failed', 'released'), ('held', 'released', null))
                as t (metric_id, numerator_measure_id, denominator_measure_id);
            create table metrics.int_values_raw as
                select 'p' as product_id, metric_id, 'week' as period_grain,
                    date '2026-03-02' as period_start_date, kind, 900.0 as denominator,
                    0.5 as raw_value, is_ripe, 0 as unit_count
                from (values
                    ('fail_rate', 'proportion', false), ('frequency', 'count_rate', true),
                    ('other_rate', 'proportion', false), ('held', 'stock', true))
                    as t (metric_id, kind, is_ripe)
            """
        )
        found = connection.execute(VALUES).df().set_index("metric_id")
    assert found.is_settled.to_dict() == {
        "fail_rate": True, "frequency": True, "other_rate": False, "held": True,
    }  # fmt: skip


def test_each_metric_of_the_same_events_is_judged_beside_the_worst_of_them() -> None:
    values, lineage = world([*USERS, 0], [*USERS, 0])
    sound, _ = world([*USERS, 41], [*USERS, 41])
    values = pd.concat([values, sound.assign(metric_id="other")])
    lineage = pd.concat([lineage, lineage.assign(metric_id="other")])
    rows = denominators(values, lineage, COLLAPSE)
    found = judged_aspects(rows, [COLLAPSE]).groupby(["product_id", "metric_id"]).severity.max()
    assert found.to_dict() == {("p", "m"): 3, ("p", "other"): 0}
    assert judged(rows, [COLLAPSE]).severity.max() == 3
    assert not judged(rows, [COLLAPSE]).duplicated(["event_type", "week_start_date"]).any()


def test_evidence_names_the_metric() -> None:
    rows = denominators(*world([*USERS, 0], [*USERS, 0]), COLLAPSE)
    assert json.loads(judged(rows, [COLLAPSE]).evidence.iloc[-1]) == ["p.m"]


def test_fourteen_alternating_values_warn_and_thirteen_do_not() -> None:
    rng = np.random.default_rng(7)
    calm = list(50 + rng.normal(0, 3, 20).cumsum())
    level = calm[-1]
    turning = [level + (1 + k / 50) * (-1) ** k for k in range(20)]
    runs = alternating_runs(np.array(calm + turning))
    severity = mixture(calm + turning).set_index("n").severity
    assert severity[np.flatnonzero(runs == 14)[0] + 1] == 1
    assert severity[np.flatnonzero(runs == 13)[0] + 1] == 0


def test_fifteen_values_of_two_levels_hug_the_centre() -> None:
    assert hugging_runs(np.full(40, 50.0)).max() == 0
    mixed = np.array([48.0, 52.0] * 25)
    assert hugging_runs(mixed)[30:].min() == 15 and hugging_runs(mixed)[:30].max() == 0


def test_independent_values_hardly_ever_warn() -> None:
    rng = np.random.default_rng(3)
    warned = [mixture_warns(rng.normal(50, 5, 60)) for _ in range(200)]
    # method 1.2: fourteen alternating are no rarity among many charts, so they only warn
    assert np.mean(warned) <= 0.1


def mixture_warns(values: np.ndarray) -> bool:
    return bool((alternating_runs(values) >= 14).any() or (hugging_runs(values) >= 15).any())
