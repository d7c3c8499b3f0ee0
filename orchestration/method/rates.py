"""Intervals of counts and rates, their ratio and difference, and how far counts scatter."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from orchestration.method.intervals import (
    Floats,
    Interval,
    Numbers,
    mover_difference,
    normal_quantile,
)


def garwood(count: Numbers, confidence: float = 0.95) -> Interval:
    """Return the exact interval of the mean of a Poisson count.

    Divided by the exposure the limits bound a rate. Source: Garwood 1936. The table
    `ref_poisson_limits` holds the same for counts to 500.
    """
    tail = (1 - confidence) / 2
    # chi-square with no degree of freedom is 0
    low = stats.chi2.ppf(tail, np.maximum(2 * count, 1)) / 2
    return Interval(np.where(count == 0, 0.0, low), stats.chi2.ppf(1 - tail, 2 * count + 2) / 2)


def byar(count: Numbers, confidence: float = 0.95) -> Interval:
    """Return Byar's approximation of `garwood`, which needs no quantile of chi-square.

    Source: Breslow and Day 1987.
    """
    z = normal_quantile(confidence)
    least = np.maximum(count, 1)
    low = least * (1 - 1 / (9 * least) - z / (3 * np.sqrt(least))) ** 3
    more = count + 1
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return Interval(np.where(count == 0, 0.0, low), high)


def exact_rate_ratio(
    count: float, exposure: float, base_count: float, base_exposure: float, confidence: float
) -> tuple[float, float, float] | None:
    """Return ratio and exact interval of rate to base rate; None without events in the base.

    Source: conditional on the total, `count` is binomial; Clopper-Pearson limits of its share
    are turned into limits of the ratio.
    """
    if base_count == 0 or exposure <= 0 or base_exposure <= 0:
        return None
    tail = (1 - confidence) / 2
    total = count + base_count
    low = float(stats.beta.ppf(tail, count, total - count + 1)) if count > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, count + 1, total - count))
    odds = base_exposure / exposure
    return count / base_count * odds, low / (1 - low) * odds, high / (1 - high) * odds


def rate_ratio_p(count: int, exposure: float, base_count: int, base_exposure: float) -> float:
    """Return the exact two-sided p of equal rates, conditional on the total count."""
    share = exposure / (exposure + base_exposure)
    return float(stats.binomtest(count, count + base_count, share).pvalue)


def rate_difference(
    count: Numbers,
    exposure: Numbers,
    base_count: Numbers,
    base_exposure: Numbers,
    confidence: float = 0.95,
    widening: Numbers = 1.0,
) -> Interval:
    """Return the interval of rate - base rate: MOVER from Garwood's limits.

    `widening` is the factor for counts that scatter more than chance (`widening_of_counts`).
    """
    rates = count / exposure, base_count / base_exposure
    limits = [
        Interval(low / e, high / e)
        for (low, high), e in (
            (garwood(count, confidence), exposure),
            (garwood(base_count, confidence), base_exposure),
        )
    ]
    return mover_difference(rates[0], limits[0], rates[1], limits[1], widening)


def per_person_month(count: float, membership_days: Sequence[float], days_in_month: float) -> float:
    """Return a count per person-month; membership adds up by days, not by heads."""
    return count / (sum(membership_days) / days_in_month)


def dispersion(counts: Floats) -> float:
    """Return phi = variance / mean of counts per period; 1 is what chance alone gives."""
    return float(np.var(counts, ddof=1) / np.mean(counts))


def widening_of_counts(counts: Floats) -> float:
    """Return sqrt(max(1, phi)): scatter widens an interval, evenness never narrows it."""
    return float(np.sqrt(max(1.0, dispersion(counts))))
