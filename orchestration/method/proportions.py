"""Intervals of shares and of their difference; how many items a claim of no loss needs."""

import numpy as np
from scipy import stats

from orchestration.method.intervals import Interval, Numbers, mover_difference, normal_quantile


def wilson(successes: Numbers, trials: Numbers, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a share, 0 to 1; `trials` at least 1.

    Source: Wilson 1927. The models compute the same in SQL (`int_values_own`).
    """
    z = normal_quantile(confidence)
    share = successes / trials
    centre = share + z**2 / (2 * trials)
    half = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    scale = 1 + z**2 / trials
    return Interval(
        np.maximum(0.0, (centre - half) / scale), np.minimum(1.0, (centre + half) / scale)
    )


def jeffreys(successes: Numbers, trials: Numbers, confidence: float = 0.95) -> Interval:
    """Return Jeffreys' interval of a share; 0 and 1 are its limits at no and at all successes.

    Source: Brown, Cai and DasGupta 2001.
    """
    tail = (1 - confidence) / 2
    family = stats.beta(successes + 0.5, trials - successes + 0.5)
    return Interval(
        np.where(successes == 0, 0.0, family.ppf(tail)),
        np.where(successes == trials, 1.0, family.ppf(1 - tail)),
    )


def clopper_pearson(successes: Numbers, trials: Numbers, confidence: float = 0.95) -> Interval:
    """Return the exact interval of a share, which covers at least with `confidence`."""
    tail = (1 - confidence) / 2
    failures = trials - successes
    # a parameter of 0 has no quantile: the limit is then the end of the range
    low = stats.beta.ppf(tail, np.maximum(successes, 1), failures + 1)
    high = stats.beta.ppf(1 - tail, successes + 1, np.maximum(failures, 1))
    return Interval(np.where(successes == 0, 0.0, low), np.where(failures == 0, 1.0, high))


def newcombe_difference(
    first_successes: Numbers,
    first_trials: Numbers,
    second_successes: Numbers,
    second_trials: Numbers,
    confidence: float = 0.95,
) -> Interval:
    """Return the interval of first share - second share, -1 to 1.

    Source: Newcombe 1998, hybrid score without continuity correction.
    """
    return mover_difference(
        first_successes / first_trials,
        wilson(first_successes, first_trials, confidence),
        second_successes / second_trials,
        wilson(second_successes, second_trials, confidence),
    )


def items_to_show_no_loss(
    share: float, margin: float, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return the items a period needs to show that a share near `share` is no worse.

    Args:
        share: Expected share in both periods, 0 to 1.
        margin: Largest difference that still counts as no worse, 0 to 1.
        alpha: One-sided error.
        power: Chance to show it where there is no difference.

    Source: normal approximation of the two-sample test, equal periods.
    """
    quantiles = stats.norm.ppf(1 - alpha) + stats.norm.ppf(power)
    return int(np.ceil(2 * share * (1 - share) * (quantiles / margin) ** 2))
