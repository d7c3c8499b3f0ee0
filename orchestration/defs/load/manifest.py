"""Which raw tables there are, and which landing file belongs to which."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from orchestration.errors import UserError

CLOUDEVENTS = "cloudevents"
CLOUDEVENTS_PATTERNS = ("*.jsonl", "*.parquet")


@dataclass(frozen=True)
class RawTable:
    """One kind of export of a connector, and the raw table that its files are loaded into."""

    connector: str
    kind: str
    format: str
    """`cloudevents` (JSON Lines or Parquet), `csv` or `jsonl`."""
    patterns: tuple[str, ...]
    """Globs over the path below `landing/<connector>/`, without `.gz`."""
    columns: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    """Expected header of a CSV file, in order; it may name a column twice."""

    @property
    def name(self) -> str:
        return f"{self.connector}__{self.kind}"

    def matches(self, path: str) -> bool:
        """Tell whether a file belongs here, by its path below `landing/<connector>/`."""
        plain = path.removesuffix(".gz")
        if self.format == CLOUDEVENTS and path.endswith(".parquet.gz"):
            return False
        return any(fnmatchcase(path, p) or fnmatchcase(plain, p) for p in self.patterns)


@dataclass(frozen=True)
class LandingFile:
    """A file below the landing folder."""

    path: str
    """Relative to the landing folder, with `/`."""
    absolute: Path
    connector: str
    table: RawTable | None
    """None where no connector claims the file."""
    file_id: str = field(init=False)

    def __post_init__(self) -> None:
        inside = self.path.removeprefix(f"{self.connector}/")
        file_id = hashlib.md5(f"{self.connector}/{inside}".encode("utf-8", "surrogateescape"))
        object.__setattr__(self, "file_id", file_id.hexdigest())


def raw_tables(project: Path) -> list[RawTable]:
    """List the raw tables: CloudEvents first, then what the connectors' YAML declares.

    Args:
        project: Root of the dbt project, the folder of `dbt_project.yml`.

    Returns:
        Tables of all `models/staging/<connector>/_<connector>__sources.yml` whose
        `config.meta.landing` says where their files lie; ordered by connector, then as declared.
    """
    tables = [RawTable(CLOUDEVENTS, "events", CLOUDEVENTS, CLOUDEVENTS_PATTERNS)]
    staging = project / "dbt_project" / "models" / "staging"
    for path in sorted(staging.glob("*/_*__sources.yml")):
        for source in (yaml.safe_load(path.read_text("utf-8")) or {}).get("sources", []):
            if source["name"] == "raw":
                tables += [
                    _declared(path, table)
                    for table in source.get("tables", [])
                    if _landing(table) is not None
                ]
    return tables


def _landing(table: dict[str, Any]) -> dict[str, Any] | None:
    return table.get("config", {}).get("meta", {}).get("landing")


def _declared(path: Path, table: dict[str, Any]) -> RawTable:
    landing = _landing(table) or {}
    connector = path.parent.name
    columns = tuple(column["name"] for column in table.get("columns", []))
    header = tuple(str(name) for name in landing.get("header", columns))
    wrong = (
        "its name lacks the connector in front"
        if not table["name"].startswith(f"{connector}__")
        else "its landing format is neither csv nor jsonl"
        if landing.get("format") not in ("csv", "jsonl")
        else "its landing pattern is missing"
        if not landing.get("pattern")
        else "file_id and line_number are the loader's own columns"
        if {"file_id", "line_number"} & set(columns)
        else f"its header has {len(header)} names for {len(columns)} columns"
        if len(header) != len(columns)
        else None
    )
    if wrong:
        raise UserError(
            f"source table {table['name']} can't be loaded, {wrong}",
            "Correct its declaration; CONTRIBUTING shows one.",
            file=path,
        )
    return RawTable(
        connector=connector,
        kind=table["name"].removeprefix(f"{connector}__"),
        format=landing["format"],
        patterns=(str(landing["pattern"]).removesuffix(".gz"),),
        columns=columns,
        header=header,
    )


def scan(landing: Path, tables: list[RawTable]) -> list[LandingFile]:
    """List the landing files in the order of their paths; hidden files are left out."""
    return [_claimed(landing, path, tables) for path in sorted(_relative_paths(landing))]


def _relative_paths(landing: Path) -> Iterator[str]:
    entered: set[str] = set()
    for folder, subfolders, names in os.walk(landing, followlinks=True):
        real = os.path.realpath(folder)
        if real in entered:
            # a link that leads back up would be walked for ever
            subfolders.clear()
            continue
        entered.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                yield (Path(folder) / name).relative_to(landing).as_posix()


def _claimed(landing: Path, path: str, tables: list[RawTable]) -> LandingFile:
    parts = PurePosixPath(path).parts
    connector = parts[0] if len(parts) > 1 else ""
    inside = path.removeprefix(f"{connector}/")
    table = next((t for t in tables if t.connector == connector and t.matches(inside)), None)
    return LandingFile(path=path, absolute=landing / path, connector=connector, table=table)
