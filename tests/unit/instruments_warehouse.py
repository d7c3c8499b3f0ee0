"""A small warehouse made by hand, on which the instrument models run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from expectations.parameters import default_rows

ROOT = Path(__file__).parents[2]
MONDAY = datetime(2026, 3, 2)
"""Start of the first week, UTC, which is the reporting zone here."""
WEEKS = 20
AS_OF = MONDAY + timedelta(weeks=WEEKS)

EVENT_COLUMNS = {
    "event_id": "varchar", "source_id": "varchar", "product_id": "varchar",
    "event_type": "varchar", "subject_id": "varchar", "correlation_id": "varchar",
    "actor_id": "varchar", "actor_kind": "varchar", "sequence": "varchar",
    "idempotency_key": "varchar",
    "occurred_at": "timestamp", "received_at": "timestamp",
    "has_receive_clock": "boolean", "is_heartbeat": "boolean", "data": "varchar",
    "classification": "varchar", "reason": "varchar", "occurred_week_start_date": "date",
    "file_id": "varchar", "line_number": "bigint", "event_number": "integer",
}  # fmt: skip
UNREAD_COLUMNS = {
    "file_id": "varchar", "line_number": "bigint", "event_number": "integer", "reason": "varchar",
    "source_id": "varchar", "week_start_date": "date", "known_at": "timestamp",
}  # fmt: skip
LOST_COLUMNS = {
    "source_id": "varchar", "event_id": "varchar", "event_type": "varchar",
    "week_start_date": "date", "accepted_reason": "varchar",
}  # fmt: skip
FILE_COLUMNS = {
    "file_id": "varchar", "connector": "varchar", "path": "varchar", "file_status": "varchar",
    "problem": "varchar", "line_count": "bigint",
}  # fmt: skip
FILE_SOURCE_COLUMNS = {
    "file_id": "varchar", "source_id": "varchar", "event_count": "bigint",
    "first_occurred_at": "timestamp", "last_occurred_at": "timestamp",
}  # fmt: skip
SCOPE_COLUMNS = {"source_id": "varchar", "week_start_date": "date"}
MATCH_COLUMNS = {"product_id": "varchar", "match_value": "varchar"}
TASK_COLUMNS = {
    "product_id": "varchar", "task_type_id": "varchar", "task_id": "varchar",
    "start_source_id": "varchar", "start_event_id": "varchar", "finish_source_id": "varchar",
    "started_at": "timestamp",
    "finished_at": "timestamp", "cancelled_at": "timestamp", "reopen_count": "integer",
    "week_start_date": "date", "finish_week_start_date": "date",
}  # fmt: skip
TASK_WEEK_COLUMNS = {
    "product_id": "varchar", "task_type_id": "varchar", "start_source_id": "varchar",
    "week_start_date": "date", "finish_source_id": "varchar", "finish_week_start_date": "date",
}  # fmt: skip
SOURCE_COLUMNS = {
    "source_id": "varchar", "product_id": "varchar", "connector": "varchar",
    "observed_until": "timestamp", "has_receive_clock": "boolean", "lateness_hours": "double",
    "repair_hint": "varchar",
}  # fmt: skip
PLAN_COLUMNS = {
    "source_id": "varchar", "event_type": "varchar", "role": "varchar",
    "required_properties": "varchar", "heartbeat_hours": "double", "planned_since": "date",
}  # fmt: skip
TASK_TYPE_COLUMNS = {
    "task_type_id": "varchar", "start_event_type": "varchar", "finish_event_type": "varchar",
    "cancel_event_type": "varchar", "reopen_event_type": "varchar",
    "start_property": "varchar", "start_value": "varchar", "finish_property": "varchar",
    "finish_value": "varchar", "calendar_id": "varchar",
    "reopen_window_days": "integer", "match_key": "varchar",
}  # fmt: skip
MEASURE_COLUMNS = {
    "measure_id": "varchar", "item_kind": "varchar", "item_type": "varchar",
    "aggregate": "varchar", "quantity": "varchar",
}  # fmt: skip
FILTER_COLUMNS = {
    "measure_id": "varchar", "dimension": "varchar", "operator": "varchar", "value": "varchar",
}  # fmt: skip
METRIC_COLUMNS = {
    "metric_id": "varchar", "task_type_id": "varchar", "tau_hours": "double", "clock": "varchar",
}  # fmt: skip
LIMIT_COLUMNS = {"limit_id": "varchar", "event_type": "varchar", "quantity": "varchar"}
FUNNEL_COLUMNS = {
    "funnel_id": "varchar", "product_id": "varchar", "step_number": "integer",
    "event_type": "varchar", "window_hours": "double", "match_key": "varchar",
    "step_property": "varchar", "step_value": "varchar",
}  # fmt: skip
PARAMETER_COLUMNS = {"check_id": "integer", "parameter": "varchar", "value": "double"}
EXCLUDED_COLUMNS = {"actor_id": "varchar", "reason": "varchar"}
CALENDAR_COLUMNS = {"calendar_id": "varchar", "opens": "varchar", "closes": "varchar"}

Row = Mapping[str, Any]


@dataclass
class Records:
    """Events, tasks and registry rows of some hand-made sources."""

    events: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    lost: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    tracking_plan: list[Row] = field(default_factory=list)
    task_types: list[Row] = field(default_factory=list)
    measures: list[Row] = field(default_factory=list)
    metrics: list[Row] = field(default_factory=list)
    funnels: list[Row] = field(default_factory=list)
    excluded_accounts: list[Row] = field(default_factory=list)
    parameters: list[Row] = field(default_factory=lambda: list(default_rows().values()))
    holidays: list[Row] = field(default_factory=list)


def week_of(instant: datetime) -> Any:
    """Return the Monday (date) of the week of `instant`."""
    return (instant - timedelta(days=instant.weekday())).date()


def with_finish_week(task: Row) -> Row:
    """Return a task with the week in which it was finished, NULL where it wasn't."""
    finished_at = task.get("finished_at")
    return {**task, "finish_week_start_date": week_of(finished_at) if finished_at else None}


