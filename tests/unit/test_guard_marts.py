"""Gaps of the tracking plan and lateness of sources, on small tables."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.sql import render_model

AS_OF = datetime(2024, 6, 3)
TABLES = """
    create schema registry; create schema instruments; create schema core; create schema intake;
    create schema metrics;
    create table registry.run_context as
        select timestamp '2024-06-03' as as_of_at, 'Europe/Berlin' as reporting_time_zone;
    create table registry.sources (source_id varchar, product_id varchar, lateness_hours double);
    create table registry.tracking_plan (
        source_id varchar, event_type varchar, trigger varchar, role varchar
    );
    create table instruments.int_source_watermarks (
        source_id varchar, product_id varchar, observed_until_at timestamp
    );
    create table core.int_events (source_id varchar, event_type varchar, occurred_at timestamp);
    create table intake.int_events_known (
        source_id varchar, event_type varchar, occurred_at timestamp, received_at timestamp,
        has_receive_clock boolean, classification varchar, reason varchar,
        occurred_week_start_date date as (cast(date_trunc('week', occurred_at) as date))
    );
    create table metrics.int_metric_lineage (
        source_id varchar, event_type varchar, metric_id varchar
    );
"""


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, model: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"from ({render_model(model)}) order by 1, 2")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def plan(connection: duckdb.DuckDBPyConnection, event_type: str, role: str = "item") -> None:
    connection.execute(
        "insert into registry.tracking_plan values ('cms', ?, 'somebody does it', ?)",
        [event_type, role],
    )


def test_a_gap_is_what_is_planned_and_not_seen_or_seen_and_not_planned(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute(
        "insert into instruments.int_source_watermarks values ('cms', 'news', ?)", [AS_OF]
    )
    for event_type in ("page.kept", "page.lost", "page.never"):
        plan(warehouse, event_type)
    plan(warehouse, "page.template", "ignored")
    edge = AS_OF - timedelta(days=28)
    for event_type, when in (("page.kept", edge), ("page.lost", edge - timedelta(seconds=1))):
        warehouse.execute("insert into core.int_events values ('cms', ?, ?)", [event_type, when])
    for event_type, reason in (("jo@example.org", "unknown_type"), ("page.odd", "invalid_json")):
        warehouse.execute(
            "insert into intake.int_events_known values ('cms', ?, ?, ?, true, 'quarantined', ?)",
            [event_type, edge, edge, reason],
        )
    warehouse.execute(
        "insert into metrics.int_metric_lineage values ('cms', 'page.never', 'b'),"
        " ('cms', 'page.never', 'a'), ('cms', 'page.never', 'a')"
    )
    found = {row["event_type"]: row for row in rows(warehouse, "fct_plan_gaps")}
    assert {name: row["gap"] for name, row in found.items()} == {
        "page.lost": "not_seen_lately", "page.never": "never_seen", "(address)": "unplanned",
    }  # fmt: skip
    assert found["page.never"]["metric_ids"] == "a;b"
    assert found["page.never"]["planned_trigger"] == "somebody does it"
    assert found["page.lost"]["last_week_start_date"] == date(2024, 5, 6)


def test_lateness_counts_from_the_first_delivery_on(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("insert into registry.sources values ('cms', 'news', 24)")
    start = datetime(2024, 5, 1)
    # one that occurred before anything was received is backfill, however late it came
    events = [(start - timedelta(days=90), start, True)]
    events += [
        (start + timedelta(days=n), start + timedelta(days=n, hours=n), True) for n in range(1, 11)
    ]
    events.append((start + timedelta(days=1), start + timedelta(days=30), False))
    for occurred, received, has_clock in events:
        warehouse.execute(
            "insert into intake.int_events_known values ('cms', 'a', ?, ?, ?, 'accepted', null)",
            [occurred, received, has_clock],
        )
    days = render_model("int_source_days_counted")
    warehouse.execute(f"create table instruments.int_source_days_counted as {days}")
    found = {row["arrived_share"]: row for row in rows(warehouse, "fct_lateness")}
    assert {share: row["lag_hours"] for share, row in found.items()} == {
        0.1: 1, 0.25: 3, 0.5: 5, 0.75: 8, 0.9: 9, 0.95: 10, 0.99: 10,
    }  # fmt: skip
    assert {row["declared_lateness_hours"] for row in found.values()} == {24}
