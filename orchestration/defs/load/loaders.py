"""Load what is new in the landing zone into the always-present tables of schema `raw`.

The manifest `raw.landing_files` remembers each file's content, so that a file is read once: one
that has another content or has gone is taken out, and only what is new is read.
"""

import hashlib
from dataclasses import astuple, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb

from orchestration.defs.load import exports, parquet, readers, segments
from orchestration.defs.load.envelope import EVENT_COLUMNS
from orchestration.defs.load.manifest import CLOUDEVENTS, LandingFile, RawTable, raw_tables, scan
from orchestration.defs.load.readers import FileProblem
from orchestration.engine import connect

MANIFEST_COLUMNS = (
    "file_id varchar, connector varchar, kind varchar, path varchar, format varchar, "
    "size_bytes bigint, checksum varchar, line_count bigint, file_status varchar, "
    "problem varchar, problem_detail varchar, latest_received_at timestamp, column_types varchar, "
    "file_state varchar"
)
REJECTED_COLUMNS = (
    "file_id varchar, connector varchar, line_number bigint, problem varchar, "
    "problem_detail varchar, line_text varchar"
)
EVENTS = "cloudevents__events"


@dataclass(frozen=True)
class LoadResult:
    """What a load found in the landing zone."""

    file_count: int
    new_file_count: int
    """Files that the last load hadn't seen, or not with this content."""
    changed_files: list[str]
    """Paths of files that the last load saw with another content."""
    vanished_files: list[str]
    """Paths of files that the last load saw and that have gone."""
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
    latest_received_at: datetime | None = None
    column_types: str | None = None
    """Of a Parquet file, see `parquet.column_types`."""
    file_state: str | None = None
    """What the file system says; as long as it stays, the content isn't read again."""

    def quarantine(self, problem: FileProblem) -> None:
        self.file_status = "quarantined"
        self.problem, self.problem_detail = problem.problem, problem.detail
        self.line_count = self.line_count or problem.line_count


@dataclass
class _News:
    """What has to be read, and what has to go."""

    found: list[tuple[LandingFile, _Manifested]] = field(default_factory=list)
    gone_ids: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    touched: list[_Manifested] = field(default_factory=list)
    """Files of the same content, of which the file system says something new."""


def load_landing(
    database: Path,
    landing: Path,
    project: Path,
    connector: str | None = None,
    is_full: bool = False,
) -> LoadResult:
    """Bring `raw.landing_files`, `raw.rejected_lines` and every raw table up to date.

    A file that can't be loaded as a whole is written down as quarantined with its reason, and
    the load goes on.

    Args:
        database: The warehouse, created where there is none.
        landing: Folder with one folder a connector; it may be missing.
        project: Root of the dbt project.
        connector: Look at this connector's files only and keep the other tables as they are. Where
            tables are missing or of another version of the code, everything is loaded.
        is_full: Forget what was read and read all files again.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    tables = raw_tables(project)
    with connect(database) as connection:
        if is_full or not _is_current(connection, tables):
            connector = None
            _empty(connection, tables)
        folder = database.parent / "landing"
        connection.execute("begin")
        news = _news(connection, landing, tables, connector)
        _remove(connection, folder, tables, news)
        _read(connection, folder, landing, news)
        _write_manifest(connection, news)
        _show_events(connection, folder, landing)
        connection.execute("commit")
        segments.remove_unused(connection, folder)
        return _result(connection, news)


@cache
def loader_version() -> str:
    """Digest of the code that reads files: a warehouse that another one filled is filled anew."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _shapes(tables: list[RawTable]) -> dict[str, str]:
    """Column definitions of all tables of schema `raw`, by name."""
    return {
        "loader": f"version_{loader_version()} boolean",
        "landing_files": MANIFEST_COLUMNS,
        "landing_segments": "segment varchar, file_id varchar",
        "rejected_lines": REJECTED_COLUMNS,
        **{table.name: _columns(table) for table in tables},
    }


def _is_current(connection: duckdb.DuckDBPyConnection, tables: list[RawTable]) -> bool:
    """Tell whether the warehouse has all raw tables, each as this version of the code has it."""
    found = dict(
        connection.execute(
            "select table_name, string_agg(column_name, ',' order by ordinal_position) "
            "from information_schema.columns where table_schema = 'raw' group by table_name"
        ).fetchall()
    )
    return all(
        found.get(name) == ",".join(c.split()[0].strip('"') for c in shape.split(", "))
        for name, shape in _shapes(tables).items()
    )


