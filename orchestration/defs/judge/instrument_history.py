"""What a source's own past lets expect of a week; nothing later than the week is looked at."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_pvalues import MINIMUM_HISTORY

REST_WEEKS = 26
"""Odd weeks in a row after which they are the new history.

An odd week, one that warns or worse, is no part of the history, or the fault would become the norm.
After half a year of warnings nobody is warned any more.
"""
WARN_P = 0.01
"""A share that is held against the past warns only where it is this unlikely by chance."""
PLACES = 3
"""Places on the clock where heaping is looked for, in each week."""
USED_TO = 2
"""Times what a source's stamps are used to, above which heaping is news."""
Counts = np.ndarray
IsOdd = Callable[[Counts, Counts, Counts, Counts], tuple[np.ndarray, np.ndarray]]


def past_counts(rows: pd.DataFrame, threshold: Threshold, is_odd: IsOdd) -> pd.DataFrame:
    """Add `past_n` and `past_numerator`, the sums of each series' weeks before, and `failed_weeks`.

    Args:
        rows: One row per source, event type, aspect and week, with `n` and `numerator`.
        threshold: Below its `minimum_n` a week isn't odd, and amid odd weeks it is no sound one
            either: it neither ends their row nor becomes part of the past.
        is_odd: Says of n, numerator, and their past sums, arrays of one week over all series,
            which series are odd, and which of them fail; odd weeks are no part of the past until
            `rest_weeks` of them come in a row, or `costly_weeks` where there is no other past to
            hold them against.

    `failed_weeks` is how many weeks failed before, of the odd ones that came in a row.
    """
    series = rows.groupby(["source_id", "event_type", "aspect"], dropna=False).ngroup().to_numpy()
    weeks, positions = np.unique(rows["week_start_date"].to_numpy(), return_inverse=True)
    shape = (series.max() + 1, len(weeks))
    counts = np.zeros((2, *shape))
    counts[0, series, positions] = rows["n"].to_numpy(float)
    counts[1, series, positions] = rows["numerator"].to_numpy(float)
    past, odd_sums = np.zeros((2, shape[0])), np.zeros((2, shape[0]))
    odd_weeks, failed_weeks = np.zeros(shape[0], int), np.zeros(shape[0], int)
    known, failed_before = np.zeros((2, *shape)), np.zeros(shape, int)
    for week in range(shape[1]):
        known[:, :, week], failed_before[:, week] = past, failed_weeks
        n, numerator = counts[:, :, week]
        is_judged = n >= max(threshold.minimum_n, 1)
        odd, failed = (is_judged & said for said in is_odd(n, numerator, *past))
        # what is too thin to be judged is likely as its neighbours are
        is_left_out = odd | (~is_judged & (odd_weeks > 0))
        odd_weeks = np.where(odd, odd_weeks + 1, np.where(is_judged, 0, odd_weeks))
        odd_sums = np.where(odd, odd_sums + counts[:, :, week], odd_sums)
        odd_sums = np.where(odd_weeks == 0, 0, odd_sums)
        past = np.where(is_left_out, past, past + counts[:, :, week])
        is_known = past[0] >= MINIMUM_HISTORY
        rests = odd_weeks >= np.where(is_known, threshold.rest_weeks, threshold.costly_weeks)
        past = np.where(rests, odd_sums, past)
        odd_sums, odd_weeks = np.where(rests, 0, odd_sums), np.where(rests, 0, odd_weeks)
        failed_weeks = np.where(odd_weeks == 0, 0, failed_weeks + failed)
    return rows.assign(
        past_n=known[0, series, positions],
        past_numerator=known[1, series, positions],
        failed_weeks=failed_before[series, positions],
    )


def past_share(past_n: Counts, past_numerator: Counts) -> np.ndarray:
    """Return the share of the past, with half a case more on either side; NaN where it is short."""
    return np.where(past_n >= MINIMUM_HISTORY, (past_numerator + 0.5) / (past_n + 1), np.nan)


