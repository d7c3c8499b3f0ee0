"""Batches to landing files: JSON Lines, some of them packed, and Parquet."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.sample.calendar import BACKFILL_WEEKS, Calendar
from orchestration.sample.draw import Batch

TIMES = ("time", "recordedtime", "receivedtime")
PARQUET_PRODUCTS = ("checkout", "tills")
PACKED_PRODUCTS = ("data_platform", "service_desk", "insight_desk")


@dataclass(frozen=True)
class LandingFile:
    """What one file will hold, in the order in which the collector received it."""

    path: Path
    events: list[dict[str, Any]]


def envelopes(product_id: str, batches: list[Batch]) -> list[dict[str, Any]]:
    """One CloudEvent for each event, times as UTC text to the millisecond, unordered."""
    events: list[dict[str, Any]] = []
    for batch in batches:
        occurred, received = _texts(batch.occurred), _texts(batch.received)
        recorded = None if batch.recorded is None else _texts(batch.recorded)
        fixed = {
            "specversion": "1.0",
            "source": batch.source_id,
            "type": batch.event_type,
            "ingresspath": batch.ingress_path,
            "actorkind": batch.actor_kind,
            "productid": product_id,
        }
        if batch.environment:
            fixed["environment"] = batch.environment
        varying = {
            "id": batch.event_ids,
            "subject": batch.subjects,
            "time": occurred,
            "recordedtime": recorded,
            "receivedtime": received,
            "actorid": batch.actors,
            "segmentid": batch.segments,
            "correlationid": batch.correlations,
            "causationid": batch.causations,
            "idempotencykey": batch.idempotency_keys,
            "data": batch.data,
        }
        present = {name: column for name, column in varying.items() if column is not None}
        heartbeat = {"heartbeat": True} if batch.is_heartbeat else {}
        for values in zip(*present.values(), strict=True):
            events.append({**fixed, **dict(zip(present, values, strict=True)), **heartbeat})
    return events


def landing_files(
    landing: Path, product_id: str, calendar: Calendar, events: list[dict[str, Any]]
) -> list[LandingFile]:
    """Divide a product's events by quarter of receipt; the backfill is a file of its own."""
    ordered = sorted(events, key=lambda event: (event["receivedtime"], event["id"]))
    # the backfill came within the first hour of collecting
    began = calendar.day_start(BACKFILL_WEEKS + 1, 0)
    first_hour = str(_texts(np.array([began + 3600.0]))[0])
    parts: dict[str, list[dict[str, Any]]] = {}
    for event in ordered:
        received = event["receivedtime"]
        quarter = f"{received[:4]}-q{(int(received[5:7]) + 2) // 3}"
        parts.setdefault("backfill" if received < first_hour else quarter, []).append(event)
    folder = landing / "cloudevents" / product_id
    return [
        LandingFile(folder / f"{name}{_suffix(product_id, name)}", part)
        for name, part in parts.items()
    ]


def write_parquet(file: LandingFile) -> None:
    """Times as instants, everything else as text; `data` is JSON text."""
    names = list(dict.fromkeys(name for event in file.events for name in event))
    columns = {name: _column(name, [event.get(name) for event in file.events]) for name in names}
    pq.write_table(pa.table(columns), file.path, compression="zstd")


def write_lines(path: Path, lines: list[str]) -> None:
    """One line each, ended by a line feed; packed where the name says so, without a date."""
    content = "".join(f"{line}\n" for line in lines).encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=1, mtime=0)
    path.write_bytes(content)


def json_line(event: dict[str, Any]) -> str:
    return json.dumps(event, separators=(",", ":"))


def _suffix(product_id: str, name: str) -> str:
    if product_id in PARQUET_PRODUCTS:
        return ".parquet"
    is_packed = product_id in PACKED_PRODUCTS or name == "backfill"
    return ".jsonl.gz" if is_packed else ".jsonl"


def _column(name: str, values: list[Any]) -> pa.Array:
    if name in TIMES:
        texts = pa.array([value and value[:-1] for value in values], pa.string())
        return texts.cast(pa.timestamp("ms")).cast(pa.timestamp("ms", tz="UTC"))
    if name == "data":
        values = [None if value is None else json_line(value) for value in values]
    return pa.array(values, pa.bool_() if name == "heartbeat" else pa.string())


def _texts(seconds: np.ndarray) -> list[str]:
    instants = np.round(seconds * 1000).astype("datetime64[ms]")
    return np.datetime_as_string(instants, timezone="UTC").tolist()
