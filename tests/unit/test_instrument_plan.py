"""A finish that never came is missing from when many tasks should have ended, and not before."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from orchestration.defs.judge.instrument_plan import many_starts, unended_since, with_awaited
from tests.unit.test_instrument_severities import SEEDS

AWAITED = pd.DataFrame(
    {"source_id": ["tool", "other"], "product_id": "p", "event_type": "task.ended"}
).assign(horizon_hours=24.0 * 10)


def starts(*ended: int, check_id: int = 5) -> pd.DataFrame:
    """Return weeks of ten mature starts of `tool`, with how many of them ended."""
    return pd.DataFrame(
        {
            "source_id": "tool",
            "event_type": "task.ended",
            "check_id": check_id,
            "week_start_date": pd.date_range("2026-01-05", periods=len(ended), freq="7D"),
            "n": 10,
            "numerator": ended,
        }
    )


def test_as_many_starts_are_needed_as_rule_out_the_gap_that_fails() -> None:
    assert many_starts(SEEDS[5]) == 66
    assert 0.9**66 < 0.001 < 0.9**65
    assert many_starts(replace(SEEDS[5], fail=0.4)) == 14


def test_it_is_known_when_the_last_of_them_should_have_ended_for_all_sources_of_the_product() -> (
    None
):
    # the seventh week has the 66th start; ten days are two weeks, and late events take one more
    known = np.datetime64(date(2026, 3, 9))
    found = unended_since(starts(*[0] * 9), AWAITED, 66)
    assert found == {("tool", "task.ended"): known, ("other", "task.ended"): known}
    assert unended_since(starts(*[0] * 7), AWAITED, 66) == found


def test_nothing_is_known_of_few_starts_or_after_one_that_ended() -> None:
    assert unended_since(starts(*[0] * 6), AWAITED, 66) == {}
    assert unended_since(starts(0, 1, *[0] * 20), AWAITED, 66) == {}
    assert unended_since(starts(*[0] * 9), AWAITED[:0], 66) == {}


def test_what_ends_later_takes_nothing_back() -> None:
    late = [0] * 9 + [5] * 3
    assert unended_since(starts(*late), AWAITED, 66) == unended_since(starts(*[0] * 9), AWAITED, 66)


def test_only_finishes_that_a_metric_times_are_awaited() -> None:
    rows = pd.concat([starts(0), starts(0).assign(event_type="x"), starts(0, check_id=4)])
    assert list(with_awaited(rows, AWAITED).is_awaited) == [True, False, False]
