"""Load the landing zone into the always-present tables of schema `raw`."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from orchestration.defs.load import cloudevents, readers
from orchestration.defs.load.manifest import CLOUDEVENTS, LandingFile, RawTable, raw_tables, scan
from orchestration.defs.load.readers import FileProblem

MANIFEST_COLUMNS = (
    "file_id varchar, connector varchar, kind varchar, path varchar, format varchar, "
    "size_bytes bigint, checksum varchar, line_count bigint, file_status varchar, "
    "problem varchar, problem_detail varchar"
)
REJECTED_COLUMNS = (
    "file_id varchar, connector varchar, line_number bigint, problem varchar, "
    "problem_detail varchar, line_text varchar"
)


@dataclass(frozen=True)
class LoadResult:
    """What a load found in the landing zone."""

    file_count: int
    new_file_count: int
    """Files that the last load hadn't seen, or not with this content."""
    quarantined_files: list[str]
    """`path: problem (detail)` of each, in the order of paths."""
    line_count: int
    latest_received_at: datetime | None
    """Naive UTC; over the CloudEvents' receive clock, None where there is none."""
    digest: str
    """Of all files' paths, sizes and checksums: equal digests, equal input."""


@dataclass
class _Manifested:
    """One row of `raw.landing_files`, in its column order."""

    file_id: str
    connector: str
    kind: str | None
    path: str
    format: str | None
    size_bytes: int | None = None
    checksum: str | None = None
    line_count: int = 0
    file_status: str = "loaded"
    problem: str | None = None
    problem_detail: str | None = None


def load_landing(
    database: Path, landing: Path, project: Path, connector: str | None = None
) -> LoadResult:
    """Make `raw.landing_files`, `raw.rejected_lines` and every raw table anew.

    A file that can't be loaded as a whole is written down as quarantined with its reason, and
    the load goes on.

    Args:
        database: The warehouse, created where there is none.
        landing: Folder with one folder a connector; it may be missing.
        project: Root of the dbt project.
        connector: Load this connector's files only and keep the other tables as they are. Where
            tables are missing or of another version of the code, everything is loaded.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    tables = raw_tables(project)
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if not _is_current(connection, _shapes(tables)):
            connector = None
        seen = _known_files(connection)
        _empty(connection, tables, connector)
        files = [file for file in scan(landing, tables) if connector in (None, file.connector)]
        manifested = [_load(connection, file) for file in files]
        if manifested:
            connection.executemany(
                f"insert into raw.landing_files values ({', '.join('?' * 11)})",
                [list(astuple(row)) for row in manifested],
            )
        new_file_count = sum((row.path, row.checksum) not in seen for row in manifested)
        return _result(connection, new_file_count)


def _shapes(tables: list[RawTable]) -> dict[str, str]:
    """Column definitions of all tables of schema `raw`, by name."""
    return {
        "landing_files": MANIFEST_COLUMNS,
        "rejected_lines": REJECTED_COLUMNS,
        **{table.name: _columns(table) for table in tables},
    }


def _is_current(connection: duckdb.DuckDBPyConnection, shapes: dict[str, str]) -> bool:
    """Tell whether the warehouse has all raw tables, each as this version of the code has it."""
    found = dict(
        connection.execute(
            "select table_name, string_agg(column_name, ',' order by ordinal_position) "
            "from information_schema.columns where table_schema = 'raw' group by table_name"
        ).fetchall()
    )
    return all(
        found.get(name) == ",".join(c.split()[0].strip('"') for c in shape.split(", "))
        for name, shape in shapes.items()
    )


def _known_files(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Path and checksum of the files of the last load."""
    try:
        found = connection.execute("select path, checksum from raw.landing_files").fetchall()
    except duckdb.CatalogException:
        return set()
    return set(found)


def _empty(
    connection: duckdb.DuckDBPyConnection, tables: list[RawTable], connector: str | None
) -> None:
    """Empty what is loaded anew."""
    connection.execute("create schema if not exists raw")
    if connector is None:
        for name, shape in _shapes(tables).items():
            connection.execute(f"create or replace table raw.{name} ({shape})")
        return
    for name in ("landing_files", "rejected_lines"):
        connection.execute(f"delete from raw.{name} where connector = ?", [connector])
    for table in tables:
        if table.connector == connector:
            connection.execute(f"create or replace table raw.{table.name} ({_columns(table)})")


def _columns(table: RawTable) -> str:
    if table.format == CLOUDEVENTS:
        return cloudevents.EVENT_COLUMNS
    columns = table.columns if table.format == "csv" else ("line_text",)
    texts = "".join(f', "{name}" varchar' for name in columns)
    return f"file_id varchar, line_number bigint{texts}"


