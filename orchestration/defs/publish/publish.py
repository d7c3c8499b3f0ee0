"""Publish what the run concluded: marts, Parquet, contract and pages, each replaced whole.

Readers keep the file that they opened, so a served file is never written: everything is made
under names of its own in the same file system and then renamed over the old.
"""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.defs.publish.contracts import Contract, read_contracts
from orchestration.engine import limited
from orchestration.errors import RunError
from orchestration.increment import is_increment
from orchestration.pages.marts import Marts
from orchestration.pages.metrics import render_metrics
from orchestration.pages.numbers import recompute, render_numbers, shown_numbers
from orchestration.pages.quality import render_quality
from orchestration.pages.scorecard import render_scorecard
from orchestration.workspace import Workspace

# the oldest version that reads comments and our types; DuckDB 2.0's default locks out 1.x
STORAGE_VERSION = "v1.2.0"
LARGE = 1_000_000
"""Rows from which on it costs less to compare with the last publication than to write all."""
PAGES = ("scorecard.html", "metrics.html", "numbers.html", "quality.html")


@dataclass(frozen=True)
class Published:
    """What lies in the publish folder now."""

    marts: Path
    scorecard: Path
    metrics: Path
    numbers: Path
    quality: Path
    contract: Path
    parquet: Path


def publish(workspace: Workspace) -> Published:
    """Replace the last publication by the marts in the warehouse, or raise and leave it whole."""
    target = workspace.publish
    target.mkdir(parents=True, exist_ok=True)
    contracts = read_contracts()
    next_one = target / f".next.{os.getpid()}.tmp"
    shutil.rmtree(next_one, ignore_errors=True)
    (next_one / "parquet").mkdir(parents=True)
    try:
        row_counts = write_marts(
            workspace.database,
            next_one / "marts.duckdb",
            contracts,
            # a rebuild goes on with nothing
            target / "marts.duckdb" if is_increment(workspace.database) else None,
        )
        marts = Marts.read(next_one / "marts.duckdb")
        with ThreadPoolExecutor(2) as pool:
            # DuckDB answers the numbers' hundreds of questions while the pages are written
            asked = pool.submit(recompute, workspace.database, shown_numbers(marts))
            parquet = next_one / "parquet"
            written = pool.submit(write_parquet, next_one / "marts.duckdb", parquet, contracts)
            contract = contract_json(marts, contracts, row_counts)
            _write_text(next_one / "contract.json", contract)
            _write_text(next_one / "scorecard.html", render_scorecard(marts))
            _write_text(next_one / "metrics.html", render_metrics(marts))
            _write_text(next_one / "quality.html", render_quality(marts))
            _write_text(next_one / "numbers.html", render_numbers(marts, asked.result()))
            written.result()
        _swap(next_one, target)
    finally:
        shutil.rmtree(next_one, ignore_errors=True)
    return Published(
        marts=target / "marts.duckdb",
        scorecard=target / "scorecard.html",
        metrics=target / "metrics.html",
        numbers=target / "numbers.html",
        quality=target / "quality.html",
        contract=target / "contract.json",
        parquet=target / "parquet",
    )


def write_marts(
    warehouse: Path, file: Path, contracts: list[Contract], last: Path | None = None
) -> dict[str, int]:
    """Copy the marts with their comments into a new database file; rows per table.

    Rows are ordered by grain, so that equal marts give equal tables, and equal Parquet of them;
    those of a table that grows with the events by its date first. Of such a table, where it is
    large, only what lies from the first date on that differs from `last` is written: the rest is
    taken over with a copy of that file, and of its Parquet the rows are equal, not the bytes.
    The file is closed, whole and synced on return.
    """
    if last is not None and _can_go_on(warehouse, last, contracts):
        try:
            shutil.copyfile(last, file)
            return _write_tables(warehouse, file, contracts, goes_on=True)
        except (duckdb.Error, RunError):
            # somebody may have changed or damaged it; what is wrong with the marts is told below
            file.unlink(missing_ok=True)
            file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
    return _write_tables(warehouse, file, contracts, goes_on=False)


def _write_tables(
    warehouse: Path, file: Path, contracts: list[Contract], goes_on: bool
) -> dict[str, int]:
    with limited(duckdb.connect(), file.with_name("spill")) as connection:
        connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
        connection.execute(
            f"attach '{_quoted(file)}' as served (storage_version '{STORAGE_VERSION}')"
        )
        # one transaction: each table, and each comment, would be synced to disk by itself
        connection.execute("begin")
        row_counts = {
            c.name: (_renew_table if goes_on and c.clustered_by else _copy_table)(connection, c)
            for c in contracts
        }
        connection.execute("commit")
        connection.execute("checkpoint served")
        connection.execute("detach served")
    if file.with_name(f"{file.name}.wal").exists():
        raise RunError("The marts were not written whole", f"{file.name}.wal is left")
    _sync(file)
    return row_counts


