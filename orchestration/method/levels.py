"""The level of amounts in the weeks before, and how far from it a new week may lie."""

import numpy as np
from scipy import special

Values = np.ndarray


def level_parts(
    past_means: Values, past_counts: Values, within: Values
) -> tuple[Values, Values, Values, Values]:
    """Return what the next week's mean logarithm is expected to be and scatter by.

    Args:
        past_means: Mean logarithm of each earlier week, along the last axis; NaN where none is.
        past_counts: How many amounts each of these means is made of, same shape.
        within: Variance of single amounts about the mean of their week.

    Returns:
        The expected mean; the variance of what moves whole weeks, which is what the variance of
        the past means has beyond that of their amounts over their number; the variance of the
        expected mean; and degrees of freedom. NaN where fewer than two weeks are known.
    """
    known = ~np.isnan(past_means)
    weeks = known.sum(axis=-1)
    divisor = np.maximum(weeks, 1)
    expected = np.where(known, past_means, 0).sum(axis=-1) / divisor
    squares = np.where(known, (past_means - expected[..., None]) ** 2, 0).sum(axis=-1)
    between = np.where(weeks > 1, squares / np.maximum(weeks - 1, 1), np.nan)
    shares = 1 / np.where(known, past_counts, 1)
    share_of_one = np.where(known, shares, 0).sum(axis=-1) / divisor
    of_weeks = np.maximum(between - within * share_of_one, 0)
    return expected, of_weeks, between / divisor, np.maximum(weeks - 1.0, 1.0)


def predicted_level(
    past_means: Values, past_counts: Values, within: Values, count: Values
) -> tuple[Values, Values, Values]:
    """Return the expected mean logarithm of a week, its standard error and degrees of freedom.

    `count` is how many amounts the new week has, above 0; the others are those of `level_parts`.
    With as many amounts in every week this is the predictive interval of a normal sample, or wider.
    """
    expected, of_weeks, of_mean, degrees = level_parts(past_means, past_counts, within)
    return expected, np.sqrt(of_weeks + within / count + of_mean), degrees


def shift_p(distance: Values, error: Values, degrees: Values) -> Values:
    """Return the two-sided chance of a week this far off, by Student's t; NaN where unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(distance) / error
    # weeks that never differed at all don't differ by chance either
    ratio = np.where((error == 0) & (distance == 0), 0, ratio)
    return 2 * special.stdtr(degrees, -ratio)


def least_sure_within(past_means: Values, past_counts: Values, count: Values) -> Values:
    """Return the variance within weeks that makes a week's level least sure.

    Where only the weeks' means are known, nobody can tell what moves whole weeks from the scatter
    of their amounts. A week of fewer amounts than usual is taken to scatter as if all were the
    latter's, one of more as if none were. Arguments are those of `predicted_level`.
    """
    known = ~np.isnan(past_means)
    weeks = np.maximum(known.sum(axis=-1), 1)
    expected = np.where(known, past_means, 0).sum(axis=-1) / weeks
    squares = np.where(known, (past_means - expected[..., None]) ** 2, 0).sum(axis=-1)
    shares = 1 / np.where(known, past_counts, 1)
    share_of_one = np.where(known, shares, 0).sum(axis=-1) / weeks
    between = squares / np.maximum(weeks - 1, 1)
    is_few = count * share_of_one < 1
    return np.where(is_few, between / np.maximum(share_of_one, 1e-12), 0)
