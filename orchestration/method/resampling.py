"""Bootstraps that cost little: of a mean without drawing, of clusters with draws dealt anew."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from orchestration.method.intervals import Floats, normal_quantile

# standard errors of the mean that the grid spans. No item is further than one from the mean of all
# (on the scale of their sum), so what lies outside needs thirteen draws of one item: 6e-11
SPAN = 24.0
LEAST_CELLS, MOST_CELLS = 4_096, 1 << 17
# the more items, the smaller the error of their mean; so many cells keep what sharing out adds to
# its variance near a thousandth, and that is taken off again
CELLS_PER_ROOT = 300
# where single items rule the spread of all, resampled means heap up by how often these are drawn,
# and within a heap are as narrow as the rest of the items makes them: cells for a standard
# deviation of the rest
CELLS_PER_HEAP = 32


class Resampled(NamedTuple):
    """Distribution of the mean of resampled items: shares below rising limits."""

    limits: Floats
    shares: Floats

    def share_below(self, value: float) -> float:
        """Return the share below a value, half of what equals it among them."""
        return float(np.interp(value, self.limits, self.shares))

    def quantiles(self, levels: Floats) -> Floats:
        """Return the values below which these shares lie."""
        return np.interp(levels, self.shares, self.limits)


def resampled_mean(values: Floats) -> Resampled:
    """Return the distribution of the mean of as many items drawn from `values`, with repetition.

    Args:
        values: At least two items that are not all equal.

    The sum of n draws has the n-th power of one draw's characteristic function. Items are shared
    out to the two nearest cells of a grid, which keeps their mean, so that a fast Fourier
    transform finds it: one pass over the items instead of one for each draw. Limits of intervals
    are within a thousandth of a standard error, which 2,000 draws miss by a twentieth; where all
    but single items are equal or nearly so, within a hundredth.
    """
    count, mean, spread = len(values), float(values.mean()), float(values.std())
    cells = _cells(values, spread)
    cell = SPAN / cells
    places = (values - mean) * (1 / (spread * np.sqrt(count) * cell))
    floors = np.floor(places)
    parts = places - floors
    # a sum that leaves the grid on one side comes in on the other: bits of the cell's number
    indexes = floors.astype(np.int64) & (cells - 1)
    shares = np.bincount(indexes, 1 - parts, cells) + np.roll(np.bincount(indexes, parts, cells), 1)
    wave = np.fft.rfft(shares / count)
    sizes = np.abs(wave)
    # what is left out is below 1e-17
    is_felt = sizes > np.exp(-40 / count)
    power = np.zeros_like(wave)
    power[is_felt] = wave[is_felt] ** count
    mass = np.roll(np.fft.irfft(power, cells), cells // 2)
    below = np.concatenate([[0.0], np.cumsum(np.maximum(mass, 0))])
    edges = (np.arange(cells + 1) - (cells + 1) / 2) * cell
    # sharing out has spread each item by f (1 - f) cells squared
    added = float(np.dot(parts, 1 - parts)) * cell**2
    limits = mean + edges * (spread / np.sqrt(count * (1 + added)))
    # no mean is beyond the items
    return Resampled(np.clip(limits, values.min(), values.max()), below / below[-1])


def _cells(values: Floats, spread: float) -> int:
    """Return how many cells the grid needs, a power of two."""
    low, high = np.quantile(values, (0.1, 0.9))
    rest = max((high - low) / (2 * normal_quantile(0.8)), 1e-9 * spread)
    wanted = max(
        LEAST_CELLS, CELLS_PER_ROOT * np.sqrt(len(values)), SPAN * CELLS_PER_HEAP * spread / rest
    )
    return min(MOST_CELLS, 1 << int(np.ceil(np.log2(wanted))))


def resampled_sums(values: Floats, key: str, stream: int, replicates: int) -> Floats:
    """Return sums over clusters that are drawn with repetition, as often as there are clusters.

    Args:
        values: One row per cluster, one column per quantity.
        key: Makes the seed of the order below.
        stream: Number of the draws. Two samples that are compared with each other need two.
        replicates: Rows of the result.

    How often each place is drawn is the same in all samples of so many clusters; which cluster
    stands at which place is shuffled by the key. So a sample has draws of its own at the price of
    a shuffle and a product of matrices.
    """
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    places = np.random.default_rng(seed).permutation(len(values))
    return _draws(len(values), stream, replicates) @ values[places]


@lru_cache(maxsize=16)
def _draws(count: int, stream: int, replicates: int) -> Floats:
    """Return how often each of `count` places is drawn in each replicate: one row each."""
    random = np.random.default_rng([count, stream])
    drawn = random.integers(0, count, size=(replicates, count))
    cells = drawn + np.arange(replicates)[:, None] * count
    return np.bincount(cells.ravel(), minlength=replicates * count).reshape(-1, count).astype(float)