def _empty(connection: duckdb.DuckDBPyConnection, tables: list[RawTable]) -> None:
    """Begin with nothing read."""
    connection.execute("drop schema if exists raw cascade")
    connection.execute("create schema raw")
    for name, shape in _shapes(tables).items():
        if name != EVENTS:
            connection.execute(f"create table raw.{name} ({shape})")


def _columns(table: RawTable) -> str:
    if table.format == CLOUDEVENTS:
        return EVENT_COLUMNS
    columns = table.columns if table.format == "csv" else ("line_text",)
    texts = "".join(f', "{name}" varchar' for name in columns)
    return f"file_id varchar, line_number bigint{texts}"


def _news(
    connection: duckdb.DuckDBPyConnection,
    landing: Path,
    tables: list[RawTable],
    connector: str | None,
) -> _News:
    """Compare the landing zone with the manifest."""
    names = ", ".join(part.split()[0] for part in MANIFEST_COLUMNS.split(", "))
    known = {
        row.file_id: row
        for row in (
            _Manifested(*values)
            for values in connection.execute(f"select {names} from raw.landing_files").fetchall()
        )
        if connector in (None, row.connector)
    }
    news = _News()
    for file in scan(landing, tables):
        if connector not in (None, file.connector):
            continue
        row, before = _looked_at(file, known.get(file.file_id)), known.pop(file.file_id, None)
        if before is not None and before.checksum == row.checksum and row.checksum is not None:
            if before.file_state != row.file_state:
                news.touched.append(row)
            continue
        news.found.append((file, row))
        if before is not None:
            news.gone_ids.append(file.file_id)
            if before.checksum != row.checksum:
                news.changed.append(row.path)
    news.gone_ids += known
    news.vanished += sorted(row.path for row in known.values())
    return news


def _looked_at(file: LandingFile, before: _Manifested | None) -> _Manifested:
    """A file's row with its checksum, taken from before where nobody wrote the file since."""
    row = _Manifested(
        file_id=file.file_id,
        connector=file.connector,
        kind=file.table.kind if file.table else None,
        path=file.path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"),
        format=_format(file),
    )
    try:
        row.size_bytes, row.file_state = readers.state(file.absolute)
        if before is not None and before.file_state == row.file_state:
            row.checksum = before.checksum
        else:
            row.checksum = readers.checksum(file.absolute)
    except FileProblem as problem:
        row.quarantine(problem)
    return row


def _remove(
    connection: duckdb.DuckDBPyConnection, folder: Path, tables: list[RawTable], news: _News
) -> None:
    """Take out what was read of files that have gone or have another content now."""
    if not news.gone_ids:
        return
    segments.without(connection, folder, news.gone_ids)
    names = [table.name for table in tables if table.name != EVENTS]
    for name in ("landing_files", "rejected_lines", *names):
        connection.execute(
            f"delete from raw.{name} where file_id in (select unnest(?))", [news.gone_ids]
        )


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, landing: Path, news: _News) -> None:
    """Read what is new, each file whole or not at all."""
    for file, row in news.found:
        if row.file_status == "loaded":
            _read_native(connection, file, row)
    good = [(file, row) for file, row in news.found if row.file_status == "loaded"]
    by_id = {row.file_id: row for _, row in good}
    lines = [
        segments.Source(file.file_id, str(row.checksum), file.absolute)
        for file, row in good
        if _is_events(file) and row.format == "jsonl"
    ]
    pairs = segments.convert(connection, folder, lines)
    segments.add_pairs(connection, pairs)
    for file_id, latest in segments.latest_received(connection, folder, pairs):
        by_id[file_id].latest_received_at = latest
    for file, row in good:
        if row.format == "parquet":
            try:
                row.latest_received_at = parquet.read_through(
                    connection, file.absolute, str(row.column_types)
                )
            except duckdb.Error as error:
                row.quarantine(FileProblem("wrong_format", exports.first_line(error, file)))


def _is_events(file: LandingFile) -> bool:
    return file.table is not None and file.table.format == CLOUDEVENTS


