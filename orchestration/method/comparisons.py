"""p-values of the last periods against the baseline: what a page that scans many pairs ranks by."""

import numpy as np
from scipy import stats

from orchestration.method.intervals import Floats
from orchestration.method.rates import rate_ratio_p

FREEDOM_PER_RANGE = 0.62
"""Degrees of freedom that each further period gives to a sigma from moving ranges of two."""


def charted_p(z: Floats, baseline_count: int, r1: float = 0.0) -> float:
    """Return the two-sided p of no change, from the places of the last periods on a chart.

    Args:
        z: Distances from the centre in sigma of the chart, one per period.
        baseline_count: Periods that the centre and sigma rest on.
        r1: Lag-one correlation where neighbouring periods are alike, else 0; means of such
            periods scatter more, by sqrt((1 + r1) / (1 - r1)).

    The mean of the last less that of the baseline, each with sigma^2 / n. Degrees of freedom of
    the sigma after Palm and Wheeler 1990.
    """
    alike = (1 + r1) / (1 - r1)
    error = np.sqrt(alike * (1 / len(z) + 1 / baseline_count))
    freedom = FREEDOM_PER_RANGE * (baseline_count - 1)
    return float(2 * stats.t.sf(abs(float(np.mean(z))) / error, freedom))


def counted_p(kind: str, after: tuple[float, float], before: tuple[float, float]) -> float | None:
    """Return the exact two-sided p of equal shares (Fisher) or rates (conditional binomial).

    Args:
        kind: proportion or count_rate.
        after: Numerator and denominator of the last periods, added.
        before: The same of the baseline.

    None without items or exposure on a side.
    """
    if min(after[1], before[1]) <= 0:
        return None
    counts = round(after[0]), round(before[0])
    if kind == "count_rate":
        return rate_ratio_p(counts[0], after[1], counts[1], before[1]) if sum(counts) else 1.0
    rest = round(after[1]) - counts[0], round(before[1]) - counts[1]
    if min(rest) < 0:
        return None
    return float(np.asarray(stats.fisher_exact(np.array([counts, rest])))[1])


def widened_p(p_value: float, widening: float) -> float:
    """Return a two-sided p of counts that scatter `widening` times more than chance, 1 or more."""
    return float(2 * stats.norm.sf(stats.norm.isf(p_value / 2) / max(1.0, widening)))
