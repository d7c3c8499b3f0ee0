"""What an interval is, and how two of them make the interval of a difference."""

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
