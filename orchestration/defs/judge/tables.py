"""Write the small tables of the judge step."""

import duckdb
import pandas as pd


def write_table(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[tuple]
) -> None:
    """Write `guard.<table>` anew, typed by `columns` also where it has no rows."""
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute("create schema if not exists guard")
    connection.execute(f"create or replace table guard.{table} ({declared})")
    if rows:
        # text first: a column without any number would else be typed by its first rows
        connection.register("rows", pd.DataFrame(rows, columns=list(columns)).astype("string"))
        casts = ", ".join(f"cast({name} as {kind})" for name, kind in columns.items())
        connection.execute(f"insert into guard.{table} select {casts} from rows")
