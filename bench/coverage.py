"""How often each published interval holds the truth, by number of items."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import stats

from orchestration.defs.judge.ratio_intervals import Parts, bootstrap_change, bootstrap_ratio
from orchestration.method import durations, means, medians, proportions, rates, reliability
from orchestration.method.intervals import Interval

Floats = np.ndarray
Generator = np.random.Generator

REFERENCE = Path(__file__).parents[1] / "seeds" / "reference" / "ref_quantile_ranks.csv"
RANKS = {
    (row["statistic"], int(row["item_count"])): (int(row["lower_rank"]), int(row["upper_rank"]))
    for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())
}
"""Ranks, from 1, of the items that bound a quantile, by statistic and number of items."""

SIZES = (5, 7, 12, 20, 50)
MANY, SOME = 20_000, 2_000
"""Replications a cell: of formulas on arrays, and of those that run one sample at a time."""


def share_of(interval: Interval, truth: Floats | float) -> float:
    return float(np.mean((interval.low <= truth) & (truth <= interval.high)))


def share(formula: Callable[..., Interval]) -> Callable[[int, Generator], float]:
    """Return the coverage of a share, averaged over true shares of 0 to 1."""

    def covered(n: int, rng: Generator) -> float:
        truth = rng.uniform(0, 1, MANY)
        x = rng.binomial(n, truth).astype(float)
        return share_of(formula(x, float(n)), truth)

    return covered


def newcombe(n: int, rng: Generator) -> float:
    """Return the coverage of the 90 % interval of a difference, n items a side."""
    truths = rng.uniform(0, 1, (2, MANY))
    x, y = rng.binomial(n, truths).astype(float)
    limits = proportions.newcombe_difference(x, float(n), y, float(n), confidence=0.9)
    return share_of(limits, truths[0] - truths[1])


def count(formula: Callable[..., Interval]) -> Callable[[int, Generator], float]:
    """Return the coverage of a count of which n are expected."""

    def covered(n: int, rng: Generator) -> float:
        return share_of(formula(rng.poisson(n, MANY).astype(float)), float(n))

    return covered


def rate_difference(n: int, rng: Generator) -> float:
    """Return the coverage of the 90 % interval of a difference of rates of n and n events."""
    after, before = rng.poisson(n, (2, MANY)).astype(float)
    return share_of(rates.rate_difference(after, 8.0, before, 8.0, confidence=0.9), 0.0)


def rate_ratio(n: int, rng: Generator) -> float:
    """Return the coverage of the 90 % interval of a ratio, n events a side expected."""
    found = [
        rates.exact_rate_ratio(float(a), 8, float(b), 16, 0.9)
        for a, b in zip(rng.poisson(n, SOME), rng.poisson(2 * n, SOME), strict=True)
    ]
    return float(np.mean([r is not None and r[1] <= 1 <= r[2] for r in found]))


def t_of_lognormal(n: int, rng: Generator) -> float:
    """Return the coverage of t for a skewed mean: what it does where nothing restricts T."""
    return share_of(means.t_mean(rng.lognormal(0, 1, (MANY, n))).interval, np.exp(0.5))


TAU = float(np.exp(1.0))
"""One sd of log above the median: 16 % of the items are restricted."""
RESTRICTED_MEAN = float(np.minimum(np.random.default_rng(1).lognormal(0, 1, 4_000_000), TAU).mean())


def t_of_restricted(n: int, rng: Generator) -> float:
    """Return the coverage of the published interval of a restricted mean, ripe cohorts."""
    times = np.minimum(rng.lognormal(0, 1, (MANY, n)), TAU)
    return share_of(means.t_mean(times).interval, RESTRICTED_MEAN)


def greenwood(n: int, rng: Generator) -> float:
    """Return the coverage of the early reading of weeks of which a quarter isn't over yet."""
    covered = []
    while len(covered) < SOME:
        times = rng.lognormal(0, 1, n)
        followed = np.where(rng.uniform(size=n) < 0.25, rng.uniform(0, TAU, n), TAU)
        seen = np.minimum(times, followed)
        mean = durations.restricted_mean(durations.kaplan_meier(seen, times <= followed), TAU)
        # shown only where the follow-up reaches tau
        if mean is not None:
            low, high = mean.interval()
            covered.append(low <= RESTRICTED_MEAN <= high)
    return float(np.mean(covered))


def welch(n: int, rng: Generator) -> float:
    """Return the coverage of the 90 % interval of a difference of restricted means."""
    sides = np.minimum(rng.lognormal(0, 1, (2, MANY, n)), TAU)
    return share_of(means.welch_difference(*sides), 0.0)


def log_t(n: int, rng: Generator) -> float:
    return share_of(means.log_t_geometric_mean(rng.lognormal(0, 1, (MANY, n))).interval, 1.0)


def cox(n: int, rng: Generator) -> float:
    times = rng.lognormal(0, 1, (MANY, n))
    return share_of(means.modified_cox_mean(times).interval, np.exp(0.5))


def bca(n: int, rng: Generator) -> float:
    found = [means.bca_mean(rng.lognormal(0, 1, n)).interval for _ in range(SOME)]
    return share_of(Interval(*np.array(found).T), np.exp(0.5))


def median(n: int, rng: Generator) -> float | None:
    ranks = medians.median_ranks(n)
    if ranks is None:
        return None
    times = np.sort(rng.lognormal(0, 1, (MANY, n)), axis=1)
    return share_of(Interval(times[:, ranks.lower - 1], times[:, ranks.upper - 1]), 1.0)