def _can_go_on(warehouse: Path, last: Path, contracts: list[Contract]) -> bool:
    """Tell whether this very code wrote the last publication, and a table in it is large."""
    growing = [contract.name for contract in contracts if contract.clustered_by]
    if not growing or not last.is_file():
        return False
    try:
        with limited(duckdb.connect(), warehouse.with_name("spill")) as connection:
            connection.execute(f"attach '{_quoted(last)}' as last_one (read_only)")
            connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
            tables, is_of_this_code = _one(
                connection,
                "select (select list(table_name order by table_name) "
                "from information_schema.tables where table_catalog = 'last_one'), "
                "(select max(code_version) from last_one.dim_run) "
                "= (select max(code_version) from warehouse.marts.dim_run)",
            )
            if not is_of_this_code or tables != sorted(c.name for c in contracts):
                return False
            counts = " + ".join(f"(select count(*) from last_one.{name})" for name in growing)
            return _one(connection, f"select {counts}")[0] >= LARGE
    except duckdb.Error:
        # not a publication, or one of another version
        return False


def _copy_table(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Write all rows of a table, with its comments."""
    table = f"served.{contract.name}"
    connection.execute(f"drop table if exists {table}")
    connection.execute(contract.create_statement(table))
    rows = _add_rows(connection, contract)
    connection.execute(f"comment on table {table} is '{_escaped(contract.description)}'")
    for column in contract.columns:
        comment = _escaped(column.description)
        connection.execute(f"comment on column {table}.{column.name} is '{comment}'")
    return rows


def _renew_table(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Write the rows from the first date on whose rows are others than those that lie there."""
    (first,) = _one(
        connection,
        f"""
        with ours as ({_contents("warehouse.marts", contract)}),
        theirs as ({_contents("served", contract)})
        select min(cluster)
        from ((from ours except from theirs) union all (from theirs except from ours))
        """,
    )
    # a row without a date is in no contract: it is refused when it is written
    since = f" or {contract.clustered_by} >= date '{first}'" if first else ""
    where = f"where {contract.clustered_by} is null{since}"
    connection.execute(f"delete from served.{contract.name} {where}")
    return _add_rows(connection, contract, where)


def _contents(schema: str, contract: Contract) -> str:
    """Return a query of what lies at each date, told by the sum of the rows' hashes."""
    return (
        f"select {contract.clustered_by} as cluster, count(*) as row_count, "
        f"sum(hash({contract.column_names})) as content from {schema}.{contract.name} group by all"
    )


def _add_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, where: str = "") -> int:
    """Add the rows in their order; how many there are in the table, told apart by their grain."""
    table, grain = f"served.{contract.name}", ", ".join(contract.grain)
    try:
        connection.execute(
            f"insert into {table} select {contract.column_names} "
            f"from warehouse.marts.{contract.name} {where} order by {contract.row_order}"
        )
    except duckdb.Error as error:
        raise RunError(f"{contract.name} breaks its contract", str(error)) from error
    rows, keys = _one(
        connection,
        f"select (select count(*) from {table}), "
        f"(select count(*) from (select distinct {grain} from {table}))",
    )
    if rows != keys:
        raise RunError(f"{contract.name} breaks its grain", f"{rows} rows, {keys} of ({grain})")
    return rows


def write_parquet(marts: Path, folder: Path, contracts: list[Contract]) -> None:
    """Write one Parquet file a table, rows in the order of the table."""
    with limited(duckdb.connect(), folder.with_name("spill")) as connection:
        connection.execute(f"attach '{_quoted(marts)}' as served (read_only)")
        for contract in contracts:
            file = folder / f"{contract.name}.parquet"
            connection.execute(
                f"copy (select {contract.column_names} from served.{contract.name}) "
                f"to '{_quoted(file)}' (format parquet)"
            )
            _sync(file)


def contract_json(marts: Marts, contracts: list[Contract], row_counts: dict[str, int]) -> str:
    """What a reader may rely on: run, as-of, and each table's grain, columns and rows."""
    content: dict[str, Any] = {
        "run_id": marts.run["run_id"],
        "as_of_at": f"{marts.run['as_of_at'].isoformat()}Z",
        "code_version": marts.run["code_version"],
        "reporting_time_zone": marts.run["reporting_time_zone"],
        "storage_version": STORAGE_VERSION,
        "tables": {
            contract.name: {
                "description": contract.description,
                "grain": list(contract.grain),
                "row_count": row_counts[contract.name],
                "columns": [
                    {
                        "name": column.name,
                        "type": column.data_type,
                        "is_required": column.is_required,
                        "description": column.description,
                    }
                    for column in contract.columns
                ],
            }
            for contract in contracts
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _swap(next_one: Path, target: Path) -> None:
    """Rename each new file over the old; `contract.json` comes last and tells that all is there."""
    (target / "parquet").mkdir(exist_ok=True)
    fresh = {path.name for path in (next_one / "parquet").iterdir()}
    for name in sorted(fresh):
        (next_one / "parquet" / name).replace(target / "parquet" / name)
    for stale in (target / "parquet").glob("*.parquet"):
        if stale.name not in fresh:
            stale.unlink()
    for name in ("marts.duckdb", *PAGES, "contract.json"):
        (next_one / name).replace(target / name)
    folder = os.open(target, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _quoted(path: Path) -> str:
    return _escaped(str(path))
