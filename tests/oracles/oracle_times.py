"""The oracle's intervals beside a restricted mean: of the median, the p90 and the plain mean."""

import hashlib
import math

import numpy
from scipy import stats

from tests.oracles.oracle_intervals import NONE, Interval, Z, order_statistics

COX_LEAST, COX_MOST = 7, 29
BCA_LEAST = 30


def median(finished: list[float], count: int) -> Interval:
    """Return what bounds the median of `count` items; what never finished lasts for ever."""
    times = finished + [math.inf] * (count - len(finished))
    low, high = order_statistics(times, 0.5)
    if low is None or math.isinf(low):
        return NONE
    return low, None if high == math.inf else high


def cox(finished: list[float]) -> Interval:
    """Return Cox's interval of the mean of log-normal times, with t in place of z."""
    count = len(finished)
    if not COX_LEAST <= count <= COX_MOST or min(finished) <= 0:
        return NONE
    logs = [math.log(time) for time in finished]
    mean = math.fsum(logs) / count
    variance = math.fsum((log - mean) ** 2 for log in logs) / (count - 1)
    if variance <= 1e-12:
        return NONE
    error = math.sqrt(variance / count + variance**2 / (2 * (count - 1)))
    half = float(stats.t.ppf(0.975, count - 1)) * error
    return math.exp(mean + variance / 2 - half), math.exp(mean + variance / 2 + half)


def bca(finished: list[float], key: str, samples: int = 2_000) -> Interval:
    """Return Efron's BCa interval of the mean of 30 times or more, seeded by its key."""
    count = len(finished)
    values = numpy.sort(numpy.array(finished, dtype=float))
    if count < BCA_LEAST or values[-1] - values[0] <= 1e-9 * values[-1]:
        return NONE
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    draws = numpy.random.default_rng(seed).integers(0, count, size=(samples, count))
    means, mean = values[draws].mean(axis=1), values.mean()
    below = ((means < mean).sum() + (means <= mean).sum()) / 2 / samples
    bias = stats.norm.ppf(below)
    # each mean without one item; their skewness is the acceleration
    left_out = (values.sum() - values) / (count - 1)
    apart = left_out.mean() - left_out
    acceleration = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    ends = []
    for z in (-Z, Z):
        shifted = bias + z
        ends.append(stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))
    low, high = numpy.quantile(means, ends)
    return float(low), float(high)