def _read_native(
    connection: duckdb.DuckDBPyConnection, file: LandingFile, row: _Manifested
) -> None:
    """Count a file's lines; read them here where they are a tool's own export."""
    try:
        if file.table is None:
            raise FileProblem("unclaimed_file", "no connector declares files of this name")
        row.line_count = exports.count(file, file.table)
        if row.line_count == 0 and exports.is_empty(file):
            raise FileProblem("empty_file", "there is nothing in it")
        if row.format == "parquet":
            row.column_types = parquet.column_types(connection, file.absolute)
        elif not _is_events(file):
            exports.insert(connection, file, file.table, row.line_count)
    except duckdb.Error as error:
        row.quarantine(FileProblem("wrong_format", exports.first_line(error, file)))
    except FileProblem as problem:
        row.quarantine(problem)
        for name in ("rejected_lines", *([file.table.name] if file.table else [])):
            if name != EVENTS:
                connection.execute(f"delete from raw.{name} where file_id = ?", [file.file_id])


def _format(file: LandingFile) -> str | None:
    if file.table is None:
        return None
    if file.table.format == CLOUDEVENTS:
        return "parquet" if file.path.endswith(".parquet") else "jsonl"
    return file.table.format


def _write_manifest(connection: duckdb.DuckDBPyConnection, news: _News) -> None:
    rows = [list(astuple(row)) for _, row in news.found]
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into raw.landing_files values ({marks})", rows)
    if news.touched:
        connection.executemany(
            "update raw.landing_files set file_state = ? where file_id = ?",
            [[row.file_state, row.file_id] for row in news.touched],
        )


def show_new_events(database: Path, landing: Path) -> None:
    """Leave in the view of all CloudEvents only those of files that no run has computed from."""
    with connect(database) as connection:
        only = "file_id in (select file_id from built.new_files)"
        _show_events(connection, database.parent / "landing", landing, only)


def show_all_events(database: Path, landing: Path) -> None:
    """Show the CloudEvents of all files again, for whoever builds models apart from a run."""
    with connect(database) as connection:
        _show_events(connection, database.parent / "landing", landing)


def _show_events(
    connection: duckdb.DuckDBPyConnection, folder: Path, landing: Path, only: str = "true"
) -> None:
    """Make the view of all CloudEvents: over the segments, and over Parquet files as they lie."""
    names = connection.execute(
        f"select distinct segment from raw.landing_segments where {only} order by segment"
    ).fetchall()
    selects = []
    if names:
        # a segment may hold files of earlier runs as well
        segment_events = segments.segments_as_events(folder, [n for (n,) in names])
        selects = [f"{segment_events} and {only}"]
    files = connection.execute(
        "select column_types, list(file_id order by path), list(path order by path) "
        f"from raw.landing_files where format = 'parquet' and file_status = 'loaded' and {only} "
        "group by column_types order by column_types"
    ).fetchall()
    selects += [
        parquet.files_as_events(types, file_ids, [landing / path for path in paths])
        for types, file_ids, paths in files
    ]
    if not selects:
        nulls = ", ".join(
            f"null::{kind} as {name}"
            for name, kind in (column.split(" ") for column in EVENT_COLUMNS.split(", "))
        )
        selects = [f"select {nulls} where false"]
    connection.execute(f"create or replace view raw.{EVENTS} as " + " union all ".join(selects))


def _result(connection: duckdb.DuckDBPyConnection, news: _News) -> LoadResult:
    files = connection.execute(
        "select path, size_bytes, checksum, line_count, file_status, problem, problem_detail, "
        "latest_received_at from raw.landing_files order by path"
    ).fetchall()
    digest = hashlib.sha256()
    for path, size_bytes, checksum, *_ in files:
        digest.update(f"{path}\0{size_bytes}\0{checksum}\n".encode())
    return LoadResult(
        file_count=len(files),
        new_file_count=len(news.found),
        changed_files=news.changed,
        vanished_files=news.vanished,
        quarantined_files=[
            f"{path}: {problem} ({detail})"
            for path, _, _, _, status, problem, detail, _ in files
            if status == "quarantined"
        ],
        line_count=sum(line_count for _, _, _, line_count, *_ in files),
        latest_received_at=max((row[-1] for row in files if row[-1]), default=None),
        digest=digest.hexdigest(),
    )
