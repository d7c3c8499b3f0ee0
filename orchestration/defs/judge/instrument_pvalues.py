"""What the instrument checks compare with their thresholds: shares, p-values, gaps."""

import numpy as np
import pandas as pd
from scipy import stats

from expectations.suites.instruments import Threshold

SURE = Threshold.sure_p
"""A finding that costs a number must be this unlikely by chance, where nothing else is said."""
MISSING_FINISH, CLOCK_SKEW, LATENESS, SILENCE = 5, 9, 10, 11
MINIMUM_HISTORY = 20
"""Mature starts of earlier weeks below which no share of ended starts is taken from them."""
LEAST_ENDED = 0.3
"""Share of starts that end at the least, where a metric waits for it and none ever has.

What a metric gives a time to ends by then, or the metric's value is that time whatever happens:
of 20 starts (MINIMUM_HISTORY) none ending is then no chance. It fails and doesn't block: the share
is not known.
"""


def missing_finish_p(starts: int, ended: int, history_share: float) -> float:
    """Return the chance of at most `ended` of `starts` mature starts ending.

    `history_share` is the source's own share of ended starts. Source: method 7, check 5.
    """
    return float(stats.binom.cdf(ended, starts, history_share))


def excess_p(n: np.ndarray, defective: np.ndarray, tolerated_share: float) -> np.ndarray:
    """Return the chance of at least `defective` of `n` events at the tolerated share."""
    return stats.binom.sf(defective - 1, n, tolerated_share)


def tolerated_share(warn: float, fail: float) -> float:
    """Return the share that is no reason to distrust a source.

    That is where the check warns; where it warns at any at all, a tenth of where it fails.
    """
    return warn if warn > 0 else fail / 10


def shares(
    rows: pd.DataFrame, warn: float, fail: float, minimum_n: int, sure_p: float = SURE
) -> pd.DataFrame:
    """Add `p_value`, `share` and `sure_share` to the statistics of a check on shares.

    Args:
        rows: One row per source, event type and week, with `n`, `numerator`, `statistic`.
        warn: Share above which the check warns; NaN where it doesn't.
        fail: Share above which it fails; NaN where it doesn't.
        minimum_n: Events below which nothing warns.
        sure_p: Chance below which an excess is none.

    Returns:
        `rows` with `share`, the statistic where n suffices, and `sure_share`, the statistic where
        the excess over the tolerated share is not chance, whatever n: two of twelve events are
        over 5 %, but they don't show that the source loses 5 %; three of eight do. Both NaN
        elsewhere, and `p_value` where neither is.
    """
    enough = rows["n"] >= minimum_n
    p_value = excess_p(
        rows["n"].to_numpy(), rows["numerator"].to_numpy(), tolerated_share(warn, fail)
    )
    is_sure = p_value < sure_p
    return rows.assign(
        p_value=np.where(enough | is_sure, p_value, np.nan),
        share=rows["statistic"].where(enough),
        sure_share=rows["statistic"].where(is_sure),
    )


def accounts(
    rows: pd.DataFrame, warn: float, fail: float, minimum_n: int, sure_p: float = SURE
) -> pd.DataFrame:
    """Add what check 15 is judged by: `shares`, and `unlisted_share` where no list removes them.

    `expected` is the length of the list of excluded accounts; it is NULL in the result.
    """
    judged = shares(rows, warn, fail, minimum_n, sure_p)
    unlisted_share = judged["sure_share"].where(rows["expected"] == 0)
    return judged.assign(unlisted_share=unlisted_share, expected=np.nan)


def missing_finishes(
    rows: pd.DataFrame, fail: float, minimum_n: int, sure_p: float = SURE
) -> pd.DataFrame:
    """Add `p_value`, `expected`, `gap` and `sure_gap` to the statistics of missing finishes.

    Args:
        rows: One row per source, finish event type and week of start, mature weeks only, with
            `n` starts, `numerator` of them ended, and `is_awaited` where a metric gives its
            tasks a time; without that column none does.
        fail: Gap between the history's share and the week's (0 to 1) above which it fails.
        minimum_n: Starts below which a week doesn't warn.
        sure_p: Chance below which a gap is none.

    Returns:
        The rows in order of source, type and week. `expected` is the number of ended starts by
        history: all earlier weeks that did not fail, so that a broken month doesn't become the
        norm. The share of history counts half a start more on either side, for nobody has seen
        that a finish can't be missing. `sure_gap` is the gap where p < `sure_p`. NaN where history
        has too few starts, or the week has and its gap is no sure one over `fail`; but of finishes
        that are awaited, and of which none ever came, the gap is LEAST_ENDED, p that of all starts
        so far, and no number expected.
    """
    rows = rows.sort_values(["source_id", "event_type", "week_start_date"], ignore_index=True)
    judged = [
        values
        for _, series in rows.groupby(["source_id", "event_type"], sort=True)
        for values in _series_gaps(series, fail, minimum_n, sure_p)
    ]
    columns = pd.DataFrame(judged, columns=["p_value", "expected", "gap"], dtype=float)
    rows = rows.drop(columns=["expected", "p_value"], errors="ignore").join(columns)
    return rows.assign(sure_gap=rows["gap"].where(rows["p_value"] < sure_p))


def _series_gaps(series: pd.DataFrame, fail: float, minimum_n: int, sure_p: float) -> list[tuple]:
    """Return p-value, expected number and gap of each week of one source and type."""
    is_awaited = "is_awaited" in series and bool(series["is_awaited"].eq(True).any())
    starts_before = ended_before = starts_ever = 0
    has_none = is_awaited
    judged = []
    for starts, ended in zip(series["n"], series["numerator"], strict=True):
        starts_ever += starts
        if has_none and ended > 0:
            # what was sent while none came teaches nothing of what should end
            has_none, starts_before = False, min(starts_before, MINIMUM_HISTORY - 1)
        p_value = expected = gap = np.nan
        if has_none and starts > 0:
            p_value, gap = missing_finish_p(starts_ever, 0, LEAST_ENDED), LEAST_ENDED
        elif starts > 0 and starts_before >= MINIMUM_HISTORY:
            share = (ended_before + 0.5) / (starts_before + 1)
            p_value = missing_finish_p(starts, ended, share)
            expected, gap = share * starts, share - ended / starts
        has_failed = p_value < sure_p and gap > fail
        if starts >= minimum_n or has_failed:
            judged.append((p_value, expected, gap))
        else:
            judged.append((np.nan, np.nan, np.nan))
        if not has_failed:
            starts_before += starts
            ended_before += ended
    return judged


def clock_skews(rows: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """Add what clock skew is judged by to the statistics of lags.

    Adds `ahead_seconds` (median of occurred - received), `negative_share` (events received before
    they occurred, 0 to 1) and `ahead_in_taus` (`ahead_seconds` over the shortest tau of the
    source's tasks; NaN without tasks). NaN where `n` is below `minimum_n`.
    """
    enough = rows["n"] >= minimum_n
    ahead = (-rows["statistic"]).where(enough)
    return rows.assign(
        p_value=np.nan,
        ahead_seconds=ahead,
        negative_share=(rows["numerator"] / rows["n"]).where(enough),
        ahead_in_taus=ahead / rows["expected"],
    )


def against_expected(rows: pd.DataFrame, minimum_n: int) -> pd.DataFrame:
    """Add `ratio`, the statistic over what is expected; NaN where `n` is below `minimum_n`."""
    ratio = (rows["statistic"] / rows["expected"]).where(rows["n"] >= minimum_n)
    return rows.assign(p_value=np.nan, ratio=ratio)
