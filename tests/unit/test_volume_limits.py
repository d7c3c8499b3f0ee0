"""Up to which scatter counts are even, and how many weeks are the past of a volume."""

import numpy as np
import pytest
from scipy import stats

from orchestration.defs.judge.instrument_volumes import volume_p, volumes
from tests.unit.test_instrument_volumes import VOLUME, days


# variance over mean of eight counts 100 - x, 100 + x: x * x * 8 / 7 / 100
@pytest.mark.parametrize(("off", "is_even"), [(11.4, True), (11.5, False)])
def test_counts_are_even_up_to_one_and_a_half_of_their_mean(off: float, is_even: bool) -> None:
    past = np.array([100 - off, 100 + off] * 4)
    variance = np.var(past, ddof=1)
    size, chance = 800.5, 8 / 9
    if not is_even:
        size, chance = 100**2 / (variance - 100), 100 / variance
    # method 7.1: gamma-Poisson with Jeffreys' prior, or negative binomial by moments
    expected = 2 * stats.nbinom.cdf(70, size, chance)
    assert volume_p(np.array([70.0]), past[None, :])[1][0] == pytest.approx(expected, rel=1e-9)


def test_the_latest_half_year_is_the_past() -> None:
    rows = volumes(days({"t": [7] * 7 + [6] * 7 * 28}), VOLUME)
    expected = rows.sort_values("week_start_date")["expected"].to_numpy()
    # the first week judged is the ninth: the 27th still has the week of 49, the 28th has not
    assert expected[18] == pytest.approx((49 + 25 * 42) / 26) and expected[19] == 42
