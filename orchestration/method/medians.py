"""Which items bound a median."""

from typing import NamedTuple

from scipy import stats


class Ranks(NamedTuple):
    """Ranks, from 1, of the items that bound a median, and how often they do."""

    lower: int
    upper: int
    coverage: float


def median_ranks(count: int, confidence: float = 0.95) -> Ranks | None:
    """Return the narrowest symmetric pair of ranks that covers with `confidence` at least.

    None where even the least and the greatest item don't: below 6 items at 95 %. Source: signs
    around the true median are binomial. The table `ref_quantile_ranks` holds the same.
    """
    lower = int(stats.binom.ppf((1 - confidence) / 2, count, 0.5))
    if lower < 1:
        return None
    coverage = 1 - 2 * float(stats.binom.cdf(lower - 1, count, 0.5))
    return Ranks(lower, count + 1 - lower, coverage)
