"""Move tables between the workspace's DuckDB file and PostgreSQL, as CSV through COPY.

DuckDB's own extension for PostgreSQL has to be fetched over the network; COPY is built in, keeps
doubles to the last bit (PostgreSQL writes the shortest text that reads back the same) and costs
about 3 s per million rows.
"""

import tempfile
from pathlib import Path
from typing import Any

import duckdb

from orchestration.engines import TAKEN, Table, tables_given
from orchestration.errors import RunError, UserError
from orchestration.workspace import Workspace

# PostgreSQL's types of our columns and the other way round; the rest has the same name
TO_POSTGRES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "FLOAT": "double precision",
    "HUGEINT": "numeric(38, 0)",
    "UBIGINT": "numeric(20, 0)",
    "UINTEGER": "bigint",
    "TINYINT": "smallint",
}
FROM_POSTGRES = {
    "text": "varchar",
    "character varying": "varchar",
    "double precision": "double",
    "numeric": "double",
    "timestamp without time zone": "timestamp",
    "json": "varchar",
}


class Postgres:
    """A database that the usual PG* variables name; its server does the work."""

    def give(self, workspace: Workspace, step: str) -> None:
        """Replace what the step's models read from outside dbt, in one transaction."""
        if workspace.scratch:
            raise UserError(
                "an earlier as-of needs a database of its own on this engine",
                "Run it with STEELYARD_ENGINE=duckdb.",
            )
        with duckdb.connect(str(workspace.database), read_only=True) as source:
            present = source.execute(
                "select table_schema, table_name from information_schema.tables order by all"
            ).fetchall()
            tables = tables_given(present, step)
            if tables:
                with _connection() as target, target.cursor() as cursor:
                    for table in tables:
                        _push(source, cursor, table)

    def take(self, workspace: Workspace, step: str) -> None:
        """Replace the file's copies of the step's tables; the marts are all taken."""
        with _connection() as source, source.cursor() as cursor:
            tables = list(TAKEN[step])
            if step == "conclude":
                cursor.execute(
                    "select table_schema, table_name from information_schema.tables "
                    "where table_schema = 'marts' order by table_name"
                )
                tables += cursor.fetchall()
            with duckdb.connect(str(workspace.database)) as target:
                for table in tables:
                    _pull(cursor, target, table)


def _connection() -> Any:
    """A psycopg2 connection, committed and closed at the end of a `with`; the zone is UTC."""
    from contextlib import contextmanager

    import psycopg2

    @contextmanager
    def opened() -> Any:
        try:
            connection = psycopg2.connect(options="-c timezone=UTC")
        except psycopg2.OperationalError as error:
            what = "PostgreSQL can't be reached; PGHOST, PGPORT, PGUSER and PGDATABASE name it"
            raise RunError(what, str(error).strip()) from error
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    return opened()


def _push(source: duckdb.DuckDBPyConnection, cursor: Any, table: Table) -> None:
    """A table with the same columns is emptied and filled, so that its views stay."""
    name = _quoted(table)
    described = source.execute(f"describe {name}").fetchall()
    columns = [(row[0], _postgres_type(row[1])) for row in described]
    declared = ", ".join(f'"{column}" {kind}' for column, kind in columns)
    cursor.execute(f'create schema if not exists "{table[0]}"')
    cursor.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = %s and table_name = %s order by ordinal_position",
        table,
    )
    there = cursor.fetchall()
    if [(column, kind.split("(")[0]) for column, kind in columns] == there:
        cursor.execute(f"truncate {name}")
    else:
        cursor.execute(f"drop table if exists {name} cascade")
        cursor.execute(f"create table {name} ({declared})")
    with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
        file = Path(folder) / "rows.csv"
        source.execute(f"copy (from {name}) to '{file}' (format csv, header false)")
        with file.open("rb") as rows:
            cursor.copy_expert(f"copy {name} from stdin (format csv)", rows)
    cursor.execute(f"analyze {name}")


def _pull(cursor: Any, target: duckdb.DuckDBPyConnection, table: Table) -> None:
    name = _quoted(table)
    cursor.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = %s and table_name = %s order by ordinal_position",
        table,
    )
    columns = {column: FROM_POSTGRES.get(kind, kind) for column, kind in cursor.fetchall()}
    with tempfile.TemporaryDirectory(prefix="steelyard-") as folder:
        file = Path(folder) / "rows.csv"
        with file.open("wb") as rows:
            cursor.copy_expert(f"copy (select * from {name}) to stdout (format csv)", rows)
        target.execute(f'create schema if not exists "{table[0]}"')
        target.execute(
            "create or replace table " + name + " as from read_csv(?, columns = ?, header = false, "
            "auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
            "allow_quoted_nulls = false)",
            [str(file), columns],
        )


def _postgres_type(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return kind.replace("DECIMAL", "numeric")
    fallback = "timestamp without time zone" if kind == "TIMESTAMP" else kind.lower()
    return TO_POSTGRES.get(kind, fallback)


def _quoted(table: Table) -> str:
    return f'"{table[0]}"."{table[1]}"'
