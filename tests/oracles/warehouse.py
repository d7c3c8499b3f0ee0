"""A small warehouse from hand-written events and registry rows, on which core and metrics run."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from expectations.parameters import default_rows
from orchestration.dbt_runner import raise_failures, run_dbt
from orchestration.registry.load import TYPES
from orchestration.workspace import Workspace

SCHEMAS = Path(__file__).parents[2] / "orchestration" / "registry" / "schemas"
ZONE = ZoneInfo("Europe/Berlin")
EVENT_COLUMNS = {
    "event_id": "varchar", "source_id": "varchar", "product_id": "varchar",
    "event_type": "varchar", "subject_id": "varchar", "occurred_at": "timestamp",
    "received_at": "timestamp", "has_receive_clock": "boolean", "actor_id": "varchar",
    "actor_kind": "varchar", "segment_id": "varchar", "environment": "varchar",
    "correlation_id": "varchar", "causation_id": "varchar", "ingress_path": "varchar",
    "sampled_rate": "integer", "is_heartbeat": "boolean", "data": "varchar",
    "classification": "varchar", "occurred_week_start_date": "date", "file_id": "varchar",
    "line_number": "bigint", "reason": "varchar",
}  # fmt: skip
WATERMARK_COLUMNS = {
    "source_id": "varchar", "product_id": "varchar", "observed_until_at": "timestamp",
    "lateness_hours": "double", "watermark_at": "timestamp",
}  # fmt: skip

Row = Mapping[str, Any]
Registry = Mapping[str, list[Row]]


def week_of(instant: datetime) -> Any:
    """Return the Monday (date) of the reporting week of a naive UTC instant."""
    local = instant.replace(tzinfo=UTC).astimezone(ZONE)
    return local.date() - timedelta(days=local.weekday())


def event(product: str, kind: str, subject: str, occurred_at: datetime, **more: Any) -> Row:
    """Return one event of the product's only source; `data` is a dictionary of properties."""
    return {
        "event_id": None, "source_id": product, "product_id": product, "event_type": kind,
        "subject_id": subject, "occurred_at": occurred_at, "received_at": occurred_at,
        "actor_id": None, "actor_kind": "human", "sampled_rate": 1, "is_heartbeat": False,
        "classification": "accepted", **more,
    }  # fmt: skip


def build(home: Path, registry: Registry, events: Iterable[Row], as_of: datetime) -> Path:
    """Fill a warehouse, run dbt's core and metrics on it, and return the database's path.

    Watermarks are the lesser of as-of and `observed_until`: every source is known to its end.
    """
    workspace = Workspace(home)
    workspace.warehouse.mkdir(parents=True)
    with duckdb.connect(str(workspace.database)) as connection:
        write_registry(connection, registry, as_of)
        write_events(connection, events)
        write_watermarks(connection, registry["sources"], as_of)
        connection.execute("create schema state")
        connection.execute("create table state.publications (run_id varchar)")
    raise_failures(run_dbt(workspace, ["seed"]), workspace)
    paths = ["fqn:steelyard.core", "fqn:steelyard.metrics"]
    raise_failures(run_dbt(workspace, ["run", "--select", *paths]), workspace)
    return workspace.database


def write_registry(
    connection: duckdb.DuckDBPyConnection, registry: Registry, as_of: datetime
) -> None:
    """Create every table of the registry, typed by its schema, absent columns being NULL."""
    connection.execute("create schema registry")
    for path in sorted(SCHEMAS.glob("*.json")):
        fields = json.loads(path.read_text(encoding="utf-8"))["fields"]
        columns = {field["name"]: TYPES[field["type"]] for field in fields}
        defaults = default_rows().values() if path.stem == "check_parameters" else []
        insert(connection, f"registry.{path.stem}", columns, registry.get(path.stem, defaults))
    context = {"as_of_at": "timestamp", "run_id": "varchar", "code_version": "varchar"}
    row = {"as_of_at": as_of, "run_id": "r", "code_version": "v", "reporting_time_zone": ZONE.key}
    insert(connection, "registry.run_context", context | {"reporting_time_zone": "varchar"}, [row])


def write_events(connection: duckdb.DuckDBPyConnection, events: Iterable[Row]) -> None:
    """Create intake's table of classified events."""
    rows = [
        {
            **row,
            "event_id": row["event_id"] or f"e{number:05d}",
            "data": json.dumps(row.get("data") or {}),
            "occurred_week_start_date": week_of(row["occurred_at"]),
        }
        for number, row in enumerate(events)
    ]
    connection.execute("create schema intake")
    insert(connection, "intake.int_events_known", EVENT_COLUMNS, rows)
    connection.execute(
        "create table intake.int_event_paths as "
        "select distinct source_id, event_type, ingress_path from intake.int_events_known"
    )
    # everything is computed: nothing has changed since an earlier run
    insert(connection, "intake.int_events_changed", EVENT_COLUMNS, [])


def write_watermarks(
    connection: duckdb.DuckDBPyConnection, sources: Iterable[Row], as_of: datetime
) -> None:
    """Create the instruments' table of how far each source is known."""
    rows = []
    for source in sources:
        end = min(as_of, source.get("observed_until") or as_of)
        rows.append({**source, "watermark_at": end, "observed_until_at": end})
    connection.execute("create schema instruments")
    insert(connection, "instruments.int_source_watermarks", WATERMARK_COLUMNS, rows)


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Row],
) -> None:
    """Create a table and fill it; a column that a row leaves out is NULL."""
    typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"create table {table} ({typed})")
    frame = pd.DataFrame(
        [{name: row.get(name) for name in columns} for row in rows], columns=list(columns)
    ).astype(object)
    if len(frame):
        frame = frame.where(frame.notna(), None)
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"insert into {table} values ({marks})", frame.values.tolist())
