"""What a team would use otherwise: row counts and freshness of each source, with default limits.

The defaults of common packages for data quality: a week's rows against mean and standard deviation
of the eight weeks before, alarm beyond three; and a last row older than three days.
"""

import numpy as np
import pandas as pd

from bench.guard.events import BEGIN, HOUR, REFRESH, WEEK, WEEKS, week_begin

TRAILING_WEEKS, LEAST_WEEKS = 8, 4
LIMIT = 3.0
STALE_HOURS = 72


def alarms(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the alarms of one product: `source_id`, `week` (0 the first), `alarm`.

    Rows count in the week in which they were received, as they do in a table that is loaded.
    """
    ends = [week_begin(week + 1) + REFRESH for week in range(WEEKS)]
    rows = []
    for source_id, received in frame.groupby("source")["receivedtime"]:
        weeks = ((received.to_numpy() - BEGIN) // WEEK).clip(0, WEEKS)
        counts = np.bincount(weeks, minlength=WEEKS + 1)[:WEEKS].astype(float)
        rows += [(source_id, week, "row count") for week in _unusual(counts)]
        instants = np.sort(received.to_numpy())
        for week, end in enumerate(ends):
            last = instants[: np.searchsorted(instants, end, side="right")]
            if len(last) and end - last[-1] > STALE_HOURS * HOUR:
                rows.append((source_id, week, "freshness"))
    return pd.DataFrame(rows, columns=["source_id", "week", "alarm"])


def _unusual(counts: np.ndarray) -> list[int]:
    """Return the weeks whose count lies beyond the limit."""
    found = []
    for week in range(LEAST_WEEKS, len(counts)):
        before = counts[max(week - TRAILING_WEEKS, 0) : week]
        spread = before.std(ddof=1)
        if abs(counts[week] - before.mean()) > LIMIT * spread:
            found.append(week)
    return found
