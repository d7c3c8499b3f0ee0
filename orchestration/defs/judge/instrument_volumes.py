"""Check 11, volume: how many events of a type came in a week, held against the weeks before it."""

import numpy as np
import pandas as pd
from scipy import special

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_days import WEEK_DAYS, Days
from orchestration.method.volumes import EVEN_ENOUGH, LEAST_HISTORY

PAST_WEEKS = 26
"""Latest weeks that are the past; older ones tell little of a product that grows."""
LATELY, JUST_NOW = 8, 4
"""Weeks without a fail from whose mean a count must be far off as well, and how many of the latest
are left out of it: a season takes months to go where it goes, a fault may show in a month only."""
LEAST_LATELY = 4
NATURAL = 2
"""Times by which work or a season may change counts meanwhile: what fails is surely farther off."""
SPANS = (1, 2, 4)
"""Weeks whose sum is tested: what a week hides, a month shows."""
LEAST_PART = 0.01
ODD_DAYS = 2
"""Days of a week that must be odd by themselves to fail it; one may be anything."""
Counts = np.ndarray


def volume_p(counts: Counts, past: Counts, span: int | Counts = 1) -> tuple[Counts, Counts]:
    """Return expected counts and the chance of counts as far off, on either side.

    Args:
        counts: Any shape.
        past: The counts before, along a further last axis; NaN where there is none.
        span: How many periods `counts` are sums of; parts of one are in order.

    Returns:
        Mean of the past times `span`, and the two-sided p of the predictive distribution:
        Gamma-Poisson with Jeffreys' prior for even counts, negative binomial by moments for
        others. p is 1 where there are fewer than LEAST_HISTORY counts. Source: method 7.1.
    """
    known = ~np.isnan(past)
    m = known.sum(axis=-1)
    total = np.where(known, past, 0).sum(axis=-1)
    mean = total / np.maximum(m, 1)
    squares = np.where(known, (past - mean[..., None]) ** 2, 0).sum(axis=-1)
    variance = squares / np.maximum(m - 1, 1)
    is_even = variance <= EVEN_ENOUGH * mean
    spread = np.where(is_even, 1, variance - mean)
    size = np.where(is_even, total + 0.5, span * mean**2 / spread)
    expected = span * mean
    chance = np.where(is_even, m / (m + span), size / np.maximum(size + expected, 1e-12))
    at_most = special.betainc(size, counts + 1, chance)
    at_least = np.where(counts > 0, special.betainc(np.maximum(counts, 1), size, 1 - chance), 1)
    p_value = np.minimum(2 * np.minimum(at_most, at_least), 1)
    return expected, np.where(m >= LEAST_HISTORY, p_value, 1)


def volumes(days: Days, threshold: Threshold) -> pd.DataFrame:
    """Return check 11's rows on volume, one per source, event type and complete week.

    `p_value` is the least of what was tested of the type that week, times how much was: its seven
    days against their weekdays, and the sums of the last one, two and four weeks. A holiday is
    left out of a sum, and its weekday's share out of what is expected. `sure_p_value` is 0 where
    one of them is sure among all types of the source, and off by the threshold's `least_effect`
    or more, of single days ODD_DAYS; NaN elsewhere. Less than that only warns: half as many
    tickets are a tool that loses them, or what its team has worked for.
    Weeks with p under `warn` are no part of the past until the threshold's `rest_weeks` of them
    come in a row; of these no more than `costly_weeks` are sure.
    """
    # a type that is new isn't a surge
    has_come = days.events.sum(axis=2).cumsum(axis=1) > 0
    is_known = days.is_complete & ~days.is_holiday & has_come[:, :, None]
    counts = np.where(is_known, days.events, np.nan)
    sums = np.where(is_known.all(axis=2), days.events.sum(axis=2), np.nan)
    tested = np.concatenate([counts, sums[:, :, None]], axis=2)
    is_week = (days.is_complete & has_come[:, :, None]).all(axis=2)
    parts = np.where(is_week, np.nansum(counts, axis=2), np.nan)
    _, source_of = np.unique(days.series["source_id"], return_inverse=True)
    types = np.bincount(source_of)[source_of]
    series_count, week_count = sums.shape
    past = np.full((series_count, WEEK_DAYS + 1, PAST_WEEKS), np.nan)
    odd_run = np.full((series_count, WEEK_DAYS + 1, threshold.rest_weeks), np.nan)
    latest = np.full((series_count, WEEK_DAYS + 1, LATELY + JUST_NOW), np.nan)
    odd_weeks, failed_weeks = np.zeros(series_count, int), np.zeros(series_count, int)
    part = np.ones((series_count, week_count))
    found = []
    for week in range(week_count):
        of_weeks = past[:, WEEK_DAYS]
        p_days, far_days = _tested(
            counts[:, week], past[:, :WEEK_DAYS], latest[:, :WEEK_DAYS], 1, threshold
        )
        p_values, sure = [WEEK_DAYS * p_days.min(axis=1)], []
        days_off = types[:, None] * WEEK_DAYS * far_days < threshold.fail
        sure.append(days_off.sum(axis=1) >= ODD_DAYS)
        part[:, week] = _part_of_week(past[:, :WEEK_DAYS], ~days.is_holiday[week])
        for span in SPANS:
            last = parts[:, max(week - span + 1, 0) : week + 1].sum(axis=1)
            last = last if week >= span - 1 else np.full(series_count, np.nan)
            known = part[:, max(week - span + 1, 0) : week + 1].sum(axis=1)
            p_span, far_span = _tested(last, of_weeks, latest[:, WEEK_DAYS], known, threshold)
            p_values.append(p_span)
            sure.append(types * len(SPANS) * far_span < threshold.fail)
        p_week = np.minimum(len(p_values) * np.min(p_values, axis=0), 1)
        expected = volume_p(np.zeros(series_count), of_weeks)[0]
        past_weeks = (~np.isnan(of_weeks)).sum(axis=1)
        has_failed = np.any(sure, axis=0)
        is_sure = has_failed & (failed_weeks < threshold.costly_weeks)
        found.append((expected, p_week, is_sure, past_weeks))
        is_odd = p_week < threshold.warn
        now = tested[:, week]
        past, odd_run, odd_weeks = remember(past, odd_run, odd_weeks, now, is_odd)
        failed_weeks = np.where(odd_weeks == 0, 0, failed_weeks + (is_sure & is_odd))
        # a holiday leaves its day and week without a count, and takes no place of one that has it
        is_left_out = has_failed[:, None] | np.isnan(now)
        longer = np.concatenate([latest[:, :, 1:], now[:, :, None]], axis=2)
        latest = np.where(is_left_out[:, :, None], latest, longer)
    return _rows(days, sums, found)


