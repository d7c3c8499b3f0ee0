"""The oracle over a small warehouse of hand-written events and registry rows."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from duckdb import DuckDBPyConnection

from tests.oracles.compare import COMPUTED, Difference, differences, rows_of
from tests.oracles.oracle_events import Event
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.warehouse import SCHEMAS, ZONE, Registry, Row


def disagreements(
    connection: DuckDBPyConnection, registry: Registry, events: Iterable[Row], as_of: datetime
) -> list[Difference]:
    """Return where the warehouse that was built of these rows differs from the oracle."""
    computed = rows_of(connection.execute(COMPUTED).fetchall())
    assert computed
    return differences(computed, oracle_over(registry, events, as_of).readings())


def oracle_over(registry: Registry, events: Iterable[Row], as_of: datetime) -> Oracle:
    """Return the oracle over hand-written rows; each source is known to its end."""
    told = [oracle_event(number, row) for number, row in enumerate(events)]
    return Oracle(rows_as_text(registry), told, as_of)


def as_text(value: Any) -> str:
    """Return a registry value as its CSV would hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def rows_as_text(tables: Registry) -> dict[str, list[dict[str, str]]]:
    """Return registry rows as the texts of their CSV files, absent columns blank."""
    schemas = {path.stem: path for path in SCHEMAS.glob("*.json")}
    columns = {
        name: [column["name"] for column in json.loads(path.read_text())["fields"]]
        for name, path in schemas.items()
    }
    rows = {
        name: [{c: as_text(row.get(c)) for c in columns[name]} for row in tables.get(name, [])]
        for name in columns
    }
    zone = {"setting": "reporting_time_zone", "value": ZONE.key, "reason": ""}
    return defaultdict(list, rows) | {"settings": [*rows["settings"], zone]}


def oracle_event(number: int, row: Row) -> Event:
    """Return a golden event as the oracle's own."""
    return Event(
        source=row["source_id"], id=row["event_id"] or f"e{number:05d}", type=row["event_type"],
        product=row["product_id"], subject=row["subject_id"], occurred_at=row["occurred_at"],
        received_at=row["received_at"], actor=row["actor_id"], actor_kind=row["actor_kind"],
        environment=row.get("environment"), causation=row.get("causation_id"),
        weight=row["sampled_rate"], is_heartbeat=row["is_heartbeat"], data=row.get("data") or {},
    )  # fmt: skip
