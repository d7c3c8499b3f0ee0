"""The append-only table of limit segments: what was decided, by which run."""

from dataclasses import asdict, dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from orchestration.defs.judge.series import Series
from orchestration.method.charts import Chart

Key = tuple[str, str, int]

SEGMENT_COLUMNS = {
    "entry_number": "bigint",
    "product_id": "varchar",
    "metric_id": "varchar",
    "metric_version": "integer",
    "chart_grain": "varchar",
    "segment_number": "integer",
    "start_date": "date",
    "baseline_from": "date",
    "baseline_to": "date",
    "usable_count": "integer",
    "chart_method": "varchar",
    "scale": "varchar",
    "centre": "double",
    "mean_mr": "double",
    "sigma_hat": "double",
    "sigma_z": "double",
    "mean_rate": "double",
    "r1": "double",
    "required_run": "integer",
    "is_median_variant": "boolean",
    "state": "varchar",
    "reason": "varchar",
    "run_id": "varchar",
    "as_of_at": "timestamp",
}
CONTENT = [c for c in SEGMENT_COLUMNS if c not in ("entry_number", "run_id", "as_of_at")]
NUMBERS = ("sigma_hat", "sigma_z", "mean_rate", "r1")


@dataclass(frozen=True)
class Segment:
    """A stretch of one chart with limits of its own."""

    chart: Chart | None
    """None while learning."""
    chart_grain: str
    state: str
    reason: str | None
    usable_count: int
    """Usable periods in the baseline."""
    baseline_from: date | None
    baseline_to: date | None


def final_segments(
    connection: duckdb.DuckDBPyConnection, lock_count: int, gap_count: int
) -> dict[Key, Segment]:
    """Return the stored segments that stay: locked, or degenerate over a whole baseline."""
    final = {}
    for key, row in _latest(connection).items():
        needed = gap_count if row["chart_grain"] == "outage" else lock_count
        is_whole = row["usable_count"] >= needed
        if row["state"] == "locked" or (row["state"] == "degenerate" and is_whole):
            final[key] = _as_segment(row)
    return final


def append_segments(
    connection: duckdb.DuckDBPyConnection,
    all_series: list[Series],
    segments: list[Segment],
    run_id: str,
) -> None:
    """Append each segment that differs from the last one stored for its product-metric."""
    latest = _latest(connection)
    rows = [
        segment_row(series, segment) for series, segment in zip(all_series, segments, strict=True)
    ]
    new = [
        row
        for row, series in zip(rows, all_series, strict=True)
        if not _is_same(row, latest.get(series.key))
    ]
    if not new:
        return
    frame = pd.DataFrame(new, columns=CONTENT).astype(object)
    frame = frame.where(frame.notna(), None)
    # parameters and not a data frame, for a column of NULLs only has no type there
    last, as_of = connection.execute(
        "select (select coalesce(max(entry_number), 0) from state.limit_segments), as_of_at"
        " from registry.run_context"
    ).fetchone() or (0, None)
    marks = ", ".join("?" for _ in SEGMENT_COLUMNS)
    connection.executemany(
        f"insert into state.limit_segments values ({marks})",
        [
            (last + number, *row, run_id, as_of)
            for number, row in enumerate(frame.itertuples(index=False, name=None), start=1)
        ],
    )


def _latest(connection: duckdb.DuckDBPyConnection) -> dict[Key, dict]:
    """Return the newest stored row per product, metric and version; creates the table."""
    columns = ", ".join(f"{name} {kind}" for name, kind in SEGMENT_COLUMNS.items())
    connection.execute("create schema if not exists state")
    connection.execute(f"create table if not exists state.limit_segments ({columns})")
    cursor = connection.execute(
        f"select {', '.join(SEGMENT_COLUMNS)} from state.limit_segments order by entry_number"
    )
    rows = [dict(zip(SEGMENT_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    return {(row["product_id"], row["metric_id"], row["metric_version"]): row for row in rows}


def _as_segment(row: dict) -> Segment:
    chart = Chart(
        method=row["chart_method"],
        scale=row["scale"],
        centre=row["centre"],
        mean_mr=row["mean_mr"],
        **{name: row[name] for name in NUMBERS},
        required_run=row["required_run"],
        is_median_variant=row["is_median_variant"],
        state=row["state"],
        reason=row["reason"],
    )
    return Segment(
        chart=chart,
        chart_grain=row["chart_grain"],
        state=row["state"],
        reason=row["reason"],
        usable_count=row["usable_count"],
        baseline_from=row["baseline_from"],
        baseline_to=row["baseline_to"],
    )


def segment_row(series: Series, segment: Segment) -> dict[str, object]:
    """Return what is stored of a segment, without entry number, run and as-of."""
    chart = {} if segment.chart is None else asdict(segment.chart)
    fitted = ("scale", "centre", "mean_mr", *NUMBERS, "required_run", "is_median_variant")
    return {
        "product_id": series.product_id,
        "metric_id": series.metric_id,
        "metric_version": series.metric_version,
        "chart_grain": segment.chart_grain,
        "segment_number": 1,
        "start_date": segment.baseline_from,
        "baseline_from": segment.baseline_from,
        "baseline_to": segment.baseline_to,
        "usable_count": segment.usable_count,
        "chart_method": chart.get("method"),
        **{name: chart.get(name) for name in fitted},
        "state": segment.state,
        "reason": segment.reason,
    }


def _is_same(row: dict, stored: dict | None) -> bool:
    """Tell whether nothing changed; sums of doubles may differ in the last digits."""
    if stored is None:
        return False
    for name in CONTENT:
        new, old = row[name], stored[name]
        if isinstance(new, float) and isinstance(old, float):
            if not np.isclose(new, old, rtol=1e-9, atol=1e-12):
                return False
        elif new != old:
            return False
    return True
