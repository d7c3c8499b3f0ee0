"""Extend locked limits once to a longer baseline, where nothing has happened meanwhile."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd

from orchestration.defs.judge.limit_state import Segment


def extension_periods(connection: duckdb.DuckDBPyConnection) -> int | None:
    """Return to how many usable periods limits are extended; None without the setting."""
    row = connection.execute(
        "select value from registry.settings where setting = 'baseline_extension_weeks'"
    ).fetchone()
    return None if row is None else int(row[0])


def longer_baseline(
    segment: Segment, points: pd.DataFrame, periods: pd.DataFrame, target: int
) -> pd.DataFrame | None:
    """Return the periods that extended limits rest on, None where the limits stay as they are.

    Args:
        segment: Locked limits that were never extended.
        points: Every period on the chart of these limits, as `place_points` gives them.
        periods: The periods of the chart's grain.
        target: Usable periods of the longer baseline, 26 in the method.

    Stable limits only, and only where no rule fired up to the last of these periods: whoever
    looks later, after a real change, finds the same. Source: method 1.3.
    """
    is_counted = segment.is_locked and segment.chart_grain != "outage" and segment.reason is None
    first, last = segment.baseline_from, segment.baseline_to
    if not is_counted or segment.usable_count >= target or first is None or last is None:
        return None
    usable = periods[periods.is_usable & (periods.period_start_date >= first)].head(target)
    if len(usable) < target:
        return None
    end = usable.period_start_date.iloc[-1]
    return None if has_fired(points, last, end) else usable


def has_fired(points: pd.DataFrame, after: date, until: date) -> bool:
    """Tell whether a point or a run fired after one day and up to another, both of periods."""
    own = points[points.is_usable & points.period_start_date.between(after, until)]
    own = own[own.period_start_date > after]
    beyond = (own.value > own.upper_limit + 1e-9) | (own.value < own.lower_limit - 1e-9)
    if beyond.any():
        return True
    sides = own.side[own.side != 0]
    lengths = sides.groupby((sides != sides.shift()).cumsum()).size()
    return bool(len(lengths)) and bool(lengths.max() >= own.required_run.max())


def extended(segment: Segment, fitted: Segment) -> Segment | None:
    """Return the segment with longer limits, None where these aren't stable."""
    if not fitted.is_locked or fitted.reason is not None:
        return None
    return replace(
        fitted,
        number=segment.number,
        start_date=segment.start_date,
        annotation_id=segment.annotation_id,
    )
