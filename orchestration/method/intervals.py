"""What an interval is, and how two of them make the interval of a difference."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Numbers = float | Floats


class Interval(NamedTuple):
    """Lower and upper limit: two numbers, or two arrays of one shape."""

    low: Numbers
    high: Numbers


@cache
def normal_quantile(confidence: float) -> float:
    """Return z such that -z to z holds a share `confidence` of a standard normal."""
    return float(stats.norm.ppf((1 + confidence) / 2))


def mover_difference(
    first: Numbers,
    first_limits: Interval,
    second: Numbers,
    second_limits: Interval,
    widening: Numbers = 1.0,
) -> Interval:
    """Return the interval of first - second from the interval of each.

    Args:
        first: Estimate with its limits; both of the confidence wanted for the difference.
        second: As `first`, independent of it.
        widening: Factor on the distance of each limit from the difference, at least 1.

    Source: method of variance estimates recovery, Zou and Donner 2008.
    """
    difference = first - second
    below = np.hypot(first - first_limits.low, second_limits.high - second)
    above = np.hypot(first_limits.high - first, second - second_limits.low)
    return Interval(difference - widening * below, difference + widening * above)


@cache
def expanded_levels(count: int, confidence: float) -> tuple[float, float]:
    """Return the percentiles of a bootstrap that make an interval of so many units.

    Percentiles of resampled values lie too close together by sqrt((n - 1) / n) and know nothing of
    t: at 12 units the plain 2.5 % and 97.5 % hold the truth in 0.89, these (1.1 % and 98.9 %)
    in 0.94. Source: expanded percentile interval, Hesterberg 2015.
    """
    z = stats.t.ppf((1 + confidence) / 2, count - 1) * np.sqrt(count / (count - 1))
    low = float(stats.norm.cdf(-z))
    return low, 1 - low
