"""What two publications of the same input say otherwise."""

import math
from pathlib import Path
from typing import Any

import duckdb

RELATIVE = 1e-9
# sums of doubles differ in their last digits, also where they cancel out
ABSOLUTE = 1e-12
# which run and which code it was is not a figure
UNCOMPARED = ("run_id", "code_version", "decided_run_id")


def differences(one: Path, other: Path) -> list[str]:
    """Served tables of two `marts.duckdb` that differ, with an example each; empty if equal.

    Texts, numbers without fractions, dates and truth values are equal to the letter, doubles
    within 1e-9 relative.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        tables = [_tables(connection, name) for name in ("one", "other")]
        if tables[0] != tables[1]:
            return [f"tables: {sorted(set(tables[0]) ^ set(tables[1]))}"]
        found = [_difference(connection, table) for table in tables[0]]
    return [difference for difference in found if difference]


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    return [
        table
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = ? order by 1", [database]
        ).fetchall()
    ]


def _difference(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'one' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    exact = [f'"{name}"' for name, kind in columns if kind != "DOUBLE" and name not in UNCOMPARED]
    doubles = [f'"{name}"' for name, kind in columns if kind == "DOUBLE"]
    wanted = ", ".join(exact + doubles)
    # doubles come last in the order: ties of all else are rows that may stand in either order
    query = f"select {wanted} from {{}}.{table} order by {wanted}"
    rows = [connection.execute(query.format(name)).fetchall() for name in ("one", "other")]
    if len(rows[0]) != len(rows[1]):
        return f"{table}: {len(rows[0])} and {len(rows[1])} rows"
    for mine, theirs in zip(*rows, strict=True):
        if mine[: len(exact)] != theirs[: len(exact)] or not all(
            _is_close(a, b) for a, b in zip(mine[len(exact) :], theirs[len(exact) :], strict=True)
        ):
            return f"{table}: {mine} and {theirs}"
    return ""


def _is_close(mine: Any, theirs: Any) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
