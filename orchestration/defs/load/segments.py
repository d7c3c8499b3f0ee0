"""CloudEvents as Parquet in the warehouse's folder: JSON Lines are converted once.

The lines of many files make one segment, so that small files cost no more than large ones. A
segment is named after what went into it, and is never changed; where one of its files has gone
or has another content, its other rows are copied into a new one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.defs.load import envelope
from orchestration.defs.load.json_lines import json_fault
from orchestration.defs.load.readers import KEPT_CHARACTERS, text_pieces
from orchestration.defs.load.shapes import MOST_OF, Guess, guess

# of text that is held at once; a fraction of the memory that DuckDB is given
SEGMENT_BYTES = 1 << 27
# from which the shapes of all are guessed, and at least one of each piece of a file
GUESSED_LINES = 200
WRITTEN = "format parquet, compression snappy"
CLOUDEVENTS = "cloudevents"
BATCH = ["file_id", "line_number", "line_text"]


@dataclass(frozen=True)
class Source:
    """A JSON Lines file to convert."""

    file_id: str
    checksum: str
    path: Path


@dataclass
class _Part:
    """Lines that go into one segment."""

    tables: list[pa.Table]
    digest: Any
    file_ids: list[str]
    bytes: int = 0


def convert(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: Iterable[Source]
) -> list[tuple[str, str]]:
    """Write the files' JSON objects as segments, and reject all other lines.

    Returns pairs of segment and file id. Every line comes out once: in a segment, or as a row of
    `raw.rejected_lines`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    for part in _parts(connection, sources):
        if sum(table.num_rows for table in part.tables):
            pairs += [(name, i) for name in _write(connection, folder, part) for i in part.file_ids]
    return pairs


def _parts(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> Iterator[_Part]:
    part = _Part([], hashlib.sha256(), [])
    for source in sources:
        part.file_ids.append(source.file_id)
        for number, piece in enumerate(text_pieces(source.path)):
            part.digest.update(f"{source.file_id} {source.checksum} {number}\n".encode())
            reject(connection, [(source.file_id, CLOUDEVENTS, *row) for row in piece.rejected])
            file_id = pa.repeat(pa.scalar(source.file_id, pa.large_string()), len(piece.lines))
            part.tables.append(pa.table([file_id, piece.line_numbers, piece.lines], names=BATCH))
            part.bytes += piece.lines.nbytes
            if part.bytes >= SEGMENT_BYTES:
                yield part
                part = _Part([], hashlib.sha256(), [source.file_id])
    if part.tables:
        yield part


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, part: _Part) -> list[str]:
    """Write the part's lines, each to the first of three segments that takes it.

    The first takes most lines of most files, the second those at which one has to look closely, and
    the third those of them that only seemed to be no objects.
    """
    name, lines, names = part.digest.hexdigest()[:32], pa.concat_tables(part.tables), []
    found = _guess(part.tables)
    if found.fitting >= MOST_OF:
        _copy_plain(connection, folder / f"{name}.parquet", lines, found)
        lines = _held(connection, folder / f"{name}.parquet").to_arrow_table()
        names, name = [name], f"{name}c"
    if len(lines):
        query = envelope.lines_as_events("batch")
        _copy(connection, folder / f"{name}.parquet", lines, query)
        held = _held(connection, folder / f"{name}.parquet").fetchall()
        kept = _sorted_out(connection, held)
        names.append(name)
        if kept:
            query = envelope.lines_as_events("batch", is_held="false")
            _copy(connection, folder / f"{name}k.parquet", kept, query)
            names.append(f"{name}k")
    return names


def _guess(tables: Sequence[pa.Table]) -> Guess:
    """Guess the shapes of lines from some of each table."""
    step = sum(table.num_rows for table in tables) // GUESSED_LINES + 1
    lines = [
        table["line_text"][number].as_py()
        for table in tables
        for number in range(min(step, table.num_rows) // 2, table.num_rows, step)
    ]
    return guess(lines, envelope.INSTANTS)


def _copy_plain(
    connection: duckdb.DuckDBPyConnection, path: Path, lines: pa.Table, found: Guess
) -> None:
    """Write lines as events; where some are no JSON, DuckDB says so and it is done anew."""
    # the failure would end the caller's transaction
    with connection.cursor() as own:
        own.execute("set TimeZone = 'UTC'")
        try:
            _copy(own, path, lines, envelope.plain_lines_as_events("batch", found, False))
        except duckdb.InvalidInputException:
            _copy(own, path, lines, envelope.plain_lines_as_events("batch", found, True))


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, lines: pa.Table, query: str) -> None:
    connection.register("batch", lines)
    connection.execute(f"copy ({query}) to '{_quoted(path)}' ({WRITTEN})")
    connection.unregister("batch")


