"""Scales on which values are charted, and back."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scale = Literal["raw", "log", "logit", "power"]

# days between rare events become roughly normal under t^(1/3.6) (Nelson 1994)
POWER = 3.6
SHARE_UNITS = frozenset({"%", "share", "percent", "fraction"})


def to_scale(values: Floats, scale: Scale) -> Floats:
    """Transform values; where the scale cannot show one (log of 0) the result is infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.log(np.maximum(values, 0))
        if scale == "logit":
            clipped = np.clip(values, 0, 1)
            return np.log(clipped) - np.log1p(-clipped)
        if scale == "power":
            return np.maximum(values, 0) ** (1 / POWER)
    return values.astype(float)


def from_scale(charted: Floats, scale: Scale) -> Floats:
    """Transform back to natural units; below 0 on the power scale there is nothing (NaN)."""
    if scale == "log":
        return np.exp(charted)
    if scale == "logit":
        return 1 / (1 + np.exp(-charted))
    if scale == "power":
        return np.where(charted < 0, np.nan, np.maximum(charted, 0) ** POWER)
    return charted.astype(float)


def choose_scale(kind: str, values: Floats, unit: str) -> Scale:
    """Choose the scale of a baseline: fixed at locking, never by taste.

    Durations, quantiles and unbounded ratios go on the log scale, shares on the logit; a 0 (for
    shares also a 1) in the baseline means the raw scale.
    """
    if kind == "reliability":
        return "power"
    if kind not in ("duration", "ratio_of_sums", "quantile") or (values <= 0).any():
        return "raw"
    if kind == "ratio_of_sums" and unit in SHARE_UNITS:
        return "raw" if (values >= 1).any() else "logit"
    return "log"


def possible_range(kind: str, unit: str, tau: float | None) -> tuple[float, float]:
    """Return the least and the greatest value that a metric can have."""
    if kind == "duration":
        return 0.0, np.inf if tau is None else tau
    is_share = kind == "proportion" or (kind == "ratio_of_sums" and unit in SHARE_UNITS)
    return 0.0, 1.0 if is_share else np.inf
