"""The oracle's own reading of registry and landing zone, in plain Python.

It is written from the definitions. Nothing here looks at the SQL. It is slow and simple on purpose.
"""

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as parquet

DOUBLE_WINDOW = timedelta(seconds=5)
FUTURE_TOLERANCE = timedelta(hours=24)
REQUIRED = ("id", "source", "type", "subject")
Row = dict[str, str]


@dataclass
class Event:
    """One event as it counts; instants are naive UTC."""

    source: str
    id: str
    type: str
    product: str
    subject: str | None
    occurred_at: datetime
    received_at: datetime
    actor: str | None = None
    actor_kind: str = "unknown"
    segment: str | None = None
    environment: str | None = None
    path: str | None = None
    correlation: str | None = None
    causation: str | None = None
    key: str | None = None
    weight: int = 1
    is_heartbeat: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Calendar:
    """Weeks `[Monday 00:00, next Monday 00:00)` of a zone."""

    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        return instant.replace(tzinfo=UTC).astimezone(self.zone).date()

    def week(self, instant: datetime) -> date:
        day = self.day(instant)
        return day - timedelta(days=day.weekday())

    def start(self, week: date) -> datetime:
        local = datetime(week.year, week.month, week.day, tzinfo=self.zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def end(self, week: date) -> datetime:
        return self.start(week + timedelta(days=7))


def read_registry(seeds: Path) -> dict[str, list[Row]]:
    """Return all rows of all CSV files by file name, as text."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for path in sorted(seeds.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables


def read_events(landing: Path, registry: dict[str, list[Row]]) -> list[Event]:
    """Read all CloudEvents of a landing zone and keep what counts, each act once."""
    products = {row["source_id"]: row["product_id"] for row in registry["sources"]}
    plan = [(row["source_id"], row["event_type"]) for row in registry["tracking_plan"]]
    events = []
    for path in sorted((landing / "cloudevents").rglob("*")):
        for record in _records(path):
            event = _event(record, products)
            if event and _is_planned(event, plan):
                events.append(event)
    return distinct(events)


def _records(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    if path.suffix not in (".jsonl", ".gz"):
        return []
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    records = []
    for line in text.decode().splitlines():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return [record for record in records if isinstance(record, dict)]


def instant(text: Any) -> datetime | None:
    """Return an RFC 3339 text (or a timestamp of Parquet) as naive UTC."""
    if isinstance(text, datetime):
        return text.astimezone(UTC).replace(tzinfo=None) if text.tzinfo else text
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else None


def _event(record: dict[str, Any], products: dict[str, str]) -> Event | None:
    occurred_at, source = instant(record.get("time")), record.get("source")
    if not all(isinstance(record.get(name), str) and record[name] for name in REQUIRED):
        return None
    if source not in products or not occurred_at:
        return None
    if not isinstance(record.get("ingresspath") or "", str):
        return None
    received_at = instant(record.get("receivedtime")) or occurred_at
    if occurred_at > received_at + FUTURE_TOLERANCE:
        return None
    data = record.get("data") or {}
    return Event(
        source=source, id=record["id"], type=record["type"],
        product=record.get("productid") or products[source], subject=record.get("subject"),
        occurred_at=occurred_at, received_at=received_at, actor=record.get("actorid"),
        actor_kind=record.get("actorkind") or "unknown", segment=record.get("segmentid"),
        environment=record.get("environment"), path=record.get("ingresspath"),
        correlation=record.get("correlationid"), causation=record.get("causationid"),
        key=record.get("idempotencykey"), weight=int(record.get("sampledrate") or 1),
        is_heartbeat=str(record.get("heartbeat") or False).lower() == "true",
        data=json.loads(data) if isinstance(data, str) else data,
    )  # fmt: skip


def _is_planned(event: Event, plan: list[tuple[str, str]]) -> bool:
    return any(
        kind == event.type
        and (
            source == event.source
            or (source.endswith("*") and event.source.startswith(source[:-1]))
        )
        for source, kind in plan
    )


def distinct(events: list[Event]) -> list[Event]:
    """Keep the first received of each (source, id), then of each act seen on another path."""
    by_id: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda e: e.received_at):
        by_id.setdefault((event.source, event.id), event)
    acts: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    kept = []
    for event in sorted(by_id.values(), key=lambda e: (e.occurred_at, e.received_at, e.id)):
        if event.subject is None or event.actor is None:
            kept.append(event)
            continue
        act = (event.product, event.type, event.subject, event.actor, event.key)
        if any(
            other.path != event.path and event.occurred_at - other.occurred_at <= DOUBLE_WINDOW
            for other in acts[act]
        ):
            continue
        acts[act].append(event)
        kept.append(event)
    return kept
