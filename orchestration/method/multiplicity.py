"""p-values of many comparisons at once."""

import numpy as np

from orchestration.method.intervals import Floats


def holm(p_values: Floats) -> Floats:
    """Return Holm's adjusted p-values in the order given: no false alarm among all.

    Source: Holm 1979.
    """
    order = np.argsort(p_values)
    steps = len(p_values) - np.arange(len(p_values))
    return _back(np.maximum.accumulate(p_values[order] * steps), order)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Return adjusted p-values in the order given: few false ones among the alarms.

    Those at or below q have an expected share of false alarms of q. Source: Benjamini and
    Hochberg 1995.
    """
    order = np.argsort(p_values)
    steps = len(p_values) / np.arange(1, len(p_values) + 1)
    scaled = p_values[order] * steps
    return _back(np.minimum.accumulate(scaled[::-1])[::-1], order)


def chance_of_any(count: int, alpha: float) -> float:
    """Return the chance that one of `count` independent tests at `alpha` alarms by chance."""
    return 1 - (1 - alpha) ** count


def _back(adjusted: Floats, order: np.ndarray) -> Floats:
    """Put values back into the order they came in, 1 at most."""
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return result
