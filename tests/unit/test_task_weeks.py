"""Counts of tasks that are added to are those of all tasks, whatever weeks tasks moved between."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.sql import environment, render_increment, render_model

COUNTED = ("int_instrument_starts_counted", "int_instrument_tasks_timed")
SCOPES = ("int_task_weeks_left", "int_task_weeks_changed")
MONDAY = datetime(2026, 3, 2, 9)
FACTS = {
    "product_id": "varchar", "task_type_id": "varchar", "task_id": "varchar",
    "match_value": "varchar", "start_source_id": "varchar", "finish_source_id": "varchar",
    "started_at": "timestamp", "finished_at": "timestamp", "cancelled_at": "timestamp",
    "reopen_count": "bigint", "week_start_date": "date", "finish_week_start_date": "date",
}  # fmt: skip
REST = (
    "subject_id", "start_event_id", "state", "duration_us", "working_us", "paused_us",
    "actor_id", "segment_id", "environment", "causation_id", "start_data", "finish_data",
)  # fmt: skip
Row = dict[str, Any]


def task(name: str, begun: int, lasted: float | None, **changes: Any) -> Row:
    """Return a task that began some days after the first Monday and lasted some days."""
    started_at = MONDAY + timedelta(days=begun)
    finished_at = None if lasted is None else started_at + timedelta(days=lasted)
    return {
        "product_id": "desk", "task_type_id": "ticket", "task_id": name, "match_value": name,
        "start_source_id": "portal", "finish_source_id": None if lasted is None else "desk",
        "started_at": started_at, "finished_at": finished_at, "cancelled_at": None,
        "reopen_count": 0, "week_start_date": monday(started_at),
        "finish_week_start_date": finished_at and monday(finished_at), **changes,
    }  # fmt: skip


def monday(instant: datetime) -> date:
    return (instant - timedelta(days=instant.weekday())).date()


STAYS = [task("a", 0, 1), task("b", 1, 20), task("c", 8, None), task("d", 15, 0)]
CHANGES = {
    "begins": ([], [task("x", 22, None)]),
    "ends": ([task("x", 22, None)], [task("x", 22, 8)]),
    "is gone": ([task("x", 22, 0)], []),
    "began earlier": ([task("x", 22, 1)], [task("x", 2, 21)]),
    "ended earlier": ([task("x", 22, 30)], [task("x", 22, 3)]),
    "is open again": ([task("x", 22, 1)], [task("x", 22, None, reopen_count=1)]),
    "is cancelled": ([task("x", 22, None)], [task("x", 22, None, cancelled_at=MONDAY)]),
    "is of another source": ([task("x", 22, 1)], [task("x", 22, 1, start_source_id="phone")]),
    "ends elsewhere": ([task("x", 22, 1)], [task("x", 22, 1, finish_source_id="phone")]),
}
"""What a thing was before an increment and is after it."""


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with one type of task, whose finishes are due within two weeks."""
    known = environment(is_increment=True).globals
    monkeypatch.setitem(known, "left_by_earlier_runs", lambda schema, name: f"{schema}.{name}")
    with duckdb.connect() as opened:
        columns = ", ".join(f"{name} {kind}" for name, kind in FACTS.items())
        rest = "".join(f", {name} varchar" for name in REST)
        opened.execute(
            f"""
            create schema registry; create schema core; create schema instruments;
            create table registry.run_context as select timestamp '2026-06-01' as as_of_at;
            create table registry.sources (source_id varchar, observed_until timestamp);
            create table registry.task_types as
                select 'ticket' as task_type_id, 'ticket.closed' as finish_event_type;
            create table core.int_task_horizons as
                select 'ticket' as task_type_id, 336 as horizon_hours;
            create table core.int_match_values_changed as
                select 'desk' as product_id, 'x' as match_value;
            create table core.int_task_facts ({columns}{rest});
            """
        )
        opened.execute(f"create view core.int_tasks as {rendered('int_tasks')}")
        yield opened


def rendered(name: str) -> str:
    """Return a model's select; what scopes are made of is that of an increment."""
    return render_model(name, is_incremental=name in SCOPES)


def put(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> None:
    marks = ", ".join(f"${name}" for name in FACTS)
    for row in rows:
        columns = ", ".join(FACTS)
        connection.execute(f"insert into core.int_task_facts ({columns}) values ({marks})", row)


@pytest.mark.parametrize("before, after", CHANGES.values(), ids=CHANGES)
def test_cells_that_a_task_left_and_entered_are_counted_again(
    connection: duckdb.DuckDBPyConnection, before: list[Row], after: list[Row]
) -> None:
    put(connection, [*STAYS, *before])
    for name in COUNTED:
        connection.execute(f"create table instruments.{name} as {rendered(name)}")
    left, changed = SCOPES
    connection.execute(f"create table core.{left} as {rendered(left)}")
    connection.execute("delete from core.int_task_facts where match_value = 'x'")
    put(connection, after)
    connection.execute(f"create table core.{changed} as {rendered(changed)}")
    for name in COUNTED:
        for statement in render_increment(name):
            connection.execute(statement)
        kept = f"(from instruments.{name})"
        whole = f"({rendered(name)})"
        differing = f"({kept} except all {whole}) union all ({whole} except all {kept})"
        assert not connection.execute(differing).fetchall(), name
        assert connection.execute(f"select count(*) from {kept}").fetchone() != (0,)


@pytest.mark.parametrize("name", COUNTED)
def test_cells_that_no_changed_task_touches_are_left_as_they_are(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    put(connection, [*STAYS, task("x", 22, 1)])
    left, changed = SCOPES
    connection.execute(f"create table core.{left} as {rendered(left)}")
    connection.execute(f"create table core.{changed} as {rendered(changed)}")
    weeks = connection.execute(f"select distinct week_start_date from ({render_model(name, True)})")
    assert weeks.fetchall() == [(date(2026, 3, 23),)]
