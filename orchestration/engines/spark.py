"""Move tables between the workspace's DuckDB file and Apache Spark, as Parquet.

Spark's tables are folders of Parquet files, which DuckDB reads and writes itself: what is given
is written to the exchange and declared to Spark before its models run (`prepare_engine`), what is
taken is read from the folders of Spark's own tables. No row passes through a connection.
"""

import json
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration.engines import TAKEN, Table, tables_given
from orchestration.errors import RunError, UserError
from orchestration.workspace import Workspace

FOLDER_OF_SCHEMA = ".db"
"""Ending of the folder that Spark makes for a schema."""

FIRST = "intake"
"""The step with which a run begins."""
STATE = "state"
"""The schema whose tables outlive a run."""
# Spark's types of the columns in a Parquet file, as DuckDB names them; the rest has the same name
TO_SPARK = {
    "VARCHAR": "string",
    "JSON": "string",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp_ltz",
    "UBIGINT": "decimal(20, 0)",
    "UINTEGER": "bigint",
    "UTINYINT": "smallint",
    "BLOB": "binary",
}


class Spark:
    """A session in this process or a server's, whose tables lie beside the workspace's file."""

    def __init__(self, in_process: bool) -> None:
        self._in_process = in_process

    def give(self, workspace: Workspace, step: str) -> None:
        """Write what the step's models read from outside dbt, and name it to `prepare_engine`."""
        if workspace.scratch:
            raise UserError(
                "an earlier as-of needs tables of its own on this engine",
                "Run it with STEELYARD_ENGINE=duckdb.",
            )
        # it prints the whole stack of each refused statement, of which dbt tells what matters
        logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
        root, exchange = _tables(workspace), workspace.warehouse / "spark" / "given"
        if self._in_process:
            _stop_session_of_another(root)
        if step == FIRST:
            _forget_all_but_state(root)
        declared = {table: _folder(root, table) for table in _left(root) if table[0] == STATE}
        with duckdb.connect(str(workspace.database), read_only=True) as source:
            present = source.execute(
                "select table_schema, table_name from information_schema.tables order by all"
            ).fetchall()
            for table in tables_given(present, step):
                declared[table] = _folder(exchange, table)
                _push(source, declared[table], table)
        os.environ["STEELYARD_SPARK_DECLARED"] = json.dumps(_declarations(declared))
        os.environ["STEELYARD_SPARK_TABLES"] = str(root)

    def take(self, workspace: Workspace, step: str) -> None:
        """Replace the file's copies of the step's tables; the marts are all taken."""
        root = _tables(workspace)
        tables = list(TAKEN[step])
        if step == "conclude":
            tables += [table for table in _left(root) if table[0] == "marts"]
        with duckdb.connect(str(workspace.database)) as target:
            for table in tables:
                _pull(target, _folder(root, table), table)


def _tables(workspace: Workspace) -> Path:
    return workspace.warehouse / "spark" / "tables"


def _folder(root: Path, table: Table) -> Path:
    return root / f"{table[0]}{FOLDER_OF_SCHEMA}" / table[1]


def _left(root: Path) -> list[Table]:
    """The tables whose folders are there and whole."""
    return [
        (mark.parent.parent.name.removesuffix(FOLDER_OF_SCHEMA), mark.parent.name)
        for mark in sorted(root.glob(f"*{FOLDER_OF_SCHEMA}/*/_SUCCESS"))
    ]


def _declarations(folders: Mapping[Table, Path]) -> dict[str, dict[str, str]]:
    """Schema to table to what Spark is told: to look for columns takes it a job for each."""
    found: dict[str, dict[str, str]] = {}
    for (schema, name), folder in folders.items():
        columns = duckdb.execute(f"describe from read_parquet('{folder}/*.parquet')").fetchall()
        named = ", ".join(f"`{column[0]}` {_spark_type(column[1])}" for column in columns)
        found.setdefault(schema, {})[name] = f"({named}) using parquet location '{folder}'"
    return found


def _spark_type(kind: str) -> str:
    if kind.endswith("[]"):
        return f"array<{_spark_type(kind.removesuffix('[]'))}>"
    return TO_SPARK.get(kind, kind.lower())


def _stop_session_of_another(root: Path) -> None:
    """A process has one session, and that one folder: a second workspace needs its own."""
    # an optional package that the lock leaves out
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

    session = SparkSession.getActiveSession()
    if session is not None and session.conf.get("spark.sql.warehouse.dir") not in _uris(root):
        session.stop()


def _forget_all_but_state(root: Path) -> None:
    """All else is made anew by the steps of one process; a model that is gone leaves no table."""
    for folder in root.glob(f"*{FOLDER_OF_SCHEMA}"):
        if folder.name != f"{STATE}{FOLDER_OF_SCHEMA}":
            shutil.rmtree(folder)


def _uris(root: Path) -> tuple[str, str]:
    return str(root), f"file:{root}"


def _push(source: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    name = f'"{table[0]}"."{table[1]}"'
    source.execute(f"copy (from {name}) to '{folder / 'rows.parquet'}' (format parquet)")


def _pull(target: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> None:
    if not folder.is_dir():
        raise RunError(f"Spark has no table {table[0]}.{table[1]}", str(folder))
    target.execute(f'create schema if not exists "{table[0]}"')
    target.execute(
        f'create or replace table "{table[0]}"."{table[1]}" as '
        # in folders of their month, or without one
        f"from read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
    )
