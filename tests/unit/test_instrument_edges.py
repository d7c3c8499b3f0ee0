"""What is empty, one event, all broken or huge has a defined result in each check on shares."""

import math

import pandas as pd
import pytest
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)

from expectations.run import ExpectationError
from orchestration.defs.judge import guard
from orchestration.defs.judge.guard import judged
from tests.unit.test_instrument_severities import SEEDS

SHARES = (1, 2, 3, 4, 6, 15, 16, 20)
"""Checks of a share that is held against no past; 15 has its list of accounts here."""
LATEST = pd.Timestamp("2025-12-29")
"""A Monday whose week ends in the next year."""


def row(check_id: int, n: int, found: int, **more) -> pd.DataFrame:
    share = found / n if n else math.nan
    values = {
        "source_id": "wörk/台", "event_type": "tÿpe 😀", "week_start_date": LATEST, "aspect": None,
        "check_id": check_id, "n": n, "numerator": found, "statistic": share, "expected": 1.0,
        "evidence": '["é\\u0000"]',
    }  # fmt: skip
    return pd.DataFrame([values | more])


def judge(check_id: int, n: int, found: int, **more) -> pd.Series:
    (found_row,) = judged(row(check_id, n, found, **more), [SEEDS[check_id]]).to_dict("records")
    return pd.Series(found_row)


@pytest.mark.parametrize("check_id", (*SHARES, 5, 7, 13))
def test_an_empty_week_shows_nothing(check_id: int) -> None:
    found = judge(check_id, 0, 0)
    assert found["severity"] == 0 and math.isnan(found["p_value"])


@pytest.mark.parametrize("n", [50, 10**12])
@pytest.mark.parametrize("check_id", SHARES)
def test_all_of_many_broken_is_the_worst_that_the_check_knows(check_id: int, n: int) -> None:
    found = judge(check_id, n, n)
    # accounts on a list are removed, which never blocks
    assert found["severity"] == (2 if check_id == 15 else 3)
    # at a tolerated share of at most 2 %: 0.02 ** 50, or nothing that a double holds
    assert 0 <= found["p_value"] < 1e-80


@pytest.mark.parametrize("check_id", SHARES)
def test_one_broken_event_of_one_costs_a_number_only_where_one_in_a_thousand_is_tolerated(
    check_id: int,
) -> None:
    # p of one of one is the tolerated share itself: 0.01 %, a tenth of what fails, of reused ids
    assert judge(check_id, 1, 1)["severity"] == (3 if check_id == 3 else 0)


@pytest.mark.parametrize("check_id", (*SHARES, 7, 13))
def test_negative_zero_is_none(check_id: int) -> None:
    assert judge(check_id, 50, 0, statistic=-0.0)["severity"] == 0


@pytest.mark.parametrize(("seconds", "severity"), [(1e300, 0), (-1e300, 3), (-0.0, 0)])
def test_a_clock_that_is_off_by_any_number_is_judged(seconds: float, severity: int) -> None:
    assert judge(9, 50, 0, statistic=seconds, expected=60.0)["severity"] == severity


@pytest.mark.parametrize(("days", "severity"), [(1e300, 2), (0.0, 0), (-0.0, 0), (math.nan, 0)])
def test_lateness_of_any_length_is_judged(days: float, severity: int) -> None:
    assert judge(10, 50, 0, statistic=days, expected=2.0)["severity"] == severity


def test_finding_keeps_names_of_any_writing() -> None:
    found = judge(1, 50, 50)
    assert (found["source_id"], found["event_type"]) == ("wörk/台", "tÿpe 😀")
    assert (found["week_start_date"], found["evidence"]) == (LATEST, '["é\\u0000"]')


def test_text_in_place_of_a_number_is_an_error_and_no_finding() -> None:
    threshold = SEEDS[9]
    rows = row(9, 50, 50).assign(ahead_seconds="NaN", negative_share=0.0, ahead_in_taus=0.0)
    check = guard.Check(lambda given, _: given, guard.CHECKS[9][0].suite)
    with pytest.raises(ExpectationError, match="ahead_seconds"):
        guard._judged_check(rows, check, threshold)


def test_an_expectation_that_raises_is_an_error_and_no_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_, **__):
        raise ZeroDivisionError("broken while it was evaluated")

    monkeypatch.setattr(ExpectColumnValuesToBeBetween, "_validate", broken)
    with pytest.raises(ExpectationError, match="broken while it was evaluated"):
        judge(1, 50, 0)
