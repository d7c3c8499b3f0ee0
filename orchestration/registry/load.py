"""Write the registry and the run's context into the warehouse as schema `registry`."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.dbt_runner import project_state
from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.loss_rules import accepted
from orchestration.registry.parameter_rules import default_digest, with_defaults
from orchestration.registry.source_contracts import registry_rows, source_contracts
from orchestration.registry.tables import FILES, SCHEMAS, Problem, Table, schema
from orchestration.registry.trust_rules import holding
from orchestration.registry.validate import Registry, read_registry

TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
}
ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}
DEFAULT_TIME_ZONE = "UTC"


class RegistryError(UserError):
    """The registry is invalid; the text is one line a problem, `file:line: column: what`."""

    def __init__(self, seeds: Path, problems: list[Problem]) -> None:
        what = f"the registry has {counted(len(problems), 'problem')}"
        do = "Correct this row." if len(problems) == 1 else "Correct these rows."
        super().__init__(what, do, seeds)
        self.problems = problems

    def __str__(self) -> str:
        lines = [f"{self.file}/{problem}" for problem in self.problems]
        return "\n".join([*lines, f"{self.what}. {self.do}"])


@dataclass(frozen=True)
class RunContext:
    """What a run computes for: the one row of `registry.run_context`."""

    as_of_at: datetime
    """Naive UTC instant for which everything is computed."""
    run_id: str
    code_version: str


def load_registry(seeds: Path, database: Path) -> None:
    """Validate the registry under `seeds` and replace all `registry` tables in `database`.

    Every file becomes a table, an absent optional one an empty table, each with its typed
    columns and `registry_file`, `registry_line`. Raises RegistryError with all problems.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    digest = _digest(seeds)
    with duckdb.connect(str(database)) as connection:
        if _is_loaded(connection, digest):
            return
    registry, problems = read_registry(seeds)
    if problems:
        raise RegistryError(seeds, problems)
    with duckdb.connect(str(database)) as connection:
        write_registry(registry, connection)
        connection.execute(
            "create or replace table registry.loaded as select ? as digest", [digest]
        )


def _digest(seeds: Path) -> str:
    """Digest of the registry's files and of all that they are judged by."""
    digest = hashlib.sha256(project_state().encode() + default_digest())
    code = sorted(Path(__file__).parent.rglob("*.py")) + sorted(SCHEMAS.glob("*.json"))
    for path in [*(seeds / f"{name}.csv" for name in FILES), *code]:
        digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
        digest.update(b"\0")
    return digest.hexdigest()


def _is_loaded(connection: duckdb.DuckDBPyConnection, digest: str) -> bool:
    """Tell whether this very registry has been found valid and lies in the warehouse."""
    try:
        return connection.execute("select digest from registry.loaded").fetchall() == [(digest,)]
    except duckdb.CatalogException:
        return False


def write_registry(registry: Registry, connection: duckdb.DuckDBPyConnection) -> None:
    """Replace all `registry` tables but `run_context` with what was read."""
    connection.execute("begin")
    connection.execute("create schema if not exists registry")
    # what was taken back is history, which the file keeps
    in_force = registry | {
        "trust_overrides": holding(registry["trust_overrides"]),
        "accepted_losses": accepted(registry["accepted_losses"]),
        "check_parameters": with_defaults(registry["check_parameters"]),
    }
    for name in FILES:
        _write_table(in_force[name], connection)
    _write_contracts(registry, connection)
    connection.execute("commit")


def _write_contracts(registry: Registry, connection: duckdb.DuckDBPyConnection) -> None:
    """Write what the sources promise of the properties of their events, one row each."""
    connection.execute(
        "create or replace table registry.contract_properties "
        "(source_id varchar, event_type varchar, property varchar, property_kind varchar, "
        "is_required boolean)"
    )
    rows = [
        (contract.source_id, event.event_type, found.name, found.kind, found.is_required)
        for contract in source_contracts(registry_rows(registry))
        for event in contract.events
        for found in event.properties
    ]
    if not rows:
        return
    columns = dict(zip("abcde", zip(*rows, strict=True), strict=True))
    connection.register("rows", pa.table({name: list(cells) for name, cells in columns.items()}))
    connection.execute("insert into registry.contract_properties from rows")
    connection.unregister("rows")


def _write_table(table: Table, connection: duckdb.DuckDBPyConnection) -> None:
    fields = schema(table.name)["fields"]
    typed = ", ".join(f'"{field["name"]}" {TYPES[field["type"]]}' for field in fields)
    connection.execute(
        f"create or replace table registry.{table.name} "
        f"({typed}, registry_file varchar, registry_line bigint)"
    )
    if not table.rows:
        return
    kinds = [*(ARROW_TYPES[field["type"]] for field in fields), pa.string(), pa.int64()]
    rows = [
        [*(row.values[field["name"]] for field in fields), f"{row.file}.csv", row.line]
        for row in table.rows
    ]
    columns = [pa.array(c, kind) for c, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    connection.register("rows", pa.table(columns, names=[f"column_{i}" for i in range(len(kinds))]))
    connection.execute(f"insert into registry.{table.name} from rows")
    connection.unregister("rows")


def write_run_context(context: RunContext, database: Path) -> None:
    """Replace the one row of `registry.run_context`; the registry must be loaded already."""
    with duckdb.connect(str(database)) as connection:
        zone = connection.execute(
            "select max(value) from registry.settings where setting = 'reporting_time_zone'"
        ).fetchall()[0][0]
        connection.execute(
            "create or replace table registry.run_context "
            "(as_of_at timestamp, run_id varchar, code_version varchar, "
            "reporting_time_zone varchar)"
        )
        connection.execute(
            "insert into registry.run_context values (?, ?, ?, ?)",
            [context.as_of_at, context.run_id, context.code_version, zone or DEFAULT_TIME_ZONE],
        )
