"""The oracle's intervals beside a restricted mean: of the median, the p90 and the plain mean."""

import math

import numpy
from scipy import stats

from tests.oracles.oracle_intervals import NONE, Interval, Z, order_statistics

COX_LEAST, COX_MOST = 7, 29
BCA_LEAST = 30
PERIOD, POINTS = 30, 2**18


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

    Of items on the scale of their mean's error, around 0: each counts at two of very many points
    so that their mean is the item, and so many of them are added up as there are items.
    """
    places = parts * (POINTS / PERIOD)
    one = numpy.zeros(POINTS)
    for place in places:
        point = math.floor(place)
        one[point % POINTS] += (point + 1 - place) / len(parts)
        one[(point + 1) % POINTS] += (place - point) / len(parts)
    all_of_them = numpy.fft.ifft(numpy.fft.fft(one) ** len(parts)).real
    shares = numpy.roll(all_of_them, POINTS // 2)
    grid = (numpy.arange(POINTS) - POINTS // 2) * (PERIOD / POINTS)
    # half of what lies at a point is below it
    return grid, numpy.maximum.accumulate(numpy.cumsum(shares) - shares / 2)