def _part_of_week(past_days: Counts, is_open: Counts) -> Counts:
    """Return what share of a week's events the open weekdays usually have, by series."""
    known = ~np.isnan(past_days)
    mean = np.where(known, past_days, 0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
    share = mean[:, is_open].sum(axis=1) / np.maximum(mean.sum(axis=1), 1e-12)
    return np.maximum(share, LEAST_PART)


def _tested(
    counts: Counts, past: Counts, latest: Counts, span: int | Counts, threshold: Threshold
) -> tuple[Counts, Counts]:
    """Return the p of counts, 1 for those that aren't known, and the same of those far off.

    Far off is what is so by the mean of the past, and by that of LATELY weeks too, if they are
    known; its p is the greater of that by the past and that by LATELY weeks had they been NATURAL
    times fewer or more, and 1 for what isn't far off.
    """
    found, latest = np.nan_to_num(counts), latest[..., :LATELY]
    expected, p_value = volume_p(found, past, span)
    lately, _ = volume_p(found, latest, span)
    changed_span = np.where(found < lately, span / NATURAL, span * NATURAL)
    _, lately_p = volume_p(found, latest, changed_span)
    known_weeks = (~np.isnan(latest)).sum(axis=-1)
    is_known = known_weeks >= LEAST_LATELY
    least = np.where(is_known, np.minimum(expected, lately), expected)
    most = np.where(is_known, np.maximum(expected, lately), expected)
    factor = threshold.least_effect
    is_far = (factor * (found + 0.5) <= least + 0.5) | (found + 0.5 >= factor * (most + 0.5))
    is_told = known_weeks >= LEAST_HISTORY
    far_p = np.where(is_far, np.where(is_told, np.maximum(p_value, lately_p), p_value), 1)
    is_unknown = np.isnan(counts)
    return np.where(is_unknown, 1, p_value), np.where(is_unknown, 1, far_p)


def remember(
    past: Counts, odd_run: Counts, odd_weeks: Counts, now: Counts, is_odd: Counts
) -> tuple[Counts, Counts, Counts]:
    """Return the past after a week; odd weeks wait apart until as many as `odd_run` holds come."""
    rest_weeks = odd_run.shape[2]
    longer = np.concatenate([past[:, :, 1:], now[:, :, None]], axis=2)
    longer_run = np.concatenate([odd_run[:, :, 1:], now[:, :, None]], axis=2)
    is_seen = ~np.isnan(now).all(axis=1)
    odd_weeks = np.where(is_odd, odd_weeks + 1, np.where(is_seen, 0, odd_weeks))
    odd_run = np.where(is_odd[:, None, None], longer_run, odd_run)
    past = np.where((is_odd | ~is_seen)[:, None, None], past, longer)
    rests = odd_weeks >= rest_weeks
    renewed = np.full_like(past, np.nan)
    renewed[:, :, -min(rest_weeks, past.shape[2]) :] = odd_run[:, :, -past.shape[2] :]
    past = np.where(rests[:, None, None], renewed, past)
    return past, odd_run, np.where(rests, 0, odd_weeks)


def _rows(days: Days, sums: Counts, found: list[tuple]) -> pd.DataFrame:
    """Return the weeks that could be judged as rows of check 11."""
    expected, p_value, is_sure, past_weeks = (
        np.stack(part, axis=1) for part in zip(*found, strict=False)
    )
    is_judged = (past_weeks >= LEAST_HISTORY) & days.is_complete.all(axis=2)
    series, weeks = np.nonzero(is_judged)
    count = np.nan_to_num(days.events.sum(axis=2)[series, weeks])
    chosen = (series, weeks)
    return pd.DataFrame(
        {
            "source_id": days.series["source_id"].to_numpy()[series],
            "event_type": days.series["event_type"].to_numpy()[series],
            "week_start_date": days.mondays[weeks].astype("datetime64[ns]"),
            "check_id": 11,
            "aspect": "volume",
            "n": count.astype(int),
            "statistic": count / np.maximum(expected[chosen], 0.5),
            "expected": expected[chosen],
            "p_value": p_value[chosen],
            "sure_p_value": np.where(is_sure[chosen], 0.0, np.nan),
            "evidence": None,
        }
    )
