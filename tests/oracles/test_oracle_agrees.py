"""SQL and the oracle, two ways from the same definitions, agree on every week of every metric."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.oracles import golden, golden_usage
from tests.oracles.compare import COMPUTED, differences, rows_of
from tests.oracles.golden_registry import registry
from tests.oracles.oracle_events import Event
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.warehouse import SCHEMAS, ZONE, Registry, Row


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


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """Return the oracle over the golden events."""
    events = [
        oracle_event(number, row)
        for number, row in enumerate(golden.events() + golden_usage.events())
    ]
    return Oracle(rows_as_text(registry()), events, golden.AS_OF)


def test_sql_and_oracle_agree_on_worked_and_drawn_events(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    computed = rows_of(golden_warehouse.execute(COMPUTED).fetchall())
    drawn = {key[1] for key, told in computed.items() if key[0] == "disorder" and told.numerator}
    assert len(computed) > 1000
    assert len(drawn) >= 14, f"drawn events leave metrics empty: {sorted(drawn)}"
    found = differences(computed, oracle.readings())
    assert not found, (Counter((d.product_id, d.metric_id, d.column) for d in found), found[:3])


def test_the_comparison_finds_a_number_that_is_off(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    computed = rows_of(golden_warehouse.execute(COMPUTED).fetchall())
    key = ("ripe", "job_time", "week", golden.BASE.date().replace(day=3))
    computed[key] = replace(computed[key], numerator=(computed[key].numerator or 0.0) + 1)
    found = differences(computed, oracle.readings())
    assert [(*d[:4], d.column) for d in found] == [(*key, "numerator")]
