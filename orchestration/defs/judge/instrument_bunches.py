"""How many amounts of a week lie beyond a limit, held against as many in the weeks before."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from orchestration.method.bunched import bunched_p

LEAST_TOLERATED = 0.001
"""Share of amounts beyond a limit that is no reason to distrust a source that never had one."""
LOG_UNITS = 10_000
Values = np.ndarray


@dataclass(frozen=True)
class Amounts:
    """Groups of amounts of one magnitude, by series and, within them, by week."""

    least: Values
    """Smallest logarithm of each group."""
    most: Values
    count: Values
    week: Values
    """Number of the week that each group is of."""
    begins: Values
    """Where the groups of each series begin, and at last where all end."""

    @classmethod
    def of(cls, groups: pd.DataFrame, series: Values, week: Values) -> "Amounts":
        """Return the groups by series; `groups` have series and weeks in order."""
        return cls(
            groups["least_log"].to_numpy() / LOG_UNITS,
            groups["most_log"].to_numpy() / LOG_UNITS,
            groups["event_count"].to_numpy(float),
            week,
            np.searchsorted(series, np.arange(series.max() + 2)),
        )

    def beyond(self, one: int, limit: float, way: int) -> tuple[Values, Values]:
        """Return how many amounts of a series lie above (way 1) or below a limit, and of how many.

        One element for each week from the first on, as all weeks are numbered.
        """
        mine = slice(self.begins[one], self.begins[one + 1])
        is_beyond = self.least[mine] > limit if way > 0 else self.most[mine] < limit
        size = self.week.max() + 1
        totals = np.bincount(self.week[mine], self.count[mine], size)
        return np.bincount(self.week[mine], self.count[mine] * is_beyond, size), totals


def many_p(found: Values, n: Values, past_found: Values, past_n: Values) -> float:
    """Return the chance of at least as many in each of the weeks `found` and `n` are of.

    It is the one that holds each week's share to be its own, or where it is larger that of
    amounts that come by themselves with a share of LEAST_TOLERATED.
    """
    total = n.sum()
    alone = float(stats.binom.sf(found.sum() - 1, total, LEAST_TOLERATED))
    if alone >= 1:
        return 1.0
    return max(alone, bunched_p(found, n, past_found, past_n))
