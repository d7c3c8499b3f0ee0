"""How Python opens the warehouse: always with a limit of memory, and a folder to spill into."""

import os
from pathlib import Path

import duckdb

MEMORY_GB = 4.0
"""What a run may use where the registry's settings don't say: `memory_limit_gb`."""
DUCKDBS_SHARE = 0.9
"""Of that; Python's libraries, frames and what DuckDB doesn't count lie beside it."""
VARIABLE = "STEELYARD_MEMORY_LIMIT"


def duckdbs_limit(gigabytes: float = MEMORY_GB) -> str:
    """Return what DuckDB may use, as it is told, where a run may use so many gigabytes."""
    return f"{DUCKDBS_SHARE * gigabytes:.3f}GB"


def connect(database: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the warehouse; what doesn't fit into the limit goes to a folder beside it."""
    return limited(duckdb.connect(str(database), read_only=read_only), database.with_name("spill"))


def limited(connection: duckdb.DuckDBPyConnection, spill: Path) -> duckdb.DuckDBPyConnection:
    """Let a connection use no more memory than the run may, and this folder beyond it."""
    connection.execute(f"set memory_limit = '{os.environ.get(VARIABLE) or duckdbs_limit()}'")
    folder = str(spill).replace("'", "''")
    connection.execute(f"set temp_directory = '{folder}'")
    connection.execute("set TimeZone = 'UTC'")
    return connection
