"""How often a balance that has lost its margin is called held, and a sound one breached."""

import duckdb
import numpy as np
import pandas as pd

from orchestration.method import means, proportions, rates
from orchestration.method.intervals import Interval
from tests.sql import render

Floats = np.ndarray

REPLICATIONS = 20_000
LOOKS = (1, 2, 4, 6, 8, 12)
DECIDE = render(
    "select {{ balance_state('low', 'high', 'margin', 'false', 'false') }} as state from cases"
)


def states(interval: Interval, margin: float) -> np.ndarray:
    """Return the state of each balance as the product decides it, lower being better."""
    cases = pd.DataFrame({"low": interval.low, "high": interval.high}).assign(margin=margin)
    with duckdb.connect() as connection:
        connection.register("cases", cases)
        return connection.execute(DECIDE).df().state.to_numpy(str)


def states_of_shares(
    after: Floats, after_items: int, before: Floats, before_items: int, margin: float
) -> np.ndarray:
    """Return the states of balancing shares."""
    limits = proportions.newcombe_difference(
        after.astype(float), float(after_items), before.astype(float), float(before_items), 0.9
    )
    return states(limits, margin)


def shares(items: int, margin: float, worse: float, rng: np.random.Generator) -> np.ndarray:
    """Return states of a share of one in ten before, so many points worse after."""
    before = rng.binomial(items, 0.1, REPLICATIONS)
    after = rng.binomial(items, 0.1 + worse, REPLICATIONS)
    return states_of_shares(after, items, before, items, margin)


def counts(expected: int, margin: float, worse: float, rng: np.random.Generator) -> np.ndarray:
    """Return states of a rate of `expected` events before; margin in events as well."""
    before = rng.poisson(expected, REPLICATIONS).astype(float)
    after = rng.poisson(expected + worse, REPLICATIONS).astype(float)
    return states(rates.rate_difference(after, 1.0, before, 1.0, confidence=0.9), margin)


def times(items: int, margin: float, worse: float, rng: np.random.Generator) -> np.ndarray:
    """Return states of a mean of gamma times with mean and sd of 5; margin in the same unit."""
    before = rng.gamma(1, 5, (REPLICATIONS, items))
    # the same shape, stretched
    after = rng.gamma(1, 5 + worse, (REPLICATIONS, items))
    return states(means.welch_difference(after, before), margin)


def weekly_looks(items: int, margin: float, rng: np.random.Generator) -> dict[int, float]:
    """Return how often a share that is worse by the margin is held, by number of weekly looks.

    Each week the last eight are compared with a baseline of sixteen.
    """
    before = rng.binomial(items * 16, 0.1, REPLICATIONS)
    weeks = rng.binomial(items, 0.1 + margin, (REPLICATIONS, 7 + max(LOOKS)))
    sums = np.lib.stride_tricks.sliding_window_view(weeks, 8, axis=1).sum(axis=2)
    held = np.array(
        [states_of_shares(look, items * 8, before, items * 16, margin) == "held" for look in sums.T]
    )
    return {looks: float(held[:looks].any(axis=0).mean()) for looks in LOOKS}


# name, size of a side, margin, function
CELLS = [
    ("share near 10 %, margin 20 points", 28, 0.20, shares),
    ("share near 10 %, margin 10 points", 112, 0.10, shares),
    ("share near 10 %, margin 5 points", 446, 0.05, shares),
    ("rate, 10 events a side, margin 10 events", 10, 10.0, counts),
    ("rate, 40 events a side, margin 16 events", 40, 16.0, counts),
    ("time, 12 items a side, margin one sd", 12, 5.0, times),
    ("time, 50 items a side, margin half an sd", 50, 2.5, times),
]
