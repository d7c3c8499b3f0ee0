"""Shares that scatter from week to week: what comes in bunches is no surprise."""

import numpy as np
from scipy import special

Values = np.ndarray

SHARES = 1 / (1 + np.exp(-np.linspace(np.log(1e-5), np.log(0.95 / 0.05), 30)))
"""What the mean share may be, evenly on the logit."""
BUNCHING = np.array([0.0001, 0.02, 0.06, 0.15, 0.35, 0.7])
"""What the correlation within a week may be: 0 of amounts that come by themselves, 1 where a week
has all or none."""
BUNCHING_PRIOR = np.array([0.85, 0.05, 0.04, 0.03, 0.018, 0.012])
"""How likely each is before anything is known: most series aren't bunched."""


def bunched_p(found: Values, n: Values, past_found: Values, past_n: Values) -> float:
    """Return the chance of at least as many in each of some weeks, after the weeks before.

    Args:
        found: How many in each of the weeks.
        n: Of how many in each.
        past_found: The same of each earlier week.
        past_n: Of how many in each; weeks of none say nothing.

    Each week's share is beta-distributed. Mean and correlation within a week aren't estimated but
    weighted by how well they explain the weeks before (Jeffreys' prior on the mean,
    BUNCHING_PRIOR on the correlation), so that few weeks are unsure by themselves.
    """
    shares, bunching = (grid.ravel() for grid in np.meshgrid(SHARES, BUNCHING, indexing="ij"))
    prior = np.sqrt(shares * (1 - shares)) * np.tile(BUNCHING_PRIOR, len(SHARES))
    size = 1 / bunching - 1
    a, b = shares * size, (1 - shares) * size
    fit = special.betaln(a + past_found[:, None], b + (past_n - past_found)[:, None])
    logs = np.log(prior) + (fit - special.betaln(a, b)).sum(axis=0)
    weights = np.exp(logs - logs.max())
    tails = np.prod([_tail(*one, a, b) for one in zip(found, n, strict=True)], axis=0)
    return float((weights * tails).sum() / weights.sum())


def _tail(found: float, n: float, a: Values, b: Values) -> Values:
    """Return the beta-binomial chance of at least `found` of `n`, summed on the shorter side."""
    is_upper = n - found < found
    k = np.arange(found, n + 1) if is_upper else np.arange(found)
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    a, b = a[:, None], b[:, None]
    logs = ways + special.betaln(k + a, n - k + b) - special.betaln(a, b)
    part = np.exp(logs).sum(axis=1)
    return part if is_upper else np.maximum(1 - part, 0)
