"""Decide whether a run computes what is new or everything, and remember what was computed.

A run may add to what an earlier one left where nothing else changed: same registry, code and
engine, no file changed or gone, as-of not earlier. Then the models that grow with the events
(`materialized: incremental`) are brought up to date by what came since; all others are rebuilt.
What is in between runs lies in schema `built`: the plan of this run, and the state of the last
one that ended well. A run that broke off leaves no such state, and the next one is a rebuild.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.engine import connect
from orchestration.engines import engine_name
from orchestration.gone import forget_returned
from orchestration.plurals import counted

TABLES = {
    "run_plan": "is_increment boolean, reason varchar, fingerprint varchar, as_of_at timestamp, "
    "earlier_as_of_at timestamp",
    "new_files": "file_id varchar",
    "state": "fingerprint varchar, as_of_at timestamp",
    "files": "file_id varchar, checksum varchar, path varchar",
    "promises": "mart varchar, code varchar, month date, row_count bigint, content varchar, "
    "outcomes varchar",
}
"""Tables of schema `built`, with their columns."""

NEW_FILES = """
    select files.file_id from raw.landing_files as files
    where not exists (
        select 1 from built.files as known
        where known.file_id = files.file_id and known.checksum is not distinct from files.checksum
    )
"""
CHANGED = """
    select count(*) from built.files as known
    where not exists (
        select 1 from raw.landing_files as files
        where known.file_id = files.file_id and known.checksum is not distinct from files.checksum
    )
"""
OTHER_EXPORTS = """
    select count(*) from raw.landing_files
    where connector <> 'cloudevents' and file_id in (select file_id from built.new_files)
"""


@dataclass(frozen=True)
class Plan:
    """What a run computes."""

    is_increment: bool
    """False where everything is computed."""
    reason: str
    """Why everything is computed, or how many files are new."""

    def __str__(self) -> str:
        return f"adds {self.reason}" if self.is_increment else f"computes all: {self.reason}"


def plan_run(database: Path, fingerprint: str, as_of_at: datetime, is_full: bool = False) -> Plan:
    """Write down what the next run of the models has to compute.

    Args:
        database: The warehouse, its landing zone and run context loaded.
        fingerprint: Of registry and code: where it differs from the last run's, all is computed.
        as_of_at: Naive UTC; an earlier one than the last run's computes all.
        is_full: Compute all in any case.
    """
    with connect(database) as connection:
        _create(connection)
        connection.execute("delete from built.new_files")
        connection.execute(f"insert into built.new_files {NEW_FILES}")
        reason = "asked for" if is_full else _obstacle(connection, fingerprint, as_of_at)
        earlier = connection.execute("select max(as_of_at) from built.state").fetchall()[0][0]
        count = connection.execute("select count(*) from built.new_files").fetchall()[0][0]
        found = Plan(not reason, reason or counted(count, "new file"))
        connection.execute("delete from built.run_plan")
        connection.execute(
            "insert into built.run_plan values (?, ?, ?, ?, ?)",
            [found.is_increment, found.reason, fingerprint, as_of_at, earlier],
        )
    return found


def _obstacle(connection: duckdb.DuckDBPyConnection, fingerprint: str, as_of_at: datetime) -> str:
    """Why what is there can't be added to; blank where it can."""
    state = connection.execute("select fingerprint, as_of_at from built.state").fetchall()
    if not state:
        return "no run has ended well yet"
    if engine_name() != "duckdb":
        return "only DuckDB adds to what is there"
    before, earlier_as_of_at = state[0]
    if before != fingerprint:
        return "registry or code changed"
    if as_of_at < earlier_as_of_at:
        return "an earlier as-of"
    if connection.execute(CHANGED).fetchall()[0][0]:
        return "files changed or vanished"
    if connection.execute(OTHER_EXPORTS).fetchall()[0][0]:
        # their events are made of several lines or files, so that a new one changes older ones
        return "a new export of a tool"
    return ""


def is_increment(database: Path) -> bool:
    """Tell whether the models add to what is there; everything is computed without a plan."""
    if not database.is_file():
        return False
    with duckdb.connect(str(database), read_only=True) as connection:
        is_there = connection.execute(
            "select count(*) from duckdb_tables() "
            "where schema_name = 'built' and table_name = 'run_plan'"
        ).fetchall()
        if is_there == [(0,)]:
            return False
        return connection.execute("select is_increment from built.run_plan").fetchall() == [(True,)]


def start(database: Path) -> None:
    """Forget the last state, which is no longer whole once models are being built."""
    with connect(database) as connection:
        connection.execute("delete from built.state")


def finish(database: Path) -> None:
    """Remember that all that the plan asked for has been computed."""
    with connect(database) as connection:
        connection.execute("begin")
        connection.execute("delete from built.state")
        connection.execute(
            "insert into built.state select fingerprint, as_of_at from built.run_plan"
        )
        connection.execute("delete from built.files")
        connection.execute(
            "insert into built.files select file_id, checksum, path from raw.landing_files"
        )
        forget_returned(connection)
        # what is run by hand after this has no plan
        connection.execute("delete from built.run_plan")
        connection.execute("delete from built.new_files")
        connection.execute("commit")


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema if not exists built")
    for name, columns in TABLES.items():
        connection.execute(f"create table if not exists built.{name} ({columns})")
    # of a warehouse that an earlier version filled
    connection.execute("alter table built.files add column if not exists path varchar")
