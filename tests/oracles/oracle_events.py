"""The oracle's own reading of registry and landing zone, in plain Python.

It is written from the definitions. Nothing here looks at the SQL.
"""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as parquet

DOUBLE_WINDOW = timedelta(seconds=5)
FUTURE_TOLERANCE = timedelta(hours=24)
REQUIRED = ("id", "source", "type", "subject")
ATTRIBUTES = ("productid", "actorid", "segmentid", "environment", "ingresspath",
              "correlationid", "causationid", "idempotencykey")  # fmt: skip
KINDS = ("human", "service", "test", "bot", "unknown")
HOUR = timedelta(hours=1)
Row = dict[str, str]


@dataclass(slots=True)
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
    has_clock: bool = True


@dataclass(frozen=True)
class Calendar:
    """Weeks `[Monday 00:00, next Monday 00:00)` of a zone."""

    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        return instant.replace(tzinfo=UTC).astimezone(self.zone).date()

    def week(self, instant: datetime) -> date:
        day = self.day(instant)
        return day - timedelta(days=day.weekday())

    @cache  # noqa: B019 - one calendar a test run
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
    if overrides := tables.get("trust_overrides"):
        tables["trust_overrides"] = with_lines(seeds / "trust_overrides.csv", overrides)
    return tables


def with_lines(path: Path, rows: list[Row]) -> list[Row]:
    """Return rows with the line of the file on which each begins, which other rows may name."""
    found, last = [], 0
    with path.open(newline="", encoding="utf-8") as file:
        records = csv.reader(file)
        for cells in records:
            if cells:
                found.append(str(last + 1))
            last = records.line_num
    return [row | {"registry_line": line} for row, line in zip(rows, found[1:], strict=True)]


@dataclass
class Landing:
    """What a landing zone says: events that count, and every sign of life of each source."""

    events: list[Event]
    signs: dict[str, list[Event]]


def read_landing(
    landing: Path, registry: dict[str, list[Row]], as_of: datetime = datetime.max
) -> Landing:
    """Read all files of a landing zone, as known at an instant, and keep each act once."""
    sources = {row["source_id"]: row for row in registry["sources"]}
    plan = [(row["source_id"], row["event_type"]) for row in registry["tracking_plan"]]
    planned: dict[tuple[str, str], bool] = {}
    events = []
    for event in _told(landing, sources):
        kind = (event.source, event.type)
        if kind not in planned:
            planned[kind] = _is_planned(*kind, plan)
        # what an export without a receive clock holds was known as it happened
        known_at = event.received_at if event.has_clock else event.occurred_at
        if planned[kind] and known_at <= as_of:
            events.append(event)
    signs: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        signs[event.source].append(event)
    return Landing(distinct(events), signs)


def read_events(landing: Path, registry: dict[str, list[Row]]) -> list[Event]:
    """Return the events of a landing zone that count."""
    return read_landing(landing, registry).events


def _told(landing: Path, sources: dict[str, Row]) -> Iterator[Event]:
    for path in sorted((landing / "cloudevents").rglob("*")):
        for record in _records(path):
            event = _event(record, sources)
            if event:
                yield event
    yield from _git_events(landing / "git", sources)


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


def _event(record: dict[str, Any], sources: dict[str, Row]) -> Event | None:
    occurred_at, source = instant(record.get("time")), record.get("source")
    if not all(isinstance(record.get(name), str) and record[name] for name in REQUIRED):
        return None
    if source not in sources or not occurred_at:
        return None
    if not all(isinstance(record.get(name) or "", str) for name in ATTRIBUTES):
        return None
    kind = record.get("actorkind") or "unknown"
    told_at = instant(record.get("receivedtime"))
    if kind not in KINDS or (not told_at and _flag(sources[source]["has_receive_clock"])):
        return None
    received_at = told_at or until(sources[source]) or occurred_at
    if occurred_at > received_at + FUTURE_TOLERANCE:
        return None
    data = record.get("data") or {}
    return Event(
        source=source, id=record["id"], type=record["type"],
        product=record.get("productid") or sources[source]["product_id"],
        subject=record.get("subject"), occurred_at=occurred_at, received_at=received_at,
        actor=record.get("actorid"), actor_kind=kind, segment=record.get("segmentid"),
        environment=record.get("environment"), path=record.get("ingresspath"),
        correlation=record.get("correlationid"), causation=record.get("causationid"),
        key=record.get("idempotencykey"), weight=int(record.get("sampledrate") or 1),
        is_heartbeat=_flag(record.get("heartbeat")),
        data=json.loads(data) if isinstance(data, str) else data, has_clock=told_at is not None,
    )  # fmt: skip


