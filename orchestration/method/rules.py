"""Zone rules: hints that nobody's verdict rests on.

The rules that count, a point beyond a limit and a run on one side, are in `int_chart_rules`.
"""

import numpy as np
from numpy.typing import NDArray

from orchestration.method.intervals import Floats


def zone_alarms(z: Floats, least: int, window: int, beyond: float) -> NDArray[np.bool_]:
    """Tell at which values `least` of the last `window` lie beyond a line on one side.

    Args:
        z: Distance from the centre in sigma, in time order.
        least: Values that must lie beyond, the last one among them.
        window: Values looked at, the last one included.
        beyond: The line, in sigma.

    Three of four beyond 1.5 sigma is the early hint. Source: Western Electric 1956, method 1.2.
    """
    alarms = np.zeros(len(z), dtype=bool)
    for side in (-1, 1):
        is_beyond = side * z > beyond
        counts = np.convolve(is_beyond, np.ones(window), mode="full")[: len(z)]
        alarms |= is_beyond & (counts >= least)
    return alarms
