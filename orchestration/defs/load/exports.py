"""Exports of tools as they are, CSV and JSON Lines: each file is counted, then read."""

import duckdb
import pyarrow.parquet as pq

from orchestration.defs.load import json_lines, readers, segments
from orchestration.defs.load.manifest import LandingFile, RawTable
from orchestration.defs.load.readers import FileProblem


def is_empty(file: LandingFile) -> bool:
    """Tell whether a file without lines has no content at all."""
    if file.path.endswith(".parquet"):
        return False
    with readers.opened(file.absolute) as content:
        return next(readers.blocks(content), b"") == b""


def count(file: LandingFile, table: RawTable) -> int:
    """Count the data lines by other means than the reader that loads them."""
    if file.path.endswith(".parquet"):
        if file.absolute.stat().st_size == 0:
            raise FileProblem("empty_file", "there is nothing in it")
        try:
            return pq.read_metadata(file.absolute).num_rows
        except OSError as error:
            raise FileProblem("unreadable", error.strerror or str(error)) from error
        except Exception as error:
            raise FileProblem("wrong_format", first_line(error, file)) from error
    if table.format == "csv":
        return max(readers.count_records(file.absolute) - 1, 0)
    return readers.count_lines(file.absolute)


def insert(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, table: RawTable, line_count: int
) -> None:
    """Insert a tool's own export, whose data lines were counted before."""
    is_csv = table.format == "csv"
    batches = (
        readers.record_batches(file.absolute, table.header)
        if is_csv
        else readers.line_batches(file.absolute)
    )
    read_count = 0
    for batch in batches:
        read_count += len(batch.rows) + len(batch.rejected)
        _insert_batch(connection, file, table, batch)
    if is_csv and read_count != line_count:
        # quotation marks within unquoted fields, or line ends of an old kind
        detail = f"{line_count} records by quotation marks, {read_count} by fields"
        raise FileProblem("wrong_format", detail)


def _insert_batch(
    connection: duckdb.DuckDBPyConnection,
    file: LandingFile,
    table: RawTable,
    batch: readers.Batch,
) -> None:
    columns = table.columns if table.format == "csv" else ("line_text",)
    connection.register("batch", readers.as_arrow(batch, columns))
    if table.format == "jsonl":
        json_lines.reject_unreadable_lines(connection, file.connector, file.file_id)
        connection.execute(
            f"insert into raw.{table.name} "
            "select ?, line_number, line_text from checked_lines where problem is null",
            [file.file_id],
        )
    else:
        connection.execute(f"insert into raw.{table.name} select ?, * from batch", [file.file_id])
    connection.unregister("batch")
    segments.reject(
        connection, [(file.file_id, file.connector, *rejected) for rejected in batch.rejected]
    )


def first_line(error: Exception, file: LandingFile) -> str:
    """What a library said, without the place where the workspace happens to lie."""
    line = str(error).partition("\n")[0].replace(str(file.absolute), file.path)
    return line[: readers.KEPT_CHARACTERS]
