"""Lines of the landing zone that show what a check found, and the command that looks at them."""

import shlex
from collections.abc import Iterable
from typing import Any

from orchestration.pages.marts import Row, grouped


def places_of(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Files with their lines and a command that shows these, as `path` and `line_number` tell.

    A file that was set aside as a whole has no lines, and one whose name was an address no command.
    """
    told = []
    for (path,), found in grouped(rows, "path").items():
        lines = sorted({row["line_number"] for row in found if row["line_number"]})
        file = f"landing/{path}"
        told.append(
            {
                "count": len(lines) or 1,
                # one path for all lines: ten times the same is hard to read
                "places": [
                    f"{file}:{line}" if n == 0 else f":{line}" for n, line in enumerate(lines)
                ]
                or [file],
                "command": command_for(file, lines) if lines and "(address)" not in path else "",
            }
        )
    return told


def command_for(file: str, lines: list[int]) -> str:
    """The shell command that prints lines of a file, of a Parquet file rows.

    >>> command_for("landing/cms/a b.jsonl.gz", [3, 17])
    "gzip -dc 'landing/cms/a b.jsonl.gz' | sed -n '3p;17p'"
    """
    quoted = shlex.quote(file)
    if file.endswith(".parquet"):
        name = file.replace("'", "''")
        rows = ", ".join(str(line - 1) for line in lines)
        query = f"from read_parquet('{name}', file_row_number = true) where file_row_number "
        query += f"in ({rows})"
        # DuckDB's own shell is another package than its library, which is there
        printed = f"copy ({query}) to '/dev/stdout' (format json)"
        return f"python -c {shlex.quote(f'import duckdb; duckdb.sql({printed!r})')}"
    printed = shlex.quote(";".join(f"{line}p" for line in lines))
    if file.endswith(".gz"):
        return f"gzip -dc {quoted} | sed -n {printed}"
    return f"sed -n {printed} {quoted}"
