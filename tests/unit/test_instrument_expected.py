"""A share that is held against no past says how large a one is tolerated."""

import pandas as pd
import pytest

from orchestration.defs.judge.guard import CHECKS, judged
from orchestration.defs.judge.instrument_readings import REQUIRED, UNREADABLE
from orchestration.defs.judge.instrument_scale import SCALE
from tests.unit.test_instrument_severities import SEEDS

NEW_PROPERTY = "new property"
CASES = [
    # check, aspect, tolerated: where it warns or, where any warns, a tenth of where it fails
    (1, None, 0.01), (2, None, 0.005), (2, "new ids", 0.005), (3, None, 0.0001), (4, None, 0.01),
    (6, None, 0.001), (12, REQUIRED, 0.001), (12, UNREADABLE, 0.001), (12, SCALE, 0),
    (12, NEW_PROPERTY, 0), (15, None, 0.02), (16, None, 0.02), (18, None, 0), (20, None, 0.001),
    (20, "gone", 0.001),
]  # fmt: skip


@pytest.mark.parametrize("n", [3, 400], ids=["below the least n", "enough"])
@pytest.mark.parametrize(("check_id", "aspect", "expected"), CASES)
def test_the_tolerated_share_is_what_is_expected(
    check_id: int, aspect: str | None, expected: float, n: int
) -> None:
    statistics = pd.DataFrame([{
        "source_id": "s", "event_type": "t", "week_start_date": pd.Timestamp("2026-01-05"),
        "check_id": check_id, "aspect": aspect, "n": n, "numerator": 1, "statistic": 1 / n,
        # of accounts the length of the list, elsewhere nothing
        "expected": 7.0 if check_id == 15 else None, "evidence": None,
        "share": 1 / n, "sure_share": None,
    }])  # fmt: skip
    (row,) = judged(statistics, [SEEDS[check_id]]).itertuples()
    assert row.expected == pytest.approx(expected, abs=1e-12)
    assert row.statistic == 1 / n


def test_no_check_that_is_held_against_no_past_is_left_out() -> None:
    """The others say what to expect themselves: their own past, a plan, a declaration."""
    told = {5, 7, 8, 9, 10, 11, 13, 14, 17, 19}
    assert {check_id for check_id, *_ in CASES} | told == set(CHECKS)
    aspects = {(number, check.aspect) for number in CHECKS for check in CHECKS[number]}
    past = {(2, "new ids to the second"), (12, None), (15, "shared")}
    assert {place for place in aspects - past if place[0] not in told} <= {c[:2] for c in CASES}
