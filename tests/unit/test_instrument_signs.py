"""Check 12 on signs: amounts of nothing or less are told where there were hardly any before."""

from dataclasses import replace

import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_signs import signs
from tests.unit.test_instrument_severities import SEEDS

SCHEMA = SEEDS[12]
Count = tuple[int, int]


def severities(
    *weeks: Count, kind: str = "negative", other: int = 0, threshold: Threshold = SCHEMA
) -> list[int]:
    """Return the severity of each week of how many amounts of a kind came, of how many."""
    start = pd.Timestamp("2026-01-05")
    rows = pd.DataFrame([
        {
            "source_id": "s", "event_type": "t", "property": "amount", "n": n,
            "week_start_date": start + pd.Timedelta(weeks=number),
            "negative_count": other, "zero_count": other, f"{kind}_count": count,
            "negative_ids": '["a"]', "zero_ids": '["b"]',
        }
        for number, (count, n) in enumerate(weeks)
    ])  # fmt: skip
    found = signs(rows, threshold)
    if found.empty:
        return [0] * len(weeks)
    shown = judged(found, [threshold])
    by_week = dict(zip(shown["week_start_date"], shown["severity"], strict=True))
    return [by_week.get(start + pd.Timedelta(weeks=i), 0) for i in range(len(weeks))]


def test_negative_amounts_fail_where_none_ever_came() -> None:
    assert severities(*[(0, 10)] * 12, (10, 10), (6, 10), (0, 10))[-3:] == [2, 2, 0]


def test_zeros_only_warn() -> None:
    assert severities(*[(0, 10)] * 12, (10, 10), kind="zero")[-1] == 1


def test_share_that_always_scattered_is_no_finding() -> None:
    weeks = [(0, 10), (7, 10), (1, 10), (4, 10)] * 5
    assert set(severities(*weeks, (9, 10), kind="zero")) == {0}


def test_nothing_is_said_before_four_weeks_and_of_one_amount() -> None:
    assert severities(*[(0, 10)] * 3, (10, 10)) == [0] * 4
    assert severities(*[(0, 10)] * 12, (1, 1))[-1] == 0


def test_fewer_than_twice_as_many_are_no_finding() -> None:
    assert severities(*[(260, 1000)] * 26, (500, 1000))[-1] == 0
    assert severities(*[(260, 1000)] * 26, (540, 1000))[-1] == 2


def test_fault_warns_from_the_ninth_week_on_and_is_the_norm_after_half_a_year() -> None:
    shown = severities(*[(0, 10)] * 8, *[(10, 10)] * 30)[8:]
    assert shown == [2] * 8 + [1] * 18 + [0] * 4


def test_weeks_that_only_warn_do_not_use_up_those_that_may_cost() -> None:
    # of two amounts a finding only warns
    shown = severities(*[(0, 1000)] * 26, (2, 2), *[(10, 10)] * 9)[26:]
    assert shown == [1, *[2] * 8, 1]


def test_how_many_weeks_may_cost_and_when_they_are_the_norm_is_in_the_registry() -> None:
    changed = replace(SCHEMA, parameters={"costly_weeks": 3, "rest_weeks": 5})
    shown = severities(*[(0, 10)] * 8, *[(10, 10)] * 6, threshold=changed)
    assert shown[8:] == [2, 2, 2, 1, 1, 0]


def test_shares_that_scatter_by_chance_are_hardly_ever_found() -> None:
    assert found_in(bunching=1e6) <= 1
    assert found_in(bunching=10) <= 8


def found_in(bunching: float) -> int:
    """Return how many of 2,016 sound weeks are found; few `bunching` is much."""
    rng, found = np.random.default_rng(8), 0
    for share in (0.02, 0.1, 0.3):
        for _ in range(12):
            shares = rng.beta(share * bunching, (1 - share) * bunching, 60)
            n = rng.poisson(20, 60) + 1
            weeks = zip(rng.binomial(n, shares).tolist(), n.tolist(), strict=True)
            found += sum(severity > 0 for severity in severities(*weeks))
    return found
