"""What a fall of weekly figures goes on to, and how sure a sum is that scatters by so much."""

import numpy as np
from scipy import special

from orchestration.method.volumes import LEAST_HISTORY

QUARTER = 13
"""Weeks whose fall is carried on."""
FURTHEST = 4
"""Weeks beyond the first for which it is, at most."""
LEAST_FALL = 0.5
"""Standard errors by which it must fall: what hardly falls would halve the past that is known."""
LEAST_LEFT = 0.5
"""Of the quarter's mean: a fall is carried on no further than to that."""
MOST_PARTS = 400
"""Parts beyond which a sum is sure enough: the chance of half of them is nil."""
Values = np.ndarray


def carried_on(past: Values, ahead: Values, is_log: bool) -> tuple[Values, Values]:
    """Return which series have fallen over the last QUARTER, and these weeks at the present level.

    Args:
        past: Weeks along the last axis, the latest last; NaN where nothing is known.
        ahead: How many weeks lie between the last of them and the present one.
        is_log: Whether these are logarithms; else they are amounts or counts.

    A straight line through the weeks is carried on to the present one, and each week put as far
    from its end as it lies from the line, or as many times; further apart by what the line's own
    uncertainty adds. NaN where nothing falls, or fewer than LEAST_HISTORY of the weeks are known.
    """
    latest = past[:, -QUARTER:]
    known = ~np.isnan(latest)
    weeks = np.maximum(known.sum(axis=1), 1)
    time = np.broadcast_to(np.arange(-latest.shape[1], 0.0), latest.shape)
    centre = np.where(known, time, 0).sum(axis=1) / weeks
    mean = np.where(known, latest, 0).sum(axis=1) / weeks
    run = np.where(known, time - centre[:, None], 0)
    squares = np.maximum((run**2).sum(axis=1), 1e-12)
    slope = (run * np.where(known, latest - mean[:, None], 0)).sum(axis=1) / squares
    line = mean[:, None] + slope[:, None] * run
    left = latest - line
    residual = np.where(known, left**2, 0).sum(axis=1) / np.maximum(weeks - 2, 1)
    error = np.sqrt(residual / squares)
    is_falling = (known.sum(axis=1) >= LEAST_HISTORY) & (slope < -LEAST_FALL * error)
    way = np.minimum(ahead, FURTHEST) - centre
    least = mean + np.log(LEAST_LEFT) if is_log else mean * LEAST_LEFT
    end = np.maximum(mean + slope * way, least)[:, None]
    wider = np.sqrt(1 + 1 / weeks + way**2 / squares)[:, None]
    off = left if is_log else latest * end / np.maximum(np.maximum(line, end), 1e-300) - end
    moved = end + off * wider
    if not is_log:
        moved = np.maximum(moved, 0)
    return is_falling, np.where(is_falling[:, None], moved, np.nan)


def parts(past: Values, counts: Values, count: Values) -> tuple[Values, Values, Values]:
    """Return of how many equal parts an amount per contribution scatters as if it were made.

    Args:
        past: Logarithm of each earlier week's amount per contribution; NaN where none is known.
        counts: Of contributions in these weeks, same shape.
        count: Of contributions in the week to be judged.

    Returns:
        The parts, 1 over the squared coefficient of variation, fewer in a week of fewer
        contributions than usual; the logarithm of the mean; the weeks that are known.
    """
    known = ~np.isnan(past)
    weeks = known.sum(axis=1)
    divisor = np.maximum(weeks, 1)
    # the largest is 1: amounts may be as large as they like
    top = np.where(known, past, -np.inf).max(axis=1)
    top = np.where(weeks > 0, top, 0)
    sizes = np.where(known, np.exp(np.where(known, past, 0) - top[:, None]), 0)
    mean = sizes.sum(axis=1) / divisor
    squares = np.where(known, (sizes - mean[:, None]) ** 2, 0).sum(axis=1)
    variance = squares / np.maximum(weeks - 1, 1)
    share_of_one = np.where(known, 1 / np.where(known, counts, 1), 0).sum(axis=1) / divisor
    number = mean**2 / np.maximum(variance, 1e-12) * np.minimum(count * share_of_one, 1)
    return np.minimum(number, MOST_PARTS), np.log(np.maximum(mean, 1e-300)) + top, weeks


def missing_parts_p(number: Values, left: Values, weeks: Values) -> Values:
    """Return the chance of at most `left`, a whole number, of so many parts.

    They come as rare things do. How many there are is known from the scatter of `weeks` weeks
    only: as a variance of a normal sample it has half a gamma's shape a degree of freedom, which
    makes the count negative binomial.
    """
    size = np.maximum(weeks - 1, 1) / 2
    return special.betainc(size, left + 1, size / (size + number))
