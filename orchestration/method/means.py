"""Intervals of means: of restricted times, of skewed times, of a difference."""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from orchestration.method.intervals import Floats, Interval, Numbers, normal_quantile
from orchestration.method.resampling import resampled_mean

LEAST_FOR_LOG_T, LEAST_FOR_COX, LEAST_FOR_BCA = 5, 7, 30


class Estimate(NamedTuple):
    """A number with its interval."""

    value: Numbers
    interval: Interval


def t_mean(values: Floats, confidence: float = 0.95) -> Estimate:
    """Return mean and t-interval over the last axis; at least 2 values.

    Of min(T, tau) this is the restricted mean of a ripe cohort (`int_values_own` in SQL).
    """
    count = values.shape[-1]
    mean = values.mean(axis=-1)
    error = values.std(axis=-1, ddof=1) / np.sqrt(count)
    half = stats.t.ppf((1 + confidence) / 2, count - 1) * error
    return Estimate(mean, Interval(mean - half, mean + half))


def welch_difference(after: Floats, before: Floats, confidence: float = 0.9) -> Interval:
    """Return the interval of mean(after) - mean(before) over the last axis.

    Each side has a variance of its own; degrees of freedom are rounded down, as in
    `int_balance_intervals`. Source: Welch 1947.
    """
    counts = after.shape[-1], before.shape[-1]
    errors = [
        side.var(axis=-1, ddof=1) / count
        for side, count in zip((after, before), counts, strict=True)
    ]
    total = errors[0] + errors[1]
    freedom = np.floor(
        total**2 / (errors[0] ** 2 / (counts[0] - 1) + errors[1] ** 2 / (counts[1] - 1))
    )
    half = stats.t.ppf((1 + confidence) / 2, freedom) * np.sqrt(total)
    difference = after.mean(axis=-1) - before.mean(axis=-1)
    return Interval(difference - half, difference + half)


def log_t_geometric_mean(values: Floats, confidence: float = 0.95) -> Estimate:
    """Return geometric mean and interval of positive values over the last axis; 5 or more."""
    mean, (low, high) = t_mean(np.log(values), confidence)
    return Estimate(np.exp(mean), Interval(np.exp(low), np.exp(high)))


def modified_cox_mean(values: Floats, confidence: float = 0.95) -> Estimate:
    """Return the mean of log-normal times and its interval over the last axis; 7 or more.

    exp(m + s^2 / 2) with t in place of z, m and s^2 of the logarithms. Source: Olsson 2005.
    Right as far as the logarithms are normal.
    """
    logs = np.log(values)
    count = values.shape[-1]
    variance = logs.var(axis=-1, ddof=1)
    middle = logs.mean(axis=-1) + variance / 2
    error = np.sqrt(variance / count + variance**2 / (2 * (count - 1)))
    half = stats.t.ppf((1 + confidence) / 2, count - 1) * error
    return Estimate(np.exp(middle), Interval(np.exp(middle - half), np.exp(middle + half)))


def bca_mean(values: Floats, confidence: float = 0.95) -> Estimate:
    """Return mean and BCa bootstrap interval; for 30 values or more that are not all equal.

    Below 30 it covers no better than t. The limits are those that ever more draws come to, so that
    nothing is drawn. Source: Efron 1987; the acceleration from means without one value each.
    """
    mean = float(values.mean())
    resampled = resampled_mean(values)
    apart = values - mean
    squares = apart * apart
    acceleration = float((squares * apart).sum() / (6 * squares.sum() ** 1.5))
    bias = special.ndtri(resampled.share_below(mean))
    shifted = bias + np.array([-1, 1]) * normal_quantile(confidence)
    levels = special.ndtr(bias + shifted / (1 - acceleration * shifted))
    low, high = resampled.quantiles(levels)
    return Estimate(mean, Interval(float(low), float(high)))