def _flag(value: Any) -> bool:
    return str(value or False).lower() == "true"


def until(source: Row) -> datetime | None:
    """Return the instant at which a source's series ends, None while it runs."""
    text = source.get("observed_until")
    return instant(text if "+" in text or "Z" in text else f"{text}Z") if text else None


def _git_events(folder: Path, sources: dict[str, Row]) -> Iterator[Event]:
    """Read commits and tags as `steelyard land git` writes them: what landed when, and names."""
    for kind in ("commits", "tags"):
        for path in sorted(folder.rglob(f"*__{kind}.csv*")):
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):  # pyright: ignore[reportArgumentType]
                    owner, _, service = row["repo"].partition("/")
                    source = "git-checkout" if owner == "local" else f"git-{owner.lower()}"
                    told = _commit(row, service) if kind == "commits" else _tag(row, service)
                    at = told.pop("occurred_at")
                    if source in sources and at and row["repo"]:
                        yield Event(
                            source=source, product=sources[source]["product_id"], occurred_at=at,
                            received_at=until(sources[source]) or at, path="import",
                            has_clock=False, **told,
                        )  # fmt: skip


def _commit(row: Row, service: str) -> dict[str, Any]:
    data = {
        "service": service, "authored_at": row["authored_at"],
        "committed_at": row["committed_at"], "is_revert": row["is_revert"] == "1",
        "is_merge": row["is_merge"] == "1",
    }  # fmt: skip
    return {
        "id": f"{row['repo']}/{row['sha']}", "type": "change.landed", "subject": row["sha"],
        "occurred_at": instant(row["landed_at"]), "actor": row["author_hash"] or None,
        "actor_kind": "bot" if row["author_is_bot"] == "1" else "human", "data": data,
    }  # fmt: skip


def _tag(row: Row, service: str) -> dict[str, Any]:
    data = {"service": service, "tag": row["tag"], "commit_sha": row["commit_sha"]}
    return {
        "id": f"{row['repo']}/tags/{row['tag']}", "type": "tag.created", "subject": row["tag"],
        "occurred_at": instant(row["created_at"]), "data": data,
    }  # fmt: skip


def _is_planned(source: str, kind: str, plan: Iterable[tuple[str, str]]) -> bool:
    return any(
        planned_kind == kind
        and (
            planned == source or (planned.endswith("*") and source.startswith(planned[:-1]))
        )
        for planned, planned_kind in plan
    )  # fmt: skip


def distinct(events: list[Event]) -> list[Event]:
    """Keep the first received of each (source, id), then of each act seen on another path."""
    by_id: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda e: e.received_at):
        by_id.setdefault((event.source, event.id), event)
    acts: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    kept = []
    for event in sorted(by_id.values(), key=lambda e: (e.occurred_at, e.received_at, e.id)):
        if event.subject is None or event.actor is None or not event.path or event.is_heartbeat:
            kept.append(event)
            continue
        act = (event.product, event.type, event.subject, event.actor, event.key)
        if not _is_double(event, acts[act]):
            acts[act].append(event)
            kept.append(event)
    return kept


def _is_double(event: Event, before: list[Event]) -> bool:
    for other in reversed(before):
        if event.occurred_at - other.occurred_at > DOUBLE_WINDOW:
            return False
        if other.path != event.path:
            return True
    return False
