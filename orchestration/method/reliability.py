"""Mean time between failures: its bounds, and whether it is one number at all."""

import numpy as np
from scipy import stats

from orchestration.method.intervals import Floats

LEAST_FAILURES_FOR_TREND = 4


def mtbf_bounds(
    operating_hours: float, failures: int, confidence: float = 0.95, sides: int = 2
) -> tuple[float | None, float, float | None]:
    """Return mean time between failures in hours, its lower and its upper bound.

    Args:
        operating_hours: Time up within a window whose end was not chosen by a failure.
        failures: Failures that began in the window.
        confidence: Of the interval, or of the lower bound alone where `sides` is 1.
        sides: 1 or 2.

    Without a failure there is a lower bound only, T / -ln(1 - confidence) if one-sided.
    Source: W. Nelson 1982, time-truncated test; assumes a constant rate (see `laplace_trend`).
    """
    tail = (1 - confidence) / sides
    lower = 2 * operating_hours / float(stats.chi2.ppf(1 - tail, 2 * failures + 2))
    if failures == 0:
        return None, lower, None
    upper = 2 * operating_hours / float(stats.chi2.ppf(tail, 2 * failures)) if sides == 2 else None
    return operating_hours / failures, lower, upper


def laplace_trend(failure_hours: Floats, window_hours: float) -> tuple[float, float]:
    """Return Laplace's U and its two-sided p; above 0 failures crowd towards the end.

    Args:
        failure_hours: Onsets since the start of the window, at least 4.
        window_hours: Length of the window.

    Beyond 1.96 either way a mean time between failures says nothing. Source: Ascher and
    Feingold 1984. `int_failure_trends` computes U in SQL.
    """
    count = len(failure_hours)
    if count < LEAST_FAILURES_FOR_TREND:
        raise ValueError(f"{count} failures show no trend: {LEAST_FAILURES_FOR_TREND} are needed")
    trend = float(np.sqrt(12 * count) * (np.mean(failure_hours) / window_hours - 0.5))
    return trend, float(2 * stats.norm.sf(abs(trend)))