def _held(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    return connection.sql(
        "select file_id, line_number, line_text from read_parquet(?) where is_held "
        "order by file_id, line_number",
        params=[str(path)],
    )


def _sorted_out(
    connection: duckdb.DuckDBPyConnection, held: Sequence[tuple[str, int, str]]
) -> pa.Table | None:
    """Reject the held lines that are no objects, and return the others."""
    rejected, kept = [], []
    valid = connection.execute("select json_valid(unnest(?::varchar[]))", [[t for *_, t in held]])
    for (file_id, line_number, line_text), (is_valid,) in zip(held, valid.fetchall(), strict=True):
        text = line_text.removesuffix("\n").removesuffix("\r")
        problem, detail = _problem(text, is_valid)
        if problem is None:
            kept.append((file_id, line_number, text))
        else:
            row = (file_id, CLOUDEVENTS, line_number, problem, detail, text[:KEPT_CHARACTERS])
            rejected.append(row)
    reject(connection, rejected)
    columns = [pa.array(values) for values in zip(*kept, strict=True)]
    return pa.table(columns, names=BATCH) if kept else None


def _problem(text: str, is_valid: bool) -> tuple[str | None, str | None]:
    """Why a line is no JSON object, without its content; `is_valid` is what DuckDB says."""
    if not text.strip(" \t\n\f\r"):
        return "blank_line", None
    fault = json_fault(text)
    if fault is not None or not is_valid:
        return "invalid_json", fault or "a character that UTF-8 can't hold"
    if not text.lstrip(" \t\r\n").startswith("{"):
        return "not_an_object", None
    return None, None


def reject(connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple]) -> None:
    """Add rows to `raw.rejected_lines`."""
    if rows:
        columns = [pa.array(values) for values in zip(*rows, strict=True)]
        names = ["file_id", "connector", "line_number", "problem", "problem_detail", "line_text"]
        connection.register("rejected", pa.table(columns, names=names))
        connection.execute("insert into raw.rejected_lines by name from rejected")
        connection.unregister("rejected")


def without(connection: duckdb.DuckDBPyConnection, folder: Path, dead: Sequence[str]) -> None:
    """Take the rows of these files out of the segments that hold them."""
    pairs = connection.execute(
        "select segment, list(file_id order by file_id) from raw.landing_segments "
        "where segment in (select segment from raw.landing_segments "
        "where file_id in (select unnest(?))) group by segment order by segment",
        [list(dead)],
    ).fetchall()
    for segment, file_ids in pairs:
        left = [file_id for file_id in file_ids if file_id not in dead]
        connection.execute("delete from raw.landing_segments where segment = ?", [segment])
        if not left:
            continue
        name = hashlib.sha256(f"{segment} {left}".encode()).hexdigest()[:32]
        connection.execute(
            f"copy (from read_parquet('{_quoted(folder / f'{segment}.parquet')}') "
            f"where file_id in (select unnest(?))) "
            f"to '{_quoted(folder / f'{name}.parquet')}' ({WRITTEN})",
            [left],
        )
        add_pairs(connection, [(name, file_id) for file_id in left])


def add_pairs(connection: duckdb.DuckDBPyConnection, pairs: Sequence[tuple[str, str]]) -> None:
    """Note which files lie in which segments."""
    if pairs:
        connection.executemany("insert into raw.landing_segments values (?, ?)", list(pairs))


def latest_received(
    connection: duckdb.DuckDBPyConnection, folder: Path, pairs: Sequence[tuple[str, str]]
) -> list[tuple[str, datetime | None]]:
    """The latest received time of each file in these segments, naive UTC."""
    if not pairs:
        return []
    query = segments_as_events(folder, sorted({name for name, _ in pairs}))
    return connection.execute(
        f"select file_id, max(receivedtime_at) from ({query}) group by file_id"
    ).fetchall()


def remove_unused(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Remove segments that nothing names any more."""
    names = connection.execute("select distinct segment from raw.landing_segments").fetchall()
    used = {name for (name,) in names}
    for path in folder.glob("*.parquet"):
        if path.stem not in used:
            path.unlink()


def segments_as_events(folder: Path, names: Sequence[str]) -> str:
    """SQL: the events in these segments, with the columns of `EVENT_COLUMNS`."""
    paths = ", ".join(f"'{_quoted(folder / f'{name}.parquet')}'" for name in names)
    columns = ", ".join(part.split(" ")[0] for part in envelope.EVENT_COLUMNS.split(", "))
    return f"select {columns} from read_parquet([{paths}]) where not is_held"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
