"""Whether an input moves ahead of its parent; "moves ahead of" is all that is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from scipy import stats

from orchestration.method.intervals import Floats

LEAST_PAIRS = 26
REPEAT_PAIRS = 13
PERMUTATIONS = 1_999
MOST_EXACT_PAIRS = 8


@dataclass(frozen=True)
class Finding:
    """What a series of ripe weeks says about one influence edge."""

    status: str
    """untested, supported, not_supported or contradicted; `supported` still has to repeat."""
    lag: int | None
    correlation: float | None
    """Spearman's at `lag`, of the prewhitened series."""
    p_value: float | None
    pair_count: int
    is_of_changes: bool
    """Whether weekly changes were compared, since a series trends."""


def prewhiten(values: Floats) -> tuple[float, Floats]:
    """Return the lag-one coefficient and the values less what the one before lets expect.

    Residuals are one fewer than values and rounded to 9 decimals, so that ties stay ties.
    """
    centred = values - values.mean()
    total = float((centred[:-1] ** 2).sum())
    phi = float((centred[1:] * centred[:-1]).sum() / total) if total > 0 else 0.0
    return phi, np.round(values[1:] - phi * values[:-1], 9)


def spearman(driver: Floats, parent: Floats, lag: int) -> float:
    """Return Spearman's correlation of the driver with the parent `lag` periods later."""
    return _correlation(driver[: len(driver) - lag], parent[lag:])


def has_trend(values: Floats, alpha: float = 0.1) -> bool:
    """Tell whether Mann and Kendall's test finds a trend at `alpha`, ties corrected."""
    return mann_kendall_p(values) < alpha


def mann_kendall_p(values: Floats) -> float:
    """Return the two-sided p of no trend. Source: Mann 1945, Kendall 1975."""
    count = len(values)
    score = np.sign(values[None, :] - values[:, None])[np.triu_indices(count, 1)].sum()
    ties = np.unique(values, return_counts=True)[1]
    variance = (
        count * (count - 1) * (2 * count + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()
    ) / 18
    if variance == 0:
        return 1.0
    z = (score - np.sign(score)) / np.sqrt(variance)
    return float(2 * stats.norm.sf(abs(z)))


def exact_p(driver: Floats, parent: Floats, lag: int) -> float:
    """Return the two-sided p over all orders of the pairs, at most 8 of them."""
    pairs = len(driver) - lag
    if pairs > MOST_EXACT_PAIRS:
        raise ValueError(f"{pairs} pairs have too many orders: at most {MOST_EXACT_PAIRS}")
    later = parent[lag:]
    result = stats.permutation_test(
        (driver[:pairs],),
        lambda x: abs(_correlation(x, later)),
        permutation_type="pairings",
        n_resamples=factorial(MOST_EXACT_PAIRS),
        alternative="greater",
    )
    return float(result.pvalue)


def strongest_lag(driver: Floats, parent: Floats, lags: Sequence[int]) -> tuple[int, float]:
    """Return the lag with the greatest absolute correlation, and that correlation."""
    found = {lag: spearman(driver, parent, lag) for lag in lags}
    lag = max(found, key=lambda lag: abs(found[lag]))
    return lag, found[lag]


def permutation_p(driver: Floats, parent: Floats, lags: Sequence[int], seed: int) -> float:
    """Return the p of the strongest lag against 1,999 orders of the prewhitened driver.

    Equal seed and values give the same p; trying several lags is part of what is repeated.
    """
    observed = abs(strongest_lag(driver, parent, lags)[1])
    generator = np.random.default_rng(seed)
    shuffled = generator.permuted(np.tile(driver, (PERMUTATIONS, 1)), axis=1)
    strongest = np.zeros(PERMUTATIONS)
    for lag in lags:
        later = _ranks(parent[lag:])
        ranks = _ranks(shuffled[:, : shuffled.shape[1] - lag])
        strongest = np.maximum(strongest, np.abs(ranks @ later) / len(later))
    return float((1 + (strongest >= observed - 1e-12).sum()) / (PERMUTATIONS + 1))


def judge_influence(
    driver: Floats, parent: Floats, lags: Sequence[int], sign: int, seed: int
) -> Finding:
    """Judge an influence edge on ripe weeks without gaps.

    Args:
        driver: One value a week.
        parent: The same weeks.
        lags: Weeks by which the driver leads, 1 to 4, declared beforehand.
        sign: +1 or -1, declared beforehand.
        seed: Of the permutations.

    Weekly changes where either series trends, both series prewhitened each by its own
    coefficient. Source: method 5.2.
    """
    is_of_changes = has_trend(driver) or has_trend(parent)
    if is_of_changes:
        driver, parent = np.diff(driver), np.diff(parent)
    pairs = len(driver) - 1 - max(lags)
    if pairs < LEAST_PAIRS:
        return Finding("untested", None, None, None, pairs, is_of_changes)
    (_, driver), (_, parent) = prewhiten(driver), prewhiten(parent)
    lag, correlation = strongest_lag(driver, parent, lags)
    p_value = permutation_p(driver, parent, lags, seed)
    status = "not_supported"
    if p_value <= 0.05:
        status = "supported" if np.sign(correlation) == sign else "contradicted"
    return Finding(status, lag, correlation, p_value, pairs, is_of_changes)


def repeats(driver: Floats, parent: Floats, lag: int, sign: int) -> bool:
    """Tell whether the next 13 pairs agree: the declared sign, one-sided p of 0.2 at most.

    `driver` and `parent` are prewhitened.
    """
    if len(driver) - lag < REPEAT_PAIRS:
        return False
    correlation = sign * spearman(driver, parent, lag)
    freedom = len(driver) - lag - 2
    t = correlation * np.sqrt(freedom / max(1 - correlation**2, 1e-12))
    return bool(stats.t.sf(t, freedom) <= 0.2)


def _correlation(first: Floats, second: Floats) -> float:
    """Return Spearman's correlation, 0 where one of the two doesn't vary."""
    return float(_ranks(first) @ _ranks(second) / len(first))


def _ranks(values: Floats) -> Floats:
    """Return ranks along the last axis, standardised: their mean product is a correlation."""
    ranks = stats.rankdata(values, axis=-1)
    ranks = ranks - ranks.mean(axis=-1, keepdims=True)
    spread = ranks.std(axis=-1, keepdims=True)
    return np.divide(ranks, spread, out=np.zeros_like(ranks), where=spread > 0)
