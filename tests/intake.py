"""A small workspace for tests of the intake: events to land, a registry, and one run of dbt."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from expectations.parameters import default_rows
from orchestration import gone, increment
from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.load.loaders import (
    LoadResult,
    load_landing,
    show_all_events,
    show_new_events,
)
from orchestration.registry.load import TYPES
from orchestration.registry.tables import FILES, schema
from orchestration.workspace import Workspace

START = datetime(2025, 3, 3, 9, 0)
AS_OF = START + timedelta(days=7)
INTAKE = ("fqn:steelyard.staging", "fqn:steelyard.intake")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows of the registry's tables."""
SOURCES = [
    ("urn:cms", "cloudevents", "website", True),
    ("urn:portal", "cloudevents", "portal", None),
]
PLAN = [
    ("urn:*", "page.published"),
    ("urn:portal", "ticket.created"),
    ("urn:*", "service.deployed"),
]


def event(number: int = 1, /, **changes: Any) -> dict[str, Any]:
    """Return a good event; `changes` replace attributes, None leaves one out."""
    good = {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "urn:cms",
        "type": "page.published",
        "subject": f"page-{number}",
        "time": instant(number),
        "receivedtime": instant(number + 1),
        "ingresspath": "web",
        "actorid": f"actor-{number % 5}",
        "actorkind": "human",
        "data": {"words": number},
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def instant(seconds: float) -> str:
    """RFC 3339 text of an instant some seconds after the tests' start."""
    return (START + timedelta(seconds=seconds)).isoformat() + "Z"


def lines(events: Iterable[dict[str, Any]]) -> bytes:
    """Events as JSON Lines."""
    return b"".join(json.dumps(e, ensure_ascii=False).encode() + b"\n" for e in events)


def workspace_with(home: Path, files: dict[str, bytes]) -> Workspace:
    """Make a workspace whose landing zone holds these files."""
    workspace = Workspace(home)
    for path, content in files.items():
        target = workspace.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return workspace


def load(workspace: Workspace, connector: str | None = None) -> LoadResult:
    """Load a workspace's landing zone."""
    return load_landing(workspace.database, workspace.landing, PROJECT, connector)


def rows(workspace: Workspace, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
    """Answer a query on the warehouse."""
    with duckdb.connect(str(workspace.database)) as connection:
        return connection.execute(query, list(parameters)).fetchall()


def classify(
    workspace: Workspace,
    settings: dict[str, str] | None = None,
    registry: Rows | None = None,
    as_of_at: datetime = AS_OF,
    selected: Sequence[str] = INTAKE,
    breaks_off: bool = False,
) -> increment.Plan:
    """Load the landing zone and bring the selected models up to date; data tests are left out."""
    load(workspace)
    with duckdb.connect(str(workspace.database)) as connection:
        _registry(connection, settings or {}, registry or {}, as_of_at)
        connection.execute("create schema if not exists state")
        gone.prepare(connection)
    gone.note_gone(workspace.database, as_of_at)
    plan = increment.plan_run(workspace.database, str(settings), as_of_at)
    if plan.is_increment:
        show_new_events(workspace.database, workspace.landing)
    increment.start(workspace.database)
    results = run_dbt(workspace, ["run", "--select", *selected])
    raise_failures(results, workspace)
    if breaks_off:
        return plan
    increment.finish(workspace.database)
    show_all_events(workspace.database, workspace.landing)
    return plan


def _registry(
    connection: duckdb.DuckDBPyConnection,
    settings: dict[str, str],
    registry: Rows,
    as_of_at: datetime,
) -> None:
    connection.execute("create schema if not exists registry")
    for name in FILES:
        typed = ", ".join(f'"{f["name"]}" {TYPES[f["type"]]}' for f in schema(name)["fields"])
        connection.execute(
            f"create or replace table registry.{name} "
            f"({typed}, registry_file varchar, registry_line bigint)"
        )
    connection.execute(
        "create or replace table registry.contract_properties "
        "(source_id varchar, event_type varchar, property varchar, property_kind varchar, "
        "is_required boolean)"
    )
    connection.executemany(
        "insert into registry.sources (source_id, connector, product_id, has_receive_clock) "
        "values (?, ?, ?, ?)",
        SOURCES,
    )
    connection.executemany(
        "insert into registry.tracking_plan (source_id, event_type) values (?, ?)", PLAN
    )
    limits = {"check_parameters": list(default_rows().values())}
    for name, added in (limits | dict(registry)).items():
        for row in added:
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into registry.{name} ({', '.join(row)}) values ({marks})",
                list(row.values()),
            )
    for setting in settings.items():
        connection.execute("insert into registry.settings (setting, value) values (?, ?)", setting)
    connection.execute(
        "create or replace table registry.run_context as select ?::timestamp as as_of_at, "
        "'run' as run_id, 'code' as code_version, 'Europe/Berlin' as reporting_time_zone",
        [as_of_at],
    )