P90 = float(np.exp(stats.norm.ppf(0.9)))


def tail(n: int, rng: Generator) -> float | None:
    """Return the coverage of the ranks that bound a 90th percentile, as SQL looks them up."""
    ranks = RANKS.get(("p90", n))
    if ranks is None:
        return None
    times = np.sort(rng.lognormal(0, 1, (MANY, n)), axis=1)
    return share_of(Interval(times[:, ranks[0] - 1], times[:, ranks[1] - 1]), P90)


def finished_mean(n: int, rng: Generator) -> float | None:
    """Return the coverage of what is published of skewed times that are no log-normal ones.

    Cox below 30 items, BCa from there on; gamma of shape 2, which has the skewness of waiting for
    two things one after the other.
    """
    if n < means.LEAST_FOR_COX:
        return None
    if n < means.LEAST_FOR_BCA:
        return share_of(means.modified_cox_mean(rng.gamma(2, 1, (MANY, n))).interval, 2.0)
    found = [means.bca_mean(rng.gamma(2, 1, n)).interval for _ in range(SOME)]
    return share_of(Interval(*np.array(found).T), 2.0)


def mtbf(n: int, rng: Generator) -> float:
    """Return the coverage of the bounds where n failures are expected in the window."""
    failures = rng.poisson(n, SOME)
    found = [reliability.mtbf_bounds(100.0 * n, int(r)) for r in failures]
    return float(np.mean([low <= 100 and (high is None or high >= 100) for _, low, high in found]))


def clusters(n: int, rng: Generator) -> Parts:
    """Return n people with hours of work and the part of it that went into repairs."""
    hours = rng.gamma(4, 10, n)
    return Parts(hours * rng.beta(2, 6, n), hours)


def cluster_bootstrap(n: int, rng: Generator) -> float | None:
    """Return the coverage of the 95 % interval of a ratio of sums over n people."""
    if n < 12:
        return None
    covered = []
    for number in range(SOME):
        limits = bootstrap_ratio(clusters(n, rng), f"c{number}")
        assert limits is not None
        covered.append(limits[0] <= 0.25 <= limits[1])
    return float(np.mean(covered))


def cluster_change(n: int, rng: Generator) -> float | None:
    """Return the coverage of the 90 % interval of a change of a ratio of sums, no change."""
    if n < 12:
        return None
    covered = []
    for number in range(SOME):
        sides = clusters(n, rng), clusters(n, rng)
        limits = bootstrap_change(*sides, f"c{number}", "absolute")
        assert limits is not None
        covered.append(limits[0] <= 0 <= limits[1])
    return float(np.mean(covered))


# name, nominal coverage, replications, function
INTERVALS: list[tuple[str, float, int, Callable[[int, Generator], float | None]]] = [
    ("share: Wilson", 0.95, MANY, share(proportions.wilson)),
    ("share: Jeffreys", 0.95, MANY, share(proportions.jeffreys)),
    ("share: Clopper-Pearson (not published)", 0.95, MANY, share(proportions.clopper_pearson)),
    ("difference of shares: Newcombe", 0.90, MANY, newcombe),
    ("rate: Garwood, n events expected", 0.95, MANY, count(rates.garwood)),
    ("rate: Byar, n events expected", 0.95, MANY, count(rates.byar)),
    ("difference of rates: MOVER", 0.90, MANY, rate_difference),
    ("ratio of rates: exact", 0.90, SOME, rate_ratio),
    ("restricted mean, ripe: t", 0.95, MANY, t_of_restricted),
    ("difference of restricted means: Welch", 0.90, MANY, welch),
    ("restricted mean, early reading: Greenwood", 0.95, SOME, greenwood),
    ("mean, log-normal: t (not published)", 0.95, MANY, t_of_lognormal),
    ("mean, log-normal: modified Cox", 0.95, MANY, cox),
    ("mean, log-normal: BCa", 0.95, SOME, bca),
    ("geometric mean: log-t", 0.95, MANY, log_t),
    ("median: ranks", 0.95, MANY, median),
    ("90th percentile: ranks", 0.95, MANY, tail),
    ("mean of finished, gamma: Cox, BCa from 30", 0.95, SOME, finished_mean),
    ("time between failures: chi-square, n expected", 0.95, SOME, mtbf),
    ("ratio of sums: cluster bootstrap", 0.95, SOME, cluster_bootstrap),
    ("change of a ratio of sums: cluster bootstrap", 0.90, SOME, cluster_change),
]

# what the method's own simulation gave, at the sizes that are ours too
METHOD: dict[str, dict[int, float]] = {
    "share: Wilson": {5: 0.955, 7: 0.955, 20: 0.953},
    "share: Jeffreys": {5: 0.956, 7: 0.957, 20: 0.949},
    "share: Clopper-Pearson (not published)": {5: 0.990, 7: 0.987, 20: 0.976},
    "mean, log-normal: t (not published)": {7: 0.82, 12: 0.85, 20: 0.88},
    "mean, log-normal: BCa": {7: 0.82, 12: 0.85, 20: 0.89},
    "mean, log-normal: modified Cox": {7: 0.94, 12: 0.94, 20: 0.95},
    "geometric mean: log-t": {7: 0.95, 12: 0.95, 20: 0.95},
    "median: ranks": {7: 0.985, 12: 0.957, 20: 0.959},
}