def event(source_id: str, number: int, occurred_at: datetime, **changes: Any) -> Row:
    """Return one accepted event, received two seconds after it occurred."""
    return {
        "event_id": f"{source_id}-{number:05d}", "source_id": source_id, "product_id": source_id,
        "event_type": "page.viewed", "subject_id": f"s{number}", "correlation_id": None,
        "actor_id": f"a{number % 7}", "actor_kind": "human", "sequence": None,
        "occurred_at": occurred_at,
        "received_at": occurred_at + timedelta(seconds=2), "has_receive_clock": True,
        "is_heartbeat": False, "data": "{}", "classification": "accepted", "reason": None,
        "occurred_week_start_date": week_of(occurred_at), "file_id": source_id,
        "line_number": number, "event_number": 1, **changes,
    }  # fmt: skip


def daily(source_id: str, per_day: int, weeks: Iterable[int] = range(WEEKS), **changes: Any):
    """Return `per_day` evenly spread events on each day of the given weeks (0 is the first)."""
    spaced = [
        MONDAY + timedelta(weeks=week, days=day, hours=24 * (i + 0.5) / per_day)
        for week in weeks
        for day in range(7)
        for i in range(per_day)
    ]
    return [event(source_id, number, at, **changes) for number, at in enumerate(spaced)]


def unread(event: Row) -> Row:
    """Return what the intake knows of an event whose line can't be read."""
    week = event["occurred_week_start_date"]
    return {**event, "week_start_date": week, "known_at": event["received_at"]}


def write(records: Records, database: Path) -> None:
    """Write `records` as the tables that the instrument models read."""
    torn = [unread(row) for row in records.events if row["reason"] == "invalid_json"]
    events = [row for row in records.events if row["reason"] != "invalid_json"]
    with duckdb.connect(str(database)) as connection:
        for schema in ("registry", "raw", "intake", "core"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(
            "create table registry.run_context as select ?::timestamp as as_of_at, "
            "'r' as run_id, 'c' as code_version, 'UTC' as reporting_time_zone",
            [AS_OF],
        )
        for table, rows, columns in (
            ("intake.int_events_known", events, EVENT_COLUMNS),
            ("intake.int_lines_unread", torn, UNREAD_COLUMNS),
            ("raw.landing_files", [], FILE_COLUMNS),
            ("intake.int_events_lost", records.lost, LOST_COLUMNS),
            ("intake.int_file_sources_counted", [], FILE_SOURCE_COLUMNS),
            ("intake.int_events_changed", [], EVENT_COLUMNS),
            ("intake.int_source_weeks_changed", [], SCOPE_COLUMNS),
            ("core.int_match_values_changed", [], MATCH_COLUMNS),
            ("core.int_tasks", map(with_finish_week, records.tasks), TASK_COLUMNS),
            ("core.int_task_weeks_changed", [], TASK_WEEK_COLUMNS),
            ("registry.sources", records.sources, SOURCE_COLUMNS),
            ("registry.tracking_plan", records.tracking_plan, PLAN_COLUMNS),
            ("registry.task_types", records.task_types, TASK_TYPE_COLUMNS),
            ("registry.measures", records.measures, MEASURE_COLUMNS),
            ("registry.measure_filters", [], FILTER_COLUMNS),
            ("registry.people_limits", [], LIMIT_COLUMNS),
            ("registry.metrics", records.metrics, METRIC_COLUMNS),
            ("registry.funnels", records.funnels, FUNNEL_COLUMNS),
            ("registry.excluded_accounts", records.excluded_accounts, EXCLUDED_COLUMNS),
            ("registry.check_parameters", records.parameters, PARAMETER_COLUMNS),
            ("registry.holidays", records.holidays, {"date": "date"}),
            ("registry.calendars", [], CALENDAR_COLUMNS),
        ):
            frame = pd.DataFrame(list(rows), columns=list(columns)).astype(object)  # noqa: F841
            typed = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
            connection.execute(f"create table {table} as select {typed} from frame")
        connection.execute(
            """
            create or replace table intake.int_events_known as
            select
                *, received_at::date as received_date,
                coalesce(occurred_week_start_date, date_trunc('week', received_at)::date)
                    as counted_week_start_date
            from intake.int_events_known;
            create view core.int_events as
            select *, occurred_week_start_date as week_start_date
            from intake.int_events_known
            where classification = 'accepted';
            create view core.int_events_hot as from core.int_events where false
            """
        )


def run_instruments(database: Path, target: Path, monkeypatch: Any) -> None:
    """Run the models of the folder `instruments` on `database`."""
    from dbt.cli.main import dbtRunner

    monkeypatch.setenv("STEELYARD_DATABASE", str(database))
    result = dbtRunner().invoke(
        ["--quiet", "run", "--select", "fqn:steelyard.instruments",
         "int_task_horizons", "--exclude", "int_contract_statistics",
         "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
         "--target-path", str(target), "--log-path", str(target)]
    )  # fmt: skip
    assert result.success, result.exception
