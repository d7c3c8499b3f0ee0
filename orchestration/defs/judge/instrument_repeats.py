"""Check 2, events repeated under new ids: batches that were sent again wholly.

What one commit or batch repeats at one instant is one accident, whatever it holds, and is counted
once. Where a batch comes again wholly, and others with it, it is no accident: the evidence is then
the number of batches, and the share that of events. ADR 21.
"""

import duckdb
import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_history import excess_over_past
from orchestration.defs.judge.instrument_pvalues import excess_p, shares, tolerated_share

KEY = ["source_id", "event_type", "week_start_date", "aspect"]
COUNTS = ["batch_count", "whole_count", "copied_count"]
BATCHES = f"""
select {", ".join([*KEY, *COUNTS])} from instruments.int_instrument_batches_repeated
where whole_count > 0
"""
WEEK = pd.Timedelta(weeks=1)
REPEATS = 2
WHOLE = "batches repeated wholly under new ids"


def with_batches(statistics: pd.DataFrame, connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Add COUNTS of weeks in which a batch of five actions or more was repeated wholly.

    `batch_count` instants had that many different actions, `whole_count` of them came again in all
    of these, by `copied_count` events; NaN elsewhere.
    """
    batches = connection.execute(BATCHES).df()
    if batches.empty:
        return statistics
    batches = batches.assign(check_id=REPEATS)
    return statistics.merge(batches, on=[*KEY, "check_id"], how="left")


def repeated_shares(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Judge repetitions with fixed limits, as `shares` does."""
    rows, weighed, is_sure, p_value = _weighed(rows, threshold)
    limits = threshold.warn, threshold.fail, threshold.minimum_n, threshold.sure_p
    found, by_events = shares(rows, *limits), shares(weighed, *limits)
    return by_events.assign(
        p_value=np.where(is_sure, p_value, found["p_value"]),
        sure_share=np.where(is_sure, by_events["share"], found["sure_share"]),
    )


def repeats_over_past(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Judge repetitions against the source's own past, as `excess_over_past` does.

    Of a week that has no evidence but one batch, that is counted once; its events only warn.
    """
    rows, weighed, is_sure, p_value = _weighed(rows, threshold)
    counted = rows.assign(
        numerator=np.where(is_sure, weighed["numerator"], rows["numerator"]),
        statistic=np.where(is_sure, weighed["statistic"], rows["statistic"]),
    )
    found = excess_over_past(counted, threshold)
    excess = weighed["statistic"] - found["expected"].fillna(0)
    excess = excess.where((weighed["numerator"] > rows["numerator"]) & found["p_value"].notna())
    return found.assign(
        numerator=weighed["numerator"],
        statistic=weighed["statistic"],
        share=np.fmax(found["share"], excess),
        p_value=np.where(is_sure, np.fmax(found["p_value"], p_value), found["p_value"]),
    )


def _weighed(
    rows: pd.DataFrame, threshold: Threshold
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Return rows, the same with whole batches counted by their events, and their evidence.

    Evidence is the chance that as many of the week's batches are repeated wholly, together with
    those of the week before where one was as well, if that happens to as many as are tolerated.
    """
    # of statistics some of which are NULL, numbers come as pandas' own, which take NaN for a number
    rows = rows.reset_index(drop=True).astype({"numerator": float, "statistic": float})
    for column in COUNTS:
        if column not in rows:
            rows[column] = 0.0
    counts = rows[COUNTS].astype(float).fillna(0)
    weeks = pd.to_datetime(rows["week_start_date"])
    keyed = counts.assign(week=weeks, **{name: rows[name] for name in ("source_id", "event_type")})
    before = keyed.assign(week=weeks + WEEK).drop(columns="copied_count")
    pooled = keyed.merge(before, on=["source_id", "event_type", "week"], how="left").fillna(0)
    has_whole = (counts["whole_count"] > 0).to_numpy()
    pooled_whole = (pooled["whole_count_x"] + pooled["whole_count_y"]).to_numpy()
    pooled_batches = (pooled["batch_count_x"] + pooled["batch_count_y"]).to_numpy()
    p_value = np.where(
        has_whole,
        excess_p(pooled_batches, pooled_whole, tolerated_share(threshold.warn, threshold.fail)),
        np.nan,
    )
    numerator = rows["numerator"] + counts["copied_count"] - counts["whole_count"]
    named = rows["finding"] if "finding" in rows else pd.Series(None, rows.index, dtype=object)
    rows = rows.assign(finding=named.mask(has_whole, WHOLE))
    weighed = rows.assign(numerator=numerator, statistic=numerator / rows["n"].clip(lower=1))
    return rows, weighed, has_whole & (p_value < threshold.sure_p), p_value
