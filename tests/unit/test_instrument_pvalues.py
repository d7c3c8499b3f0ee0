"""P-values agree with the method's worked examples, and history learns nothing from failures."""

import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.instrument_pvalues import (
    excess_p,
    missing_finish_p,
    missing_finishes,
    shares,
    tolerated_share,
)


def weeks(*counts: tuple[int, int]) -> pd.DataFrame:
    """Return one finish type's weeks, each with (starts, ended)."""
    return pd.DataFrame(
        {
            "source_id": "s",
            "event_type": "ticket.closed",
            "week_start_date": pd.date_range("2026-03-02", periods=len(counts), freq="7D"),
            "n": [starts for starts, _ in counts],
            "numerator": [ended for _, ended in counts],
            "expected": np.nan,
        }
    )


def test_eleven_of_twenty_ended_against_92_percent() -> None:
    # method 7, worked; scipy.stats.binom
    assert missing_finish_p(20, 11, 0.92) == pytest.approx(9.943663028e-06, abs=1e-12)


def test_history_is_all_earlier_weeks() -> None:
    judged = missing_finishes(weeks((30, 27), (30, 28), (20, 18)), 0.1, 3)
    assert judged.expected.iloc[2] == pytest.approx(20 * 55.5 / 61)


def test_broken_month_does_not_become_the_norm() -> None:
    sound, broken = (20, 19), (20, 5)
    judged = missing_finishes(weeks(*[sound] * 10, *[broken] * 8), 0.1, 3)
    assert (judged.sure_gap.iloc[10:] > 0.69).all()
    assert judged.sure_gap.iloc[:10].isna().all()


def test_first_weeks_have_no_history_to_be_judged_by() -> None:
    judged = missing_finishes(weeks((10, 0), (9, 0), (10, 0)), 0.1, 3)
    assert judged.p_value.isna().all()


def test_one_missing_of_five_is_no_sure_gap_although_none_was_missing_before() -> None:
    judged = missing_finishes(weeks((20, 20), (20, 20), (5, 4)), 0.1, 3)
    assert judged.gap.iloc[2] > 0.1 and np.isnan(judged.sure_gap.iloc[2])


@pytest.mark.parametrize("starts", [3, 5, 10, 40])
def test_missing_finish_can_block_at_the_n_on_which_it_runs(starts: int) -> None:
    judged = missing_finishes(weeks(*[(20, 20)] * 10, (starts, 0)), 0.1, 3)
    assert judged.sure_gap.iloc[10] > 0.4


def test_awaited_finishes_that_never_came_at_all_fail_from_twenty_starts_on() -> None:
    none = weeks(*[(10, 0)] * 4).assign(is_awaited=True)
    judged = missing_finishes(none, 0.1, 3)
    # 0.7 ** 20: fewer than three in ten end
    assert list(judged.p_value[:2]) == pytest.approx([0.7**10, 0.7**20])
    assert list(judged.sure_gap.notna()) == [False, True, True, True]
    assert judged.sure_gap[3] == 0.3 and judged.expected.isna().all()


def test_where_no_metric_waits_for_them_finishes_may_never_come() -> None:
    for none in (weeks(*[(50, 0)] * 4), weeks(*[(50, 0)] * 4).assign(is_awaited=False)):
        assert missing_finishes(none, 0.1, 3).sure_gap.isna().all()


def test_one_end_shows_that_finishes_do_come() -> None:
    some = weeks((10, 1), *[(10, 0)] * 4).assign(is_awaited=True)
    assert missing_finishes(some, 0.1, 3).sure_gap.isna().all()


def test_weeks_without_any_finish_are_no_norm_once_finishes_come() -> None:
    mended = weeks(*[(30, 0)] * 8, *[(30, 29)] * 4, (30, 15)).assign(is_awaited=True)
    judged = missing_finishes(mended, 0.1, 3)
    assert list(judged.sure_gap.notna()) == [True] * 8 + [False] * 4 + [True]


def test_fewer_starts_than_the_minimum_fail_where_it_is_sure_and_never_warn() -> None:
    past = [(20, 20)] * 10
    warns, too_few = (missing_finishes(weeks(*past, (n, n - 1)), 0.1, 3) for n in (3, 2))
    assert warns.p_value.iloc[10] < 0.01 and np.isnan(too_few.p_value.iloc[10])
    for starts, is_sure in ((2, True), (1, False)):
        judged = missing_finishes(weeks(*past, (starts, 0)), 0.1, 3)
        assert (judged.sure_gap.iloc[10] > 0.4) == is_sure


def test_redelivery_and_double_counting_of_a_thousand_events() -> None:
    # method 7, worked: 1,000 raw, 960 distinct by id, 930 by business key
    rows = pd.DataFrame({"n": [1000, 960], "numerator": [40, 30]})
    rows["statistic"] = rows.numerator / rows.n
    judged = shares(rows, 0.01, 0.05, 10)
    assert list(judged.share) == pytest.approx([0.04, 0.03125])
    assert list(judged.sure_share) == pytest.approx([0.04, 0.03125])


@pytest.mark.parametrize(
    ("n", "defective", "is_sure"),
    [
        pytest.param(12, 1, False, id="one of twelve"),
        pytest.param(20, 2, False, id="two of twenty"),
        pytest.param(10, 4, True, id="four of ten"),
        pytest.param(1000, 51, True, id="just over 5 % of many"),
    ],
)
def test_share_is_sure_only_where_chance_does_not_explain_it(
    n: int, defective: int, is_sure: bool
) -> None:
    rows = pd.DataFrame({"n": [n], "numerator": [defective], "statistic": [defective / n]})
    assert shares(rows, 0.01, 0.05, 10).sure_share.notna().item() == is_sure


@pytest.mark.parametrize(
    ("warn", "fail", "block"),
    [(0.01, 0.05, 0.2), (0.005, 0.03, 0.15), (0, 0.001, 0.01), (0, 0.01, 0.05), (0.02, 0.1, 0.4)],
)
def test_share_check_can_block_at_its_smallest_n(warn: float, fail: float, block: float) -> None:
    rows = pd.DataFrame({"n": [10], "numerator": [10], "statistic": [1.0]})
    assert shares(rows, warn, fail, 10).sure_share.item() > block


def test_where_any_defect_warns_a_tenth_of_the_failing_share_is_tolerated() -> None:
    assert (tolerated_share(0.01, 0.05), tolerated_share(0, 0.01)) == (0.01, 0.001)


def test_heaped_stamps_are_no_chance() -> None:
    # method 7, worked: 12 of 120 stamps on minute 0
    assert excess_p(np.array([120]), np.array([12]), 1 / 60)[0] == pytest.approx(
        9.158965783e-07, abs=1e-12
    )
