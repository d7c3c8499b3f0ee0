"""How Python opens the warehouse: always with a limit of memory, and a folder to spill into."""

import os
from pathlib import Path

import duckdb

MEMORY_LIMIT = "4GB"
VARIABLE = "STEELYARD_MEMORY_LIMIT"


def connect(database: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse; what doesn't fit into the limit goes to a folder beside it."""
    return limited(duckdb.connect(str(database), read_only=read_only), database.with_name("spill"))


def limited(connection: duckdb.DuckDBPyConnection, spill: Path) -> duckdb.DuckDBPyConnection:
    """Let a connection use no more memory than the run may, and this folder beyond it."""
    connection.execute(f"set memory_limit = '{os.environ.get(VARIABLE) or MEMORY_LIMIT}'")
    folder = str(spill).replace("'", "''")
    connection.execute(f"set temp_directory = '{folder}'")
    connection.execute("set TimeZone = 'UTC'")
    return connection
