"""Read large tables in portions, and write the small ones of the judge step."""

from collections.abc import Iterator

import duckdb
import pandas as pd

MOST_ROWS = 3_000_000
"""So many rows with their ids, grouped, fit well into the memory that a run may use."""


def portions(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[str]]:
    """Yield all products with rows in a table: as many at a time as have `MOST_ROWS`, or one."""
    found: list[str] = []
    total = 0
    for product_id, row_count in connection.execute(
        f"select product_id, count(*) from {table} group by product_id order by product_id"
    ).fetchall():
        if found and total + row_count > MOST_ROWS:
            yield found
            found, total = [], 0
        found.append(product_id)
        total += row_count
    if found:
        yield found


def write_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    rows: list[tuple],
    replaced: str = "",
) -> None:
    """Write `guard.<table>`, typed by `columns` also where it has no rows.

    Args:
        connection: The warehouse.
        table: Its name in schema `guard`.
        columns: Types by name.
        rows: What is to be in it.
        replaced: Which of its rows these replace, as a condition; without one, all.
    """
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute("create schema if not exists guard")
    if replaced:
        connection.execute(f"delete from guard.{table} where {replaced}")
    else:
        connection.execute(f"create or replace table guard.{table} ({declared})")
    if rows:
        # text first: a column without any number would else be typed by its first rows
        connection.register("rows", pd.DataFrame(rows, columns=list(columns)).astype("string"))
        casts = ", ".join(f"cast({name} as {kind})" for name, kind in columns.items())
        connection.execute(f"insert into guard.{table} select {casts} from rows")
