"""Check 14 of sums: how little each contribution is, in one week or in several in a row."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_scale import LEAST_SD
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS
from orchestration.method.falls import carried_on, missing_parts_p, parts
from orchestration.method.levels import least_sure_within, predicted_level
from orchestration.method.volumes import LEAST_HISTORY

AMOUNT, CONTRIBUTIONS, SIZE, COUNT = range(4)
"""What a denominator adds up to, of how many independent things it is made on five open days, the
logarithm of the amount of one of them, and how many there were."""
LEAST_SIZE = 0.01
"""Of the usual amount per contribution: less than that, or nothing, is taken for that."""
PARTS_WEIGHT = 0.25
"""Of the chance that so many parts are missing, beside Student's: below 0.002 it is no more than a
tenth of a week a year, even where parts of one size are all that a sum is made of."""
Values = np.ndarray


@dataclass(frozen=True)
class SmallWeeks:
    """Weeks of little from each that came in a row up to now; one element a series."""

    before: Values
    """The past before the first of them: series x parts of a week x weeks."""
    weeks: Values
    distance: Values
    """Sum of how far their sizes are off; of the variances of these; of the parts that they
    should have had, and of those that were left."""
    variance: Values
    number: Values
    left: Values

    @classmethod
    def none(cls, count: int) -> "SmallWeeks":
        """Return that of no series any week was small."""
        zero = np.zeros(count)
        return cls(np.full((count, 4, PAST_WEEKS), np.nan), zero, zero, zero, zero, zero)


@dataclass(frozen=True)
class Size:
    """What the week's amounts per contribution show."""

    is_small: Values
    """Less than what fails is left of the usual one, and clearly less than of any week before."""
    p_value: Values
    """Of so little from each in all small weeks in a row; 1 where the week isn't small."""
    distance: Values
    """Of the week's logarithm from the expected one."""
    error: Values
    """Standard error of that."""


def judge_sizes(
    now: Values, past: Values, small: SmallWeeks, odd_weeks: Values, threshold: Threshold
) -> tuple[Size, SmallWeeks]:
    """Return what the sizes of a week show, and the small weeks in a row with it.

    Args:
        now: AMOUNT, CONTRIBUTIONS, SIZE and COUNT x series.
        past: Series x the same x weeks before.
        small: The small weeks in a row before this one.
        odd_weeks: How many odd weeks came before, which the past doesn't have.
        threshold: Of check 14.

    The p is the larger of Student's t on the logarithm, which knows how much sizes swing, and
    PARTS_WEIGHT times the chance that so many of its parts are missing, which knows that what
    swings may do so by a few large ones that all stay away. A fall of the last quarter is carried
    on. A row of small weeks is tested as one, against what came before the first of them.
    """
    past = np.where((small.weeks > 0)[:, None, None], small.before, past)
    falls, moved = carried_on(past[:, SIZE], odd_weeks, is_log=True)
    sizes = past[:, SIZE].copy()
    sizes[falls] = np.nan
    sizes[:, -moved.shape[1] :] = np.where(falls[:, None], moved, sizes[:, -moved.shape[1] :])
    counts, count = past[:, COUNT], np.nan_to_num(now[COUNT], nan=1)
    within = np.maximum(least_sure_within(sizes, counts, count), LEAST_SD**2)
    expected, error, degrees = predicted_level(sizes, counts, within, count)
    distance = np.maximum(now[SIZE] - expected, np.log(LEAST_SIZE))
    known = ~np.isnan(sizes)
    least = np.where(known, sizes, np.inf).min(axis=1)
    is_small = (
        (known.sum(axis=1) >= LEAST_HISTORY)
        & (distance < np.log(1 - threshold.fail))
        & (now[SIZE] < np.log(1 - threshold.warn / 2) + least)
    )
    # the uncertainty of the expected size is one and the same for all weeks in a row
    of_mean = _variance(sizes) / np.maximum(known.sum(axis=1), 1)
    number, mean, weeks = parts(sizes, counts, count)
    row = replace(
        small,
        weeks=small.weeks + 1,
        distance=small.distance + distance,
        variance=small.variance + error**2 - of_mean,
        number=small.number + number,
        left=small.left + np.floor(number * np.exp(np.minimum(expected + distance - mean, 0))),
    )
    of_row = np.sqrt(row.variance / row.weeks**2 + of_mean)
    student = special.stdtr(degrees, np.minimum(row.distance / row.weeks, 0) / of_row)
    missing = PARTS_WEIGHT * missing_parts_p(row.number, row.left, weeks)
    p_value = np.where(is_small, np.maximum(student, missing), 1)
    return Size(is_small, p_value, distance, error), _followed(small, row, past, is_small, now)


def _followed(
    small: SmallWeeks, row: SmallWeeks, past: Values, is_small: Values, now: Values
) -> SmallWeeks:
    """Return the row of small weeks after a week; one that isn't known doesn't end it."""
    is_seen = ~np.isnan(now[AMOUNT])

    def kept(name: str) -> Values:
        ended = np.where(is_seen, 0, getattr(small, name))
        return np.where(is_small, getattr(row, name), ended)

    return SmallWeeks(
        np.where((is_small & (small.weeks == 0))[:, None, None], past, small.before),
        *(kept(name) for name in ("weeks", "distance", "variance", "number", "left")),
    )


def _variance(values: Values) -> Values:
    """Return the variance along the last axis of what is known."""
    known = ~np.isnan(values)
    weeks = known.sum(axis=-1)
    mean = np.where(known, values, 0).sum(axis=-1) / np.maximum(weeks, 1)
    squares = np.where(known, (values - mean[..., None]) ** 2, 0).sum(axis=-1)
    return squares / np.maximum(weeks - 1, 1)
