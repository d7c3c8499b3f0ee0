"""Collapsed denominators and mixed sources are seen in metrics, whatever is withheld."""

import json

import numpy as np
import pandas as pd
import pytest

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.guard import judged, judged_aspects
from orchestration.defs.judge.instrument_values import (
    alternating_runs,
    collapse_p,
    denominators,
    hugging_runs,
    mixtures,
)

COLLAPSE = Threshold(14, "denominator collapse", 0.4, 0.5, 0.999, 0, "a denominator", "")
MIXTURE = Threshold(19, "mixture", 0, np.nan, np.nan, 14, "two sources", "")
USERS = [40, 42, 38, 41, 39, 43, 40, 37, 41, 40]


def world(
    denominator: list[float], values: list[float], open_share: list[float] | float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weekly values of one metric, and what its sides rest on."""
    weeks = pd.date_range("2026-01-05", periods=len(denominator), freq="7D")
    rows = pd.DataFrame(
        {
            "product_id": "p", "metric_id": "m", "week_start_date": weeks, "kind": "proportion",
            "denominator": denominator, "raw_value": values, "is_ripe": True,
            "open_share": open_share,
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


def collapse(*latest: float, before: list[int] = USERS) -> list[int]:
    """Return the severities of the latest weeks of a denominator."""
    denominator = [*before, *latest]
    rows = denominators(*world(denominator, denominator), COLLAPSE)
    found = judged(rows, [COLLAPSE])
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


def test_collapse_costs_two_months_then_warns_for_half_a_year_and_then_rests() -> None:
    assert collapse(*[12] * 30) == [2] * 8 + [1] * 18 + [0] * 4


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
