"""Which new name a type that stopped seems to have: said beside what checks 11 and 17 find."""

from difflib import SequenceMatcher

import numpy as np
import pandas as pd

from orchestration.defs.judge.instrument_days import WEEK_DAYS, Days

BESIDE_DAYS = 14
"""Days by which a new name may begin after the old one was last seen: what is rare has pauses."""
ASKED = "renamed?"
"""How a finding ends that names the new name."""
FEW = 0.5
"""Share of what was expected below which a type may have another name."""


def with_renames(rows: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Add a `finding` to rows on too few events of a type that may have a new name.

    That is so where a type that no plan names began in the same source when the planned one was
    seen for the last time: of several the one whose name is most like. Severities are untouched.

    Args:
        rows: Of check 11 (`expected` events) or 17 (1), by source, event type and week.
        days: What was seen, planned or not.
    """
    if rows.empty or days.unplanned.empty or days.series.empty:
        return rows
    began = _began(days)
    last_seen = _last_seen(days)
    findings = [
        _finding(began[source_id], event_type, week, last_seen[source_id, event_type])
        if statistic < FEW and source_id in began and (source_id, event_type) in last_seen
        else None
        for source_id, event_type, week, statistic in zip(
            rows["source_id"],
            rows["event_type"],
            rows["week_start_date"].to_numpy("datetime64[D]"),
            _share_seen(rows),
            strict=True,
        )
    ]
    return rows.assign(finding=pd.Series(findings, index=rows.index, dtype=object))


def _began(days: Days) -> dict[str, pd.Series]:
    """Return for each source the first day of each type that no plan names."""
    return {
        str(source_id): rows.groupby("event_type")["occurred_date"].min()
        for source_id, rows in days.unplanned.groupby("source_id")
    }


def is_renamed(finding: object) -> bool:
    """Tell whether what was found on a type is that it seems to have another name."""
    return isinstance(finding, str) and finding.endswith(ASKED)


def _share_seen(rows: pd.DataFrame) -> np.ndarray:
    """Return the events of each row's type as a share of what was expected."""
    if rows["check_id"].eq(17).all():
        return np.zeros(len(rows))
    return rows["statistic"].to_numpy(float)


def _last_seen(days: Days) -> dict[tuple[str, str], dict[np.datetime64, np.datetime64]]:
    """Return for each series the day of its last sign, by week; NaT before its first."""
    flat = days.signs.reshape(len(days.signs), -1)
    position = np.maximum.accumulate(np.where(flat > 0, np.arange(flat.shape[1]), -1), axis=1)
    ends = position[:, WEEK_DAYS - 1 :: WEEK_DAYS]
    dates = np.where(ends < 0, np.datetime64("NaT"), days.mondays[0] + ends)
    keys = zip(days.series["source_id"], days.series["event_type"], strict=True)
    return {
        key: dict(zip(days.mondays, row, strict=True)) for key, row in zip(keys, dates, strict=True)
    }


def _finding(
    began: pd.Series,
    event_type: str,
    week: np.datetime64,
    last_seen: dict[np.datetime64, np.datetime64],
) -> str | None:
    """Return what began when the type ended, as far as known at the week's end."""
    last = last_seen[week]
    if np.isnat(last):
        return None
    first = began.to_numpy("datetime64[D]")
    is_beside = (first >= last - 1) & (first <= last + BESIDE_DAYS) & (first < week + WEEK_DAYS)
    names = sorted(
        began.index[is_beside], key=lambda name: -SequenceMatcher(None, name, event_type).ratio()
    )
    if not names:
        return None
    return f"`{names[0]}` comes, which no plan names, since `{event_type}` does not: {ASKED}"
