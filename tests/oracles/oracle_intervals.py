"""The oracle's 95 % intervals, from scipy's distributions instead of tables."""

import hashlib
import math
from collections.abc import Mapping

import numpy
from scipy import stats

Interval = tuple[float | None, float | None]
NONE: Interval = (None, None)
Z = float(stats.norm.ppf(0.975))
# the published tables end here
MOST_EXACT_COUNT = 500
MOST_DEGREES = 1000
MOST_RANKED = 200
LEAST_CLUSTERS, MOST_CLUSTERS, SAMPLES = 12, 250, 2_000


RANKED = ("_finished_p90", "_median")


def method(
    metric: Mapping[str, str], suffix: str, numerator: float | None, low: float | None,
    high: float | None,
) -> str | None:  # fmt: skip
    """Return how an interval was computed, by the kind of its metric; None without one."""
    if low is None and high is None:
        return None
    if suffix:
        return "order_statistics" if suffix in RANKED else "modified_cox"
    if metric["kind"] == "count_rate":
        return "garwood" if round(numerator or 0) <= MOST_EXACT_COUNT else "byar"
    if metric["kind"] == "reliability":
        return "chi_square_one_sided" if high is None else "chi_square"
    return {"duration": "t", "proportion": "wilson", "quantile": "order_statistics"}[metric["kind"]]


def wilson(share: float, count: float) -> Interval:
    """Return Wilson's score interval of a share; none of what is no share."""
    if share > 1:
        return NONE
    centre = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count**2)) / (1 + Z * Z / count)
    return max(0.0, centre - half), min(1.0, centre + half)


def poisson(count: int) -> tuple[float, float]:
    """Return Garwood's exact limits of a count, Byar's beyond 500."""
    if count <= MOST_EXACT_COUNT:
        low = float(stats.chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
        return low, float(stats.chi2.ppf(0.975, 2 * count + 2)) / 2
    more = count + 1
    return (
        count * (1 - 1 / (9 * count) - Z / (3 * math.sqrt(count))) ** 3,
        more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3,
    )


def mean(values: list[float]) -> Interval:
    """Return Student's interval of a mean of times; none where they don't vary."""
    count = len(values)
    if count < 2:
        return NONE
    centre = math.fsum(values) / count
    variance = math.fsum((value - centre) ** 2 for value in values) / (count - 1)
    if variance <= 1e-12 * centre**2:
        return NONE
    factor = float(stats.t.ppf(0.975, min(count - 1, MOST_DEGREES)))
    half = factor * math.sqrt(variance / count)
    return max(0.0, centre - half), centre + half


def time_between(hours: float, failures: int) -> Interval:
    """Return the interval of operating hours per failure; one-sided without a failure."""
    if not failures:
        return (hours / -math.log(0.05), None) if hours > 0 else NONE
    low, high = poisson(failures)
    return hours / high, hours / low


def order_statistics(values: list[float], share: float) -> Interval:
    """Return the items that bound a quantile at 95 %, at most 2.5 % outside on each side.

    For a quantile q of n items, B(n, q) tells how many lie below it; beyond 200 items its normal
    approximation does.
    """
    count, ordered = len(values), sorted(values)
    if count <= MOST_RANKED:
        below = numpy.concatenate([[0], numpy.cumsum(stats.binom.pmf(range(count), count, share))])
        lower = max((r for r in range(1, count + 1) if below[r] <= 0.025), default=0)
        upper = min((r for r in range(1, count + 1) if 1 - below[r] <= 0.025), default=count + 1)
    else:
        spread = Z * math.sqrt(count * share * (1 - share))
        lower = math.floor(count * share - spread)
        upper = math.ceil(count * share + spread) + 1
    if lower < 1 or upper > count:
        return NONE
    return ordered[lower - 1], ordered[upper - 1]


def bootstrap(clusters: Mapping[str, tuple[float, float]], key: str) -> Interval:
    """Return the interval of a ratio of sums by drawing its clusters again, seeded by its key."""
    if len(clusters) < LEAST_CLUSTERS:
        return NONE
    parts = numpy.array([clusters[name] for name in sorted(clusters)], dtype=float)
    if len(parts) > MOST_CLUSTERS:
        groups = numpy.zeros((MOST_CLUSTERS, 2))
        for number, part in enumerate(parts):
            groups[number % MOST_CLUSTERS] += part
        parts = groups
    # draws are those of so many places; the key tells who stands at which
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    parts = parts[numpy.random.default_rng(seed).permutation(len(parts))]
    random = numpy.random.default_rng([len(parts), 0])
    draws = random.integers(0, len(parts), size=(SAMPLES, len(parts)))
    above, below = parts[:, 0][draws].sum(axis=1), parts[:, 1][draws].sum(axis=1)
    ratios = above[below != 0] / below[below != 0]
    if len(ratios) < 0.99 * SAMPLES:
        return NONE
    # percentiles as far apart as t and the variance of so few units want them
    units = len(parts)
    tail = float(stats.norm.sf(stats.t.ppf(0.975, units - 1) * math.sqrt(units / (units - 1))))
    low, high = numpy.quantile(ratios, [tail, 1 - tail])
    return float(low), float(high)