def excess_over_past(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Add how far a share lies above the source's own past: tasks without duration, skipped steps.

    Some tasks do end as they begin, and some people do skip a step; what a source has always
    sent isn't a fault of its instrument.

    Returns:
        `rows` with `expected` (share of the past; NaN while it is short), `p_value` of so many at
        the past's share plus the share at which the check warns, `share` (excess over the past
        where p < WARN_P) and `sure_share` (where p is below the threshold's). Without a past the
        whole share is an excess, and it is never sure. Source: method 7, checks 7 and 13.
    """

    def judge(n: Counts, found: Counts, past_n: Counts, past_found: Counts) -> tuple:
        expected = past_share(past_n, past_found)
        known = np.nan_to_num(expected)
        p_value = stats.binom.sf(found - 1, n, np.minimum(known + threshold.warn, 1))
        is_sure = ~np.isnan(expected) & (p_value < threshold.sure_p)
        return expected, found / np.maximum(n, 1) - known, p_value, is_sure

    def is_odd(*counts: Counts) -> tuple[np.ndarray, np.ndarray]:
        _, excess, p_value, is_sure = judge(*counts)
        return (excess > threshold.warn) & (p_value < WARN_P), is_sure & (excess > threshold.fail)

    rows = past_counts(rows, threshold, is_odd)
    expected, excess, p_value, is_sure = judge(*_counts(rows))
    enough = (rows["n"] >= threshold.minimum_n).to_numpy()
    share = pd.Series(excess, index=rows.index)
    return rows.assign(
        expected=expected,
        p_value=np.where(enough, p_value, np.nan),
        share=share.where(enough & (p_value < WARN_P)),
        sure_share=share.where(enough & is_sure & (rows["failed_weeks"] < threshold.costly_weeks)),
    )


def shared_accounts(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Judge the share of events that one account sends, where it is `shared_share` or more.

    Held against the source's own past, as `excess_over_past` does: a change of sign-in that gives
    many people one account shows in no count of events.
    """
    found = excess_over_past(rows, threshold)
    is_most = rows["statistic"] >= threshold.parameter("shared_share")
    return found.assign(
        share=found["share"].where(is_most), sure_share=found["sure_share"].where(is_most)
    )


def heaping(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Add what heaping of stamps is judged by.

    Args:
        rows: `numerator` of `n` stamps lie on a place of the clock where even ones have the
            share `expected`; `statistic` is the index, observed over even.
        threshold: Its limits are indices.

    Returns:
        `rows` with `p_value` (over the places that are looked at), `share` (the index where p is
        small) and `sure_share` (the index where there are also surely more than USED_TO times as
        many as the source's own past has there). Source: method 7, check 8.
    """
    even = rows["expected"].to_numpy(float)
    even_share = dict(zip(rows["aspect"], even, strict=True))
    aspects = rows.groupby(["source_id", "event_type", "aspect"]).ngroup()
    even_of_series = np.array(
        [even_share[aspect] for aspect in rows["aspect"].groupby(aspects).first()]
    )

    def news_p(n: Counts, heaped: Counts, past: np.ndarray, even: np.ndarray) -> np.ndarray:
        used_to = np.minimum(USED_TO * np.fmax(past, even), 1)
        p_value = PLACES * stats.binom.sf(heaped - 1, n, used_to)
        return np.where(np.isnan(past), 1, p_value)

    def is_odd(n: Counts, heaped: Counts, *past: Counts) -> tuple[np.ndarray, np.ndarray]:
        index = heaped / np.maximum(n, 1) / even_of_series
        p_value = news_p(n, heaped, past_share(*past), even_of_series)
        is_sure = p_value < threshold.sure_p
        return (index >= threshold.warn) & (p_value < WARN_P), (index >= threshold.fail) & is_sure

    rows = past_counts(rows, threshold, is_odd)
    n, heaped, *past = _counts(rows)
    p_value = np.minimum(PLACES * stats.binom.sf(heaped - 1, n, even), 1)
    is_heaped = (n >= threshold.minimum_n) & (p_value < threshold.sure_p)
    is_news = news_p(n, heaped, past_share(*past), even) < threshold.sure_p
    # at the limit itself it counts already
    index = pd.Series(np.nextafter(rows["statistic"].to_numpy(float), np.inf), index=rows.index)
    return rows.assign(
        p_value=np.where(n >= threshold.minimum_n, p_value, np.nan),
        share=index.where(is_heaped),
        sure_share=index.where(
            is_heaped & is_news & (rows["failed_weeks"] < threshold.costly_weeks)
        ),
    )


def _counts(rows: pd.DataFrame) -> list[np.ndarray]:
    columns = ("n", "numerator", "past_n", "past_numerator")
    return [rows[column].to_numpy(float) for column in columns]
