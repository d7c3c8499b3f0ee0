"""Whether what is believed to drive a metric moves ahead of it."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.drivers import (
    REPEAT_PAIRS,
    judge_influence,
    prewhiten,
    repeats,
)

EVIDENCE_COLUMNS = {
    "product_id": "varchar",
    "parent_metric_id": "varchar",
    "child_metric_id": "varchar",
    "status": "varchar",
    "expected_sign": "varchar",
    "lag_weeks": "integer",
    "correlation": "double",
    "p_value": "double",
    "pair_count": "integer",
    "is_of_changes": "boolean",
    "has_repeated": "boolean",
    "from_date": "date",
    "to_date": "date",
    "note": "varchar",
}

EDGES = """
    select product_id, parent_metric_id, child_metric_id, lags_weeks, expected_sign
    from registry.tree_edges
    where edge_type = 'influence'
    order by product_id, parent_metric_id, child_metric_id
"""

# weeks that may be compared: ripe, trusted, shown
WEEKS = """
    select p.product_id, p.metric_id, p.period_start_date as week_start_date,
           case when t.grade in ('A', 'B') and s.metric_id is null then cast(p.value as double) end
               as value
    from metrics.int_metric_periods as p
    left join metrics.int_metric_periods_suppressed as s
        using (product_id, metric_id, period_grain, period_start_date)
    left join guard.metric_trust as t
        on t.product_id = p.product_id and t.metric_id = p.metric_id
        and t.week_start_date = p.period_start_date
    where p.segment_type = 'all' and p.period_grain = 'week' and p.is_ripe
    order by p.product_id, p.metric_id, p.period_start_date
"""


def write_evidence(database: Path) -> None:
    """Write `guard.driver_evidence` anew: one row per influence edge of the metric tree.

    Args:
        database: The private warehouse, after the measure step and the trust grades.

    An edge is judged on the latest ripe weeks without a gap on either side, except the last 13:
    on those the finding has to repeat before it counts as supported.
    """
    with connect(database) as connection:
        edges = connection.execute(EDGES).fetchall()
        weeks = connection.execute(WEEKS).df() if edges else pd.DataFrame()
        rows = [_evidence(edge, weeks) for edge in edges]
        write_table(connection, "driver_evidence", EVIDENCE_COLUMNS, rows)


def _evidence(edge: tuple, weeks: pd.DataFrame) -> tuple:
    product, parent, child, lags_text, sign_text = edge
    sign = 1 if sign_text == "positive" else -1
    lags = [int(lag) for lag in lags_text.split(";")]
    both = latest_weeks(weeks, product, child, parent)
    first, last = both.iloc[:-REPEAT_PAIRS], both.iloc[-REPEAT_PAIRS - max(lags) - 1 :]
    seed = int.from_bytes(hashlib.sha256("|".join(edge[:3]).encode()).digest()[:8], "big")
    key = (product, parent, child)
    if len(first) < 3:
        blank = (None, None, None, 0, None, None, None, None)
        return (*key, "untested", sign_text, *blank, "too few ripe weeks without a gap")
    found = judge_influence(
        first.child.to_numpy(float), first.parent.to_numpy(float), lags, sign, seed
    )
    status, note, has_repeated = found.status, None, None
    if status == "untested":
        note = "needs 26 pairs of ripe weeks without a gap, and 13 more for the repetition"
    if status == "supported" and found.lag is not None:
        has_repeated = repeats(*_whitened(last, found.is_of_changes), found.lag, sign)
        if not has_repeated:
            status, note = "not_supported", "the last 13 weeks do not repeat it"
    return (
        *key, status, sign_text, found.lag, found.correlation, found.p_value, found.pair_count,
        found.is_of_changes, has_repeated, both.index[0].date(), both.index[-1].date(), note,
    )  # fmt: skip


def latest_weeks(weeks: pd.DataFrame, product: str, child: str, parent: str) -> pd.DataFrame:
    """Return the latest stretch of weeks in which both metrics have a value: child and parent."""
    columns = {"child": child, "parent": parent}
    own = weeks[weeks.product_id == product] if len(weeks) else weeks
    if len(own) == 0:
        return pd.DataFrame({name: [] for name in columns})
    both = pd.DataFrame(
        {
            name: own[own.metric_id == metric].set_index("week_start_date").value
            for name, metric in columns.items()
        }
    ).sort_index()
    known = both[both.notna().all(axis=1)]
    gaps = np.flatnonzero(np.diff(known.index.to_numpy()) != np.timedelta64(7, "D"))
    return known.iloc[gaps[-1] + 1 :] if len(gaps) else known


def _whitened(weeks: pd.DataFrame, is_of_changes: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return child and parent as the finding compared them."""
    sides = [weeks[name].to_numpy(float) for name in ("child", "parent")]
    if is_of_changes:
        sides = [np.diff(side) for side in sides]
    child, parent = (prewhiten(side)[1] for side in sides)
    return child, parent
