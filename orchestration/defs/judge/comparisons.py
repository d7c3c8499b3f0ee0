"""Compare the last eight periods of each KPI's and balance's chart with its baseline."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.charts import ALIKE, corrected_lag_one
from orchestration.method.comparisons import charted_p, counted_p, widened_p
from orchestration.method.multiplicity import benjamini_hochberg

PERIODS = 8
FALSE_SHARE = 0.10
MOST_CORRELATION = 0.7
"""As far as a chart's limits are widened."""

COMPARISON_COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "chart_method": "varchar",
    "from_date": "date",
    "to_date": "date",
    "period_count": "integer",
    "baseline_count": "integer",
    "side": "varchar",
    "p_value": "double",
    "adjusted_p_value": "double",
    "is_different": "boolean",
}

# the charts that a meeting looks at: leads of KPIs and what balances them
POINTS = """
    with shown as (
        select product_id, metric_id from registry.kpis
        union
        select k.product_id, b.metric_id
        from registry.balances as b join registry.kpis as k using (kpi_id)
    )
    select p.product_id, p.metric_id, m.kind, p.point_number, p.period_start_date,
           p.judged_segment_number, p.numerator, p.denominator, p.value, p.judged_centre, p.z,
           p.is_usable and not p.is_open_gap and p.is_ripe as is_usable,
           p.is_judged_baseline as is_baseline, p.limit_state, p.chart_method
    from guard.chart_points as p
    join shown using (product_id, metric_id)
    join registry.metrics as m using (metric_id)
    order by p.product_id, p.metric_id, p.point_number
"""
SEGMENTS = """
    select product_id, metric_id, segment_number,
           arg_max(usable_count, entry_number) as usable_count,
           arg_max(baseline_from, entry_number) as baseline_from,
           arg_max(baseline_to, entry_number) as baseline_to,
           arg_max(coalesce(r1, 0), entry_number) as r1
    from state.limit_segments where state = 'locked' group by all
"""


class Segment(NamedTuple):
    """What a locked stretch of a chart rests on."""

    usable_count: int
    baseline_from: pd.Timestamp
    baseline_to: pd.Timestamp
    r1: float


def write_comparisons(database: Path) -> None:
    """Write `guard.period_comparisons` anew.

    Args:
        database: The private warehouse, after `update_limits`.

    One row per chart with locked limits and eight usable periods since its baseline. p-values
    are adjusted over all of them, after Benjamini and Hochberg, for a page that shows them all
    is a page on which some alarm by chance.
    """
    with connect(database) as connection:
        points = connection.execute(POINTS).df()
        segments = {
            (product, metric, number): Segment(*rest)
            for product, metric, number, *rest in connection.execute(SEGMENTS).fetchall()
        }
        rows = [
            row
            for (product, metric), own in points.groupby(["product_id", "metric_id"])
            if (row := _compared(own, segments, str(product), str(metric))) is not None
        ]
        adjusted = benjamini_hochberg(np.array([row[-1] for row in rows])) if rows else []
        write_table(
            connection,
            "period_comparisons",
            COMPARISON_COLUMNS,
            [
                (*row, float(q), bool(q <= FALSE_SHARE))
                for row, q in zip(rows, adjusted, strict=True)
            ],
        )


def _compared(
    points: pd.DataFrame, segments: dict[tuple, Segment], product: str, metric: str
) -> tuple | None:
    """Return the row of one chart but for what depends on the others; None where it has none."""
    usable = points[points.is_usable]
    if usable.empty or usable.limit_state.iloc[-1] != "locked":
        return None
    last = usable.iloc[-1]
    segment = segments.get((product, metric, last.judged_segment_number))
    if segment is None:
        return None
    starts = pd.to_datetime(usable.period_start_date)
    own = usable.judged_segment_number == last.judged_segment_number
    after = usable[own & ~usable.is_baseline & (starts > pd.Timestamp(segment.baseline_to))]
    after = after.tail(PERIODS)
    if len(after) < PERIODS:
        return None
    if last.chart_method == "probability":
        is_before = starts.between(
            pd.Timestamp(segment.baseline_from), pd.Timestamp(segment.baseline_to)
        )
        p_value, change = _counted(str(last.kind), after, usable[is_before])
    else:
        p_value, change = _charted(after, segment)
    if p_value is None:
        return None
    return (
        product,
        metric,
        last.chart_method,
        after.period_start_date.iloc[0],
        after.period_start_date.iloc[-1],
        len(after),
        segment.usable_count,
        "high" if change > 0 else "low" if change < 0 else "same",
        p_value,
    )


def _charted(after: pd.DataFrame, segment: Segment) -> tuple[float | None, float]:
    """Return p and mean place of the last periods of a chart with a sigma."""
    z = after.z.to_numpy(float)
    if np.isnan(z).any():
        return None, 0.0
    r1 = alike_correlation(segment.r1, segment.usable_count)
    return charted_p(z, segment.usable_count, r1), float(z.mean())


def alike_correlation(r1: float, baseline_count: int) -> float:
    """Return the corrected lag-one correlation where neighbours are alike, else 0."""
    r_star = corrected_lag_one(r1, baseline_count)
    return min(r_star, MOST_CORRELATION) if r_star > ALIKE else 0.0


def _counted(kind: str, after: pd.DataFrame, before: pd.DataFrame) -> tuple[float | None, float]:
    """Return p and change of few events, which scatter as much more as in the baseline."""
    sides = [(float(s.numerator.sum()), float(s.denominator.sum())) for s in (after, before)]
    p_value = counted_p(kind, *sides)
    if p_value is None:
        return None, 0.0
    rates = [numerator / denominator for numerator, denominator in sides]
    expected = before.denominator.to_numpy(float) * rates[1]
    variance = expected * (1 - rates[1]) if kind == "proportion" else expected
    squares = (before.numerator.to_numpy(float) - expected)[variance > 0] ** 2
    phi = float((squares / variance[variance > 0]).sum()) / max(len(squares) - 1, 1)
    return widened_p(p_value, np.sqrt(phi)), rates[0] - rates[1]
