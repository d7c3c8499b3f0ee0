"""How Python opens the warehouse: always with a limit of memory, and a folder to spill into."""

import os
from pathlib import Path

import duckdb

MEMORY_LIMIT = "4GB"
VARIABLE = "STEELYARD_MEMORY_LIMIT"


def connect(database: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse; what doesn't fit into the limit goes to a folder beside it."""
    connection = duckdb.connect(str(database), read_only=read_only)
    connection.execute(f"set memory_limit = '{os.environ.get(VARIABLE) or MEMORY_LIMIT}'")
    spill = str(database.with_name("spill")).replace("'", "''")
    connection.execute(f"set temp_directory = '{spill}'")
    connection.execute("set TimeZone = 'UTC'")
    return connection
