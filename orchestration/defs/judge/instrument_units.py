"""Factors between units, by which amounts that are out of scale are named."""

import numpy as np

UNITS = (10, 12, 24, 60, 100, 1000, 1440, 3600, 10_000, 86_400, 1_000_000, 3_600_000)
"""Factors between units of time, money, size and shares."""


def scale_words(distance: float, error: float) -> str:
    """Return how many times larger or smaller, by the unit that it may be.

    The nearest of UNITS is named where it lies within two standard errors, or within a fifth.
    """
    logs = np.log(UNITS)
    off = np.abs(np.abs(distance) - logs)
    nearest = int(off.argmin())
    if off[nearest] <= max(min(2 * error, np.log(1.5)), np.log(1.2)):
        factor: float = UNITS[nearest]
    else:
        factor = float(f"{np.exp(abs(distance)):.1g}")
    return f"about {factor:,.0f} times {'larger' if distance > 0 else 'smaller'} than usual"
