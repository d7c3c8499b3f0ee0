"""CloudEvents that come as Parquet are read where they lie."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.defs.load import envelope


def column_types(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The file's attributes with DuckDB's type, as JSON; files of the same are read at once."""
    # a cursor has a transaction of its own, which alone is lost where a file can't be read
    described = (
        connection.cursor()
        .execute("describe select * from read_parquet(?, hive_partitioning = false)", [str(path)])
        .fetchall()
    )
    types = {name: kind for name, kind, *_ in described if name in envelope.ATTRIBUTES}
    return json.dumps(types, sort_keys=True)


def read_through(connection: duckdb.DuckDBPyConnection, path: Path, types: str) -> datetime | None:
    """Read every attribute once, so that a damaged page shows now; the latest received time.

    Raises:
        duckdb.Error: Some of it can't be read.
    """
    cursor = connection.cursor()
    read = ", ".join(f'count("{name}"), max(hash("{name}"))' for name in json.loads(types))
    if read:
        source = "read_parquet(?, hive_partitioning = false)"
        cursor.execute(f"select {read} from {source}", [str(path)]).fetchall()
    query = files_as_events(types, ["-"], [path])
    return cursor.execute(f"select max(receivedtime_at) from ({query})").fetchall()[0][0]


def files_as_events(types: str, file_ids: Sequence[str], paths: Sequence[Path]) -> str:
    """SQL: the events in these files, which have the same columns."""
    ids = ", ".join(f"'{file_id}'" for file_id in file_ids)
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    file_id = f"list_extract([{ids}], cast(file_index as integer) + 1)"
    return envelope.parquet_as_events(json.loads(types), file_id, quoted)
