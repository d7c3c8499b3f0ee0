"""Times of which some are not over: survival curves, restricted means, competing ends.

In a ripe cohort none of this is needed, every item has been followed for tau: the models take
the mean of min(T, tau). Here are the early readings of weeks that are not ripe yet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.method.intervals import Floats, Interval, normal_quantile

OPEN, FINISHED, CANCELLED = 0, 1, 2


@dataclass(frozen=True)
class SurvivalCurve:
    """Share still open after each time at which an item finished; all arrays of one length."""

    times: Floats
    at_risk: Floats
    """Items whose time reaches `times`; one that is still open at that age is among them."""
    finished: Floats
    survival: Floats
    greenwood_se: Floats
    longest_follow_up: float

    @property
    def median(self) -> float | None:
        """Least time at which half have finished; None where the curve doesn't get there."""
        below = self.survival <= 0.5 + 1e-12
        return float(self.times[below][0]) if below.any() else None

    def finished_by(self, age: float) -> float:
        """Return the share finished by an age, 0 to 1."""
        reached = self.times <= age
        return 1 - float(self.survival[reached][-1]) if reached.any() else 0.0


@dataclass(frozen=True)
class RestrictedMean:
    """Mean of min(T, tau) with the variance of the estimate, not of the time itself."""

    mean: float
    variance: float

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the normal interval of the mean."""
        half = normal_quantile(confidence) * np.sqrt(self.variance)
        return Interval(self.mean - half, self.mean + half)


def kaplan_meier(durations: Floats, is_finished: NDArray[np.bool_]) -> SurvivalCurve:
    """Return the share still open by age.

    Args:
        durations: Time to the finish, or to the last look at an open item.
        is_finished: Whether the time ended in a finish, one per duration.

    Source: Kaplan and Meier 1958, errors by Greenwood.
    """
    is_finished = np.asarray(is_finished, dtype=bool)
    times = np.unique(durations[is_finished])
    at_risk = _reaching(durations, times).astype(float)
    finished = _at(durations[is_finished], times).astype(float)
    survival = np.cumprod(1 - finished / at_risk)
    return SurvivalCurve(
        times=times,
        at_risk=at_risk,
        finished=finished,
        survival=survival,
        greenwood_se=survival * np.sqrt(np.cumsum(_greenwood_terms(at_risk, finished))),
        longest_follow_up=float(durations.max()),
    )


def restricted_mean(curve: SurvivalCurve, tau: float) -> RestrictedMean | None:
    """Return the area under the curve up to tau; None where nobody was followed that long.

    Greenwood's variance: sum of A(u)^2 d / (n (n - d)), A(u) being the area from u to tau.
    Source: Royston and Parmar 2013.
    """
    is_all_over = len(curve.survival) > 0 and curve.survival[-1] < 1e-12
    if curve.longest_follow_up < tau and not is_all_over:
        return None
    within = curve.times <= tau
    edges = np.concatenate([[0.0], curve.times[within], [tau]])
    heights = np.concatenate([[1.0], curve.survival[within]])
    areas = heights * np.diff(edges)
    area_after = areas[1:][::-1].cumsum()[::-1]
    terms = _greenwood_terms(curve.at_risk[within], curve.finished[within])
    return RestrictedMean(float(areas.sum()), float((area_after**2 * terms).sum()))


def restricted_mean_difference(
    after: RestrictedMean, before: RestrictedMean, confidence: float = 0.95
) -> Interval:
    """Return the normal interval of after - before of two independent cohorts."""
    both = RestrictedMean(after.mean - before.mean, after.variance + before.variance)
    return both.interval(confidence)


def cumulative_incidence(durations: Floats, outcomes: NDArray[np.int64], age: float) -> float:
    """Return the share finished by an age where items may also be cancelled, 0 to 1.

    Args:
        durations: Time to the end, or to the last look at an open item.
        outcomes: OPEN, FINISHED or CANCELLED, one per duration.
        age: Age by which to count.

    A cancelled item can't finish any more: taken as censored, it would be counted as one that
    finishes as the others do. Source: Aalen and Johansen 1978.
    """
    times = np.unique(durations[(outcomes != OPEN) & (durations <= age)])
    at_risk = _reaching(durations, times)
    ended = _at(durations[outcomes != OPEN], times)
    finished = _at(durations[outcomes == FINISHED], times)
    still_open = np.cumprod(1 - ended / at_risk)
    before = np.concatenate([[1.0], still_open[:-1]])
    return float((before * finished / at_risk).sum())


def _reaching(durations: Floats, times: Floats) -> NDArray[np.int64]:
    """Return how many durations are as long as each of some times, or longer."""
    return len(durations) - np.searchsorted(np.sort(durations), times, side="left")


def _at(durations: Floats, times: Floats) -> NDArray[np.int64]:
    """Return how many durations equal each of some times."""
    ordered = np.sort(durations)
    ends = (np.searchsorted(ordered, times, side=side) for side in ("right", "left"))
    return np.subtract(*ends)


def _greenwood_terms(at_risk: Floats, finished: Floats) -> Floats:
    """Return d / (n (n - d)), 0 where all that were at risk finished."""
    left = at_risk - finished
    return np.divide(finished, at_risk * left, out=np.zeros_like(at_risk), where=left > 0)
