"""How much a denominator may swing, how small its parts count, and how long a past must be."""

import math

import pytest

from orchestration.defs.judge.instrument_history import past_share
from orchestration.defs.judge.instrument_pvalues import missing_finishes
from tests.unit.test_instrument_pvalues import weeks
from tests.unit.test_instrument_values import COLLAPSE, LINES, USERS, collapse, denominators, world


# deviation over mean of ten weeks of 100 - x and 100 + x: x * sqrt(10 / 9) / 100
@pytest.mark.parametrize(("swing", "severity"), [(37, 2), (39, 0)])
def test_counts_that_swing_by_more_than_two_fifths_do_not_collapse(
    swing: int, severity: int
) -> None:
    assert collapse(5, before=[100 - swing, 100 + swing] * 5) == [severity]


def p_of_each(times_less: float) -> float:
    """Return p of a week with as many things as ever, each so many times smaller."""
    lines = [*LINES, 9300 / times_less]
    rows = denominators(*world(lines, lines, unit_count=[*USERS, 40]), COLLAPSE)
    return rows["p_value"].iloc[-1]


def test_less_than_a_hundredth_of_each_is_taken_for_that() -> None:
    # nothing at all is no surer than little: its logarithm has no end
    assert p_of_each(math.inf) == p_of_each(1000) == p_of_each(110)
    assert p_of_each(110) < p_of_each(85)


@pytest.mark.parametrize(("starts", "is_known"), [(19, False), (20, True)])
def test_twenty_events_before_are_a_past(starts: int, is_known: bool) -> None:
    assert math.isnan(past_share(starts, 0)) is not is_known
    judged = missing_finishes(weeks((starts, starts), (20, 10)), 0.1, 3)
    assert math.isnan(judged["p_value"].iloc[-1]) is not is_known
