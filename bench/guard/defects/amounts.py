"""Amounts that come in another unit, or too small."""

import numpy as np
import pandas as pd

from bench.guard.defects.tools import Rng, of, since, some


def another_unit(frame: pd.DataFrame, rng: Rng, factor: float, begins: int) -> pd.DataFrame:
    """A release sends all waiting times in another unit: so many times smaller."""
    wrong = of(frame, "desk", "ticket.raised") & since(frame, begins)
    return _multiplied(frame, wrong, "data.wait_seconds", 1 / factor)


def two_units(frame: pd.DataFrame, rng: Rng, factor: float, begins: int) -> pd.DataFrame:
    """One of two clients sends waits in another unit: half of them are so many times larger."""
    wrong = of(frame, "desk", "ticket.raised") & since(frame, begins)
    return _multiplied(frame, some(wrong, 0.5, rng), "data.wait_seconds", factor)


def another_unit_of_few(frame: pd.DataFrame, rng: Rng, factor: float, begins: int) -> pd.DataFrame:
    """A release sends the minutes of the few incidents a week in another unit: larger numbers."""
    wrong = of(frame, "watch", "incident.opened") & since(frame, begins)
    return _multiplied(frame, wrong, "data.outage_minutes", factor)


def collapsed_sum(frame: pd.DataFrame, rng: Rng, left: float, begins: int) -> pd.DataFrame:
    """All closed requests come, each with a part of its minutes: `left` of what it took."""
    wrong = of(frame, "flow", "request.closed") & since(frame, begins)
    return _multiplied(frame, wrong, "data.effort_minutes", left)


def _multiplied(frame: pd.DataFrame, wrong: np.ndarray, column: str, factor: float) -> pd.DataFrame:
    """Return the events with the chosen amounts multiplied; none is rounded to nothing."""
    frame = frame.copy()
    values = pd.to_numeric(frame.loc[wrong, column]) * factor
    frame.loc[wrong, column] = values.map("{:.6f}".format).astype(object)
    return frame
