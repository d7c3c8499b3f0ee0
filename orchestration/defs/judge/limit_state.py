"""The append-only table of limit segments: what was decided, by which run."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from orchestration.defs.judge.series import Series
from orchestration.method.charts import Chart

Key = tuple[str, str, int]
"""Product, metric and metric version."""

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
    "annotation_id": "varchar",
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
    number: int = 1
    """1 for the first limits of a metric version, 2 after its level was accepted to have moved."""
    start_date: date | None = None
    """First period of the segment; None for that of the baseline."""
    annotation_id: str | None = None
    """The recorded cause that opened the segment."""

    @property
    def is_locked(self) -> bool:
        return self.state == "locked"


def final_segments(
    connection: duckdb.DuckDBPyConnection, lock_count: int, gap_count: int
) -> dict[Key, list[Segment]]:
    """Return the stored segments that stay, in order: locked, or degenerate over a baseline."""
    final: dict[Key, list[Segment]] = {}
    for (*_, number), row in sorted(_latest(connection).items()):
        key = (row["product_id"], row["metric_id"], row["metric_version"])
        if number != len(final.get(key, [])) + 1:
            continue
        needed = gap_count if row["chart_grain"] == "outage" else lock_count
        is_whole = row["usable_count"] >= needed
        if row["state"] == "locked" or (row["state"] == "degenerate" and is_whole):
            final.setdefault(key, []).append(_as_segment(row))
    return final


def append_segments(
    connection: duckdb.DuckDBPyConnection,
    all_series: list[Series],
    all_segments: list[list[Segment]],
    run_id: str,
) -> None:
    """Append each segment that differs from the last one stored under its number."""
    latest = _latest(connection)
    new = [
        row
        for series, segments in zip(all_series, all_segments, strict=True)
        for row in (segment_row(series, segment) for segment in segments)
        if not _is_same(row, latest.get((*series.key, row["segment_number"])))
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
        f"insert into state.limit_segments ({', '.join(SEGMENT_COLUMNS)}) values ({marks})",
        [
            (last + number, *row, run_id, as_of)
            for number, row in enumerate(frame.itertuples(index=False, name=None), start=1)
        ],
    )


def _latest(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str, int, int], dict]:
    """Return the newest stored row per product, metric, version and number; makes the table."""
    columns = ", ".join(f"{name} {kind}" for name, kind in SEGMENT_COLUMNS.items())
    connection.execute("create schema if not exists state")
    connection.execute(f"create table if not exists state.limit_segments ({columns})")
    # a state table is older than the code that reads it
    connection.execute(
        "alter table state.limit_segments add column if not exists annotation_id varchar"
    )
    cursor = connection.execute(
        f"select {', '.join(SEGMENT_COLUMNS)} from state.limit_segments {_counting(connection)}"
        " order by entry_number"
    )
    rows = [dict(zip(SEGMENT_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    keys = ("product_id", "metric_id", "metric_version", "segment_number")
    return {tuple(row[name] for name in keys): row for row in rows}


def _counting(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the condition on rows that count: what a run that failed decided, nobody saw."""
    known = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'state' and table_name = 'publications'"
    ).fetchone()
    if known is None:
        return ""
    return (
        "where run_id in (select run_id from state.publications)"
        " or run_id in (select run_id from registry.run_context)"
    )


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
        number=row["segment_number"],
        start_date=row["start_date"],
        annotation_id=row["annotation_id"],
    )


def segment_row(series: Series, segment: Segment) -> dict[str, Any]:
    """Return what is stored of a segment, without entry number, run and as-of."""
    chart = {} if segment.chart is None else asdict(segment.chart)
    fitted = ("scale", "centre", "mean_mr", *NUMBERS, "required_run", "is_median_variant")
    return {
        "product_id": series.product_id,
        "metric_id": series.metric_id,
        "metric_version": series.metric_version,
        "chart_grain": segment.chart_grain,
        "segment_number": segment.number,
        "start_date": segment.start_date or segment.baseline_from,
        "baseline_from": segment.baseline_from,
        "baseline_to": segment.baseline_to,
        "usable_count": segment.usable_count,
        "chart_method": chart.get("method"),
        **{name: chart.get(name) for name in fitted},
        "state": segment.state,
        "reason": segment.reason,
        "annotation_id": segment.annotation_id,
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
