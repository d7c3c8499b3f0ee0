"""How many events a source should have sent, and what an odd number of them shows."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from orchestration.method.intervals import Floats

LEAST_HISTORY = 8
EVEN_ENOUGH = 1.5
"""Variance over mean up to which counts are taken as Poisson."""
ROBUST_SIGMA = 1.4826
"""Standard deviation of normal values over their median absolute deviation."""


@dataclass(frozen=True)
class Volume:
    """What counts of the same weekday let expect; counts outside are alarms."""

    mean: float
    variance: float
    size: float
    """Of the negative binomial that predicts the next count."""
    chance: float
    lower: int
    upper: int
    p_zero: float

    def chance_of_at_most(self, count: int) -> float:
        """Return the chance of a count this small or smaller."""
        return float(stats.nbinom.cdf(count, self.size, self.chance))


def expected_volume(history: Floats, alpha: float = 0.001) -> Volume:
    """Return what the counts of 8 or more earlier same weekdays let expect.

    Args:
        history: Counts, holidays left out.
        alpha: Chance of a count beyond either bound.

    Even counts: Gamma-Poisson predictive with Jeffreys' prior, which knows that the history is
    short. Counts that scatter: negative binomial by moments. Source: method 7.1.
    """
    if len(history) < LEAST_HISTORY:
        raise ValueError(f"{len(history)} counts tell nothing: {LEAST_HISTORY} are needed")
    mean, variance = float(np.mean(history)), float(np.var(history, ddof=1))
    if variance <= EVEN_ENOUGH * mean:
        size, chance = float(np.sum(history)) + 0.5, len(history) / (len(history) + 1)
    else:
        size = mean**2 / (variance - mean)
        chance = size / (size + mean)
    family = stats.nbinom(size, chance)
    return Volume(
        mean=mean,
        variance=variance,
        size=size,
        chance=chance,
        lower=int(family.ppf(alpha)),
        upper=int(family.ppf(1 - alpha)),
        p_zero=float(family.cdf(0)),
    )


def silence_horizon_days(events_per_day: float, alpha: float = 0.001) -> int:
    """Return the days without an event after which a source is silent beyond chance."""
    return int(np.ceil(np.log(1 / alpha) / events_per_day))


def heaping(count: int, on_minute: int, minutes: int = 60) -> tuple[float, float]:
    """Return how many times too many stamps fall on one minute, and the p of it.

    `minutes` are those that a stamp could fall on.
    """
    share = 1 / minutes
    return on_minute / (count * share), float(stats.binom.sf(on_minute - 1, count, share))


def is_denominator_collapsed(history: Floats, now: int) -> tuple[float, float, bool]:
    """Return now / median of history, the chance of so few, and whether it's a collapse.

    Below half of the median and a chance under 1 %. Source: method 7, check 14.
    """
    ratio = now / float(np.median(history))
    p_value = expected_volume(history).chance_of_at_most(now)
    return ratio, p_value, ratio < 0.5 and p_value < 0.01


def robust_z(value: float, values: Floats) -> float:
    """Return how far a value lies from the median, in robust standard deviations."""
    return abs(value - float(np.median(values))) / (ROBUST_SIGMA * median_deviation(values))


def median_deviation(values: Floats) -> float:
    """Return the median distance from the median."""
    return float(np.median(np.abs(values - np.median(values))))
