"""What a launch did, what it deflected, and what that is worth."""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from orchestration.method.intervals import Floats, Interval
from orchestration.method.rates import rate_difference

LEAST_CONTROLS = 5
LEAST_SEGMENT = 3


@dataclass(frozen=True)
class DifferenceInDifferences:
    """Change of the launched product beyond that of the products without the launch."""

    effect: float
    control_mean_change: float
    placebos: Floats
    """The same figure for each control, had it been the launched one."""
    p_value: float | None
    """Rank among the placebos, 1 / (controls + 1) at least; None below 5 controls."""


def difference_in_differences(
    treated: tuple[float, float], controls: Floats
) -> DifferenceInDifferences:
    """Compare a launch with products that it didn't touch.

    Args:
        treated: Value before and after, of the launched product.
        controls: Rows of before and after, one per control.

    Source: placebo ranks by absolute value, Abadie, Diamond and Hainmueller 2010.
    """
    changes = controls[:, 1] - controls[:, 0]
    count = len(changes)
    effect = treated[1] - treated[0] - float(changes.mean())
    if count < 2:
        return DifferenceInDifferences(effect, float(changes.mean()), np.array([]), None)
    placebos = changes - (changes.sum() - changes) / (count - 1)
    as_large = int((np.abs(placebos) >= abs(effect) - 1e-12).sum())
    p_value = (1 + as_large) / (count + 1) if count >= LEAST_CONTROLS else None
    return DifferenceInDifferences(effect, float(changes.mean()), placebos, p_value)


@dataclass(frozen=True)
class InterruptedSeries:
    """A line before a date and one after it; no p, since it would promise too much."""

    intercept: float
    pre_slope: float
    level_change: float
    slope_change: float
    level_se: float
    """Ordinary least squares; too small where neighbouring periods are alike."""
    durbin_watson: float
    effect_at_last: float
    counterfactual_at_last: float
    """What the line before would have given in the last period."""


def interrupted_series(values: Floats, start: int) -> InterruptedSeries:
    """Fit y = b0 + b1 t + b2 post + b3 post (t - start), t from 0.

    Args:
        values: One value a period, no gaps.
        start: Number of periods before the launch.

    Source: Lopez Bernal and others 2017.
    """
    time = np.arange(len(values), dtype=float)
    post = (time >= start).astype(float)
    design = np.column_stack([np.ones_like(time), time, post, post * (time - start)])
    coefficients, *_ = np.linalg.lstsq(design, values, rcond=None)
    residuals = values - design @ coefficients
    variance = residuals @ residuals / (len(values) - design.shape[1])
    errors = np.sqrt(np.diag(variance * np.linalg.inv(design.T @ design)))
    intercept, slope, level, bend = (float(b) for b in coefficients)
    return InterruptedSeries(
        intercept=intercept,
        pre_slope=slope,
        level_change=level,
        slope_change=bend,
        level_se=float(errors[2]),
        durbin_watson=float((np.diff(residuals) ** 2).sum() / (residuals @ residuals)),
        effect_at_last=level + bend * (time[-1] - start),
        counterfactual_at_last=intercept + slope * time[-1],
    )


def rank_among_false_starts(values: Floats, start: int) -> tuple[int, int]:
    """Return how many false launches before the real one show as large a level, and of how many.

    The same fit on the periods before the launch, at every date with three periods on each
    side.
    """
    observed = abs(interrupted_series(values, start).level_change)
    before = values[:start]
    levels = [
        abs(interrupted_series(before, false_start).level_change)
        for false_start in range(LEAST_SEGMENT, start - LEAST_SEGMENT + 1)
        if start > 2 * LEAST_SEGMENT
    ]
    return sum(level >= observed for level in levels), len(levels)


class Deflection(NamedTuple):
    """Tickets that a change kept away, at the exposure after it."""

    rate_before: float
    rate_after: float
    difference: float
    difference_interval: Interval
    avoided: float
    avoided_interval: Interval


def deflection(
    before: tuple[float, float],
    after: tuple[float, float],
    widening: float = 1.0,
    confidence: float = 0.95,
) -> Deflection:
    """Return the tickets avoided.

    Args:
        before: Tickets of the topic and active user-weeks, at least 8 weeks locked beforehand.
        after: The same since the launch.
        widening: `rates.widening_of_counts` of the weekly counts.
        confidence: Of both intervals.

    The raw fall in tickets would forget that exposure changed. Source: MOVER from Garwood.
    """
    low, high = rate_difference(*before, *after, confidence=confidence, widening=widening)
    rates = before[0] / before[1], after[0] / after[1]
    exposure = after[1]
    return Deflection(
        rate_before=rates[0],
        rate_after=rates[1],
        difference=rates[0] - rates[1],
        difference_interval=Interval(float(low), float(high)),
        avoided=(rates[0] - rates[1]) * exposure,
        avoided_interval=Interval(float(low) * exposure, float(high) * exposure),
    )


class Value(NamedTuple):
    """Capacity value: worth of hours saved, which is not money saved."""

    point: float
    low: float
    high: float
    is_shown: bool
    """Whether it's shown to differ from zero."""


def capacity_value(
    hours_saved: float,
    hours_interval: Interval,
    tasks: tuple[float, float, float],
    hourly_cost: tuple[float, float, float],
) -> Value:
    """Return hours saved per task x tasks x loaded cost of an hour, with its extremes.

    Args:
        hours_saved: Per task.
        hours_interval: Of `hours_saved`.
        tasks: Number, least, greatest; declared.
        hourly_cost: Cost, least, greatest; declared.

    Extremes over all corners: where the lower hours are below zero, the low value takes the
    high cost.
    """
    corners = [
        float(hours * number * cost)
        for hours, number, cost in product(hours_interval, tasks[1:], hourly_cost[1:])
    ]
    is_shown = not hours_interval.low <= 0 <= hours_interval.high
    point = hours_saved * tasks[0] * hourly_cost[0]
    return Value(point, min(corners), max(corners), bool(is_shown))
