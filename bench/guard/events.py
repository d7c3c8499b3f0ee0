"""A scenario's events as columns, and their way into a landing file.

A frame has one row an event. Its columns are the CloudEvents attributes in `ENVELOPE`, the two
times as integer milliseconds (UTC), and one column for each property of `data`, named
`data.<name>`, whose cells are JSON literals (text such as `12.5` or `"resolved"`) or None where it
isn't sent.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY
"""Milliseconds."""

FIRST_MONDAY = datetime(2025, 3, 10, tzinfo=UTC)
WEEKS = 60
BEGIN = int(FIRST_MONDAY.timestamp() * 1000)
END = BEGIN + WEEKS * WEEK
REFRESH = 30 * HOUR
"""A run on Tuesday at six reads the week that ended on Sunday: a day of lateness is promised."""

ENVELOPE = (
    "id", "source", "type", "subject", "time", "receivedtime", "sequence", "ingresspath",
    "actorid", "actorkind", "segmentid", "heartbeat",
)  # fmt: skip
PROPERTY = "data."


def week_begin(week: int) -> int:
    """Return the Monday 00:00 of a week, 0 being the first, in milliseconds."""
    return BEGIN + week * WEEK


def properties(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold properties of `data`."""
    return [column for column in frame.columns if column.startswith(PROPERTY)]


def data_texts(frame: pd.DataFrame) -> list[str]:
    """Return the JSON object of each event, properties in order of the columns."""
    texts = np.full(len(frame), "", dtype=object)
    for column in properties(frame):
        is_sent = frame[column].notna().to_numpy()
        literals = frame[column].to_numpy(dtype=object)[is_sent]
        name = column.removeprefix(PROPERTY)
        texts[is_sent] = [
            f'{before},"{name}":{literal}' if before else f'"{name}":{literal}'
            for before, literal in zip(texts[is_sent], literals, strict=True)
        ]
    return [f"{{{text}}}" for text in texts]


def as_received(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the events in the order in which the collector received them."""
    return frame.sort_values(["receivedtime", "id"], kind="stable", ignore_index=True)


def write(frame: pd.DataFrame, product_id: str, path: Path) -> None:
    """Write a product's landing file; times as instants, everything else as text."""
    frame = as_received(frame)
    columns: dict[str, pa.Array] = {"specversion": pa.array(["1.0"] * len(frame))}
    for name in ENVELOPE:
        if name in ("time", "receivedtime"):
            instants = pa.array(frame[name].astype("Int64"), pa.int64())
            columns[name] = instants.cast(pa.timestamp("ms", tz="UTC"))
        elif name == "heartbeat":
            columns[name] = pa.array(frame[name].to_numpy(bool))
        else:
            columns[name] = pa.array(frame[name].to_numpy(object), pa.string(), from_pandas=True)
    columns["productid"] = pa.array([product_id] * len(frame))
    columns["data"] = pa.array(data_texts(frame), pa.string())
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="zstd")