def _load(connection: duckdb.DuckDBPyConnection, file: LandingFile) -> _Manifested:
    """Load one file, all of it or nothing."""
    row = _Manifested(
        file_id=file.file_id,
        connector=file.connector,
        kind=file.table.kind if file.table else None,
        path=file.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        format=_format(file),
    )
    connection.execute("begin")
    try:
        row.checksum = readers.checksum(file.absolute)
        row.size_bytes = file.absolute.stat().st_size
        if file.table is None:
            raise FileProblem("unclaimed_file", "no connector declares files of this name")
        row.line_count = _count(file, file.table)
        if row.line_count == 0 and _is_empty(file):
            raise FileProblem("empty_file", "there is nothing in it")
        _insert(connection, file, file.table, row.line_count)
        connection.execute("commit")
    except FileProblem as problem:
        connection.execute("rollback")
        row.file_status = "quarantined"
        row.problem, row.problem_detail = problem.problem, problem.detail
        row.line_count = row.line_count or problem.line_count
    return row


def _format(file: LandingFile) -> str | None:
    if file.table is None:
        return None
    if file.table.format == CLOUDEVENTS:
        return "parquet" if file.path.endswith(".parquet") else "jsonl"
    return file.table.format


def _is_empty(file: LandingFile) -> bool:
    if file.path.endswith(".parquet"):
        return False
    with readers.opened(file.absolute) as content:
        return next(readers.blocks(content), b"") == b""


def _count(file: LandingFile, table: RawTable) -> int:
    """Count the data lines by other means than the reader that loads them."""
    if file.path.endswith(".parquet"):
        if file.absolute.stat().st_size == 0:
            raise FileProblem("empty_file", "there is nothing in it")
        try:
            return pq.read_metadata(file.absolute).num_rows
        except OSError as error:
            raise FileProblem("unreadable", error.strerror or str(error)) from error
        except Exception as error:
            raise FileProblem("wrong_format", _first_line(error, file)) from error
    if table.format == "csv":
        return max(readers.count_records(file.absolute) - 1, 0)
    return readers.count_lines(file.absolute)


def _insert(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, table: RawTable, line_count: int
) -> None:
    if file.path.endswith(".parquet"):
        try:
            cloudevents.insert_parquet(connection, file.file_id, str(file.absolute))
        except duckdb.Error as error:
            raise FileProblem("wrong_format", _first_line(error, file)) from error
        return
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
    if table.format == CLOUDEVENTS:
        cloudevents.insert_json_lines(connection, file.file_id)
    elif table.format == "jsonl":
        cloudevents.reject_unreadable_lines(connection, file.connector, file.file_id)
        connection.execute(
            f"insert into raw.{table.name} "
            "select ?, line_number, line_text from checked_lines where problem is null",
            [file.file_id],
        )
    else:
        connection.execute(f"insert into raw.{table.name} select ?, * from batch", [file.file_id])
    connection.unregister("batch")
    if batch.rejected:
        connection.executemany(
            "insert into raw.rejected_lines values (?, ?, ?, ?, ?, ?)",
            [[file.file_id, file.connector, *rejected] for rejected in batch.rejected],
        )


def _first_line(error: Exception, file: LandingFile) -> str:
    """What a library said, without the place where the workspace happens to lie."""
    line = str(error).partition("\n")[0].replace(str(file.absolute), file.path)
    return line[: readers.KEPT_CHARACTERS]


def _result(connection: duckdb.DuckDBPyConnection, new_file_count: int) -> LoadResult:
    files = connection.execute(
        "select path, size_bytes, checksum, line_count, file_status, problem, problem_detail "
        "from raw.landing_files order by path"
    ).fetchall()
    digest = hashlib.sha256()
    for path, size_bytes, checksum, *_ in files:
        digest.update(f"{path}\0{size_bytes}\0{checksum}\n".encode())
    latest = connection.execute(
        "select max(timezone('UTC', try_cast(receivedtime as timestamptz))) "
        "from raw.cloudevents__events "
        "where regexp_full_match(receivedtime, '[^A-Za-z]*[Tt ][0-9:.]*([Zz]|[+-][0-9:]+)')"
    ).fetchone()
    return LoadResult(
        file_count=len(files),
        new_file_count=new_file_count,
        quarantined_files=[
            f"{path}: {problem} ({detail})"
            for path, _, _, _, status, problem, detail in files
            if status == "quarantined"
        ],
        line_count=sum(line_count for _, _, _, line_count, *_ in files),
        latest_received_at=latest[0] if latest else None,
        digest=digest.hexdigest(),
    )
