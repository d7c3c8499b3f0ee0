"""The oracle's intervals beside a restricted mean: of the median, the p90 and the plain mean."""

import math

import numpy
from scipy import stats

from tests.oracles.oracle_intervals import NONE, Interval, Z, order_statistics

COX_LEAST, COX_MOST = 7, 29
BCA_LEAST = 30
PERIOD, WAVES = 30, 600


def median(finished: list[float], count: int) -> Interval:
    """Return what bounds the median of `count` items; what never finished lasts for ever."""
    times = finished + [math.inf] * (count - len(finished))
    low, high = order_statistics(times, 0.5)
    if low is None or math.isinf(low):
        return NONE
    return low, None if high == math.inf else high


def cox(finished: list[float]) -> Interval:
    """Return Cox's interval of the mean of log-normal times, with t in place of z.

    None where it leaves out the mean of these times: then they are no log-normal ones.
    """
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
    low, high = math.exp(mean + variance / 2 - half), math.exp(mean + variance / 2 + half)
    return (low, high) if low <= math.fsum(finished) / count <= high else NONE


def bca(finished: list[float]) -> Interval:
    """Return Efron's BCa interval of the mean of 30 times or more, as of endless draws."""
    count = len(finished)
    values = numpy.sort(numpy.array(finished, dtype=float))
    if count < BCA_LEAST or values[-1] - values[0] <= 1e-9 * values[-1]:
        return NONE
    mean, error = values.mean(), values.std() / math.sqrt(count)
    grid, below = resampled((values - mean) / (error * count))
    bias = stats.norm.ppf(numpy.interp(0.0, grid, below))
    # each mean without one item; their skewness is the acceleration
    left_out = (values.sum() - values) / (count - 1)
    apart = left_out.mean() - left_out
    acceleration = (apart**3).sum() / (6 * (apart**2).sum() ** 1.5)
    ends = []
    for z in (-Z, Z):
        shifted = bias + z
        ends.append(stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))
    low, high = mean + error * numpy.interp(ends, below, grid)
    return float(low), float(high)


def resampled(parts: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Return points, in standard errors, and the share of resampled means below each.

    Of items on the scale of their mean's error, around 0: the characteristic function of their
    resampled sum, item by item, turned back as a Fourier series of a period of 30.
    """
    turn = numpy.exp(2j * math.pi / PERIOD * parts)
    turns = numpy.cumprod(numpy.broadcast_to(turn, (WAVES, len(parts))), axis=0)
    speeds = 2 * math.pi / PERIOD * numpy.arange(1, WAVES + 1)
    weights = turns.mean(axis=1) ** len(parts) / (-1j * speeds)
    grid = numpy.linspace(-8, 12, 2_001)
    swung = (weights * numpy.exp(-1j * speeds * grid[:, None])).real.sum(axis=1)
    start = (weights * numpy.exp(1j * speeds * PERIOD / 2)).real.sum()
    below = (grid + PERIOD / 2 + 2 * (swung - start)) / PERIOD
    return grid, numpy.maximum.accumulate(below)
