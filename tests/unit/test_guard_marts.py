"""Gaps of the tracking plan and lateness of sources, on small tables."""

import math
import random
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
    create table registry.sources (
        source_id varchar, product_id varchar, lateness_hours double, observed_until timestamp
    );
    create table registry.tracking_plan (
        source_id varchar, event_type varchar, trigger varchar, role varchar
    );
    create table instruments.int_source_watermarks (
        source_id varchar, product_id varchar, observed_until_at timestamp
    );
    create table intake.int_events_known (
        source_id varchar, event_type varchar, occurred_at timestamp, received_at timestamp,
        has_receive_clock boolean, classification varchar, reason varchar, product_id varchar,
        occurred_week_start_date date as (cast(date_trunc('week', occurred_at) as date))
    );
    create table metrics.int_metric_lineage (
        source_id varchar, event_type varchar, metric_id varchar
    );
"""
LATENESS = (
    "int_source_days_counted", "int_source_lag_bins", "int_source_lag_ranks",
    "int_source_lags_kept", "int_source_lag_percentiles",
)  # fmt: skip


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def build(connection: duckdb.DuckDBPyConnection, *models: str) -> None:
    """Compute what the marts are made of."""
    for model in models:
        schema = "metrics" if model == "int_source_event_weeks" else "instruments"
        connection.execute(f"create table {schema}.{model} as {render_model(model)}")


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
        warehouse.execute(
            "insert into intake.int_events_known "
            "values ('cms', ?, ?, ?, true, 'accepted', null, 'news')",
            [event_type, when, when],
        )
    for event_type, reason in (("jo@example.org", "unknown_type"), ("page.odd", "invalid_json")):
        warehouse.execute(
            "insert into intake.int_events_known "
            "values ('cms', ?, ?, ?, true, 'quarantined', ?, 'news')",
            [event_type, edge, edge, reason],
        )
    warehouse.execute(
        "insert into metrics.int_metric_lineage values ('cms', 'page.never', 'b'),"
        " ('cms', 'page.never', 'a'), ('cms', 'page.never', 'a')"
    )
    build(warehouse, "int_source_event_weeks")
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
    warehouse.execute("insert into registry.sources values ('cms', 'news', 24, null)")
    start = datetime(2024, 5, 1)
    # one that occurred before anything was received is backfill, however late it came
    events = [(start - timedelta(days=90), start, True)]
    events += [
        (start + timedelta(days=n), start + timedelta(days=n, hours=n), True) for n in range(1, 11)
    ]
    events.append((start + timedelta(days=1), start + timedelta(days=30), False))
    for occurred, received, has_clock in events:
        warehouse.execute(
            "insert into intake.int_events_known "
            "values ('cms', 'a', ?, ?, ?, 'accepted', null, 'news')",
            [occurred, received, has_clock],
        )
    build(warehouse, *LATENESS)
    found = {row["arrived_share"]: row for row in rows(warehouse, "fct_lateness")}
    assert {share: row["lag_hours"] for share, row in found.items()} == {
        0.1: 1, 0.25: 3, 0.5: 5, 0.75: 8, 0.9: 9, 0.95: 10, 0.99: 10,
    }  # fmt: skip
    assert {row["declared_lateness_hours"] for row in found.values()} == {24}


def test_percentiles_by_bins_are_those_of_all_lags(warehouse: duckdb.DuckDBPyConnection) -> None:
    rng = random.Random(4)
    start = datetime(2024, 5, 1)
    lags = {
        "even": [rng.randrange(10**12) for _ in range(300)],
        "steep": [int(rng.lognormvariate(18, 3)) for _ in range(301)],
        "early": [rng.choice([-1, 1]) * int(rng.lognormvariate(12, 4)) for _ in range(299)],
        "few": [0, 1, -1, 0, 2],
        "one": [7],
    }
    for source, of_source in lags.items():
        warehouse.execute("insert into registry.sources values (?, 'news', 24, null)", [source])
        warehouse.executemany(
            "insert into intake.int_events_known "
            "values (?, 'a', ?, ?, true, 'duplicate', null, 'news')",
            [
                # in order of receipt, so that nothing occurs before the first delivery
                [source, start + timedelta(days=90), start + timedelta(days=90, microseconds=lag)]
                for lag in of_source
            ]
            + [[source, start, start]],
        )
    build(warehouse, *LATENESS)
    found = {
        (row["source_id"], row["arrived_share"]): row["lag_hours"]
        for row in rows(warehouse, "fct_lateness")
    }
    assert len(found) == 7 * len(lags)
    for (source, share), hours in found.items():
        ordered = sorted([0, *lags[source]])
        expected = ordered[math.ceil(round(share * len(ordered), 6)) - 1]
        assert hours == expected / 3600e6, (source, share)
