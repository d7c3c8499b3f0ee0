"""The registry's files and their Table Schemas, and reading them with true line numbers."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas"

FILES = (
    "settings",
    "products",
    "problem_statements",
    "sources",
    "tracking_plan",
    "calendars",
    "holidays",
    "task_types",
    "measures",
    "measure_filters",
    "active_uses",
    "activations",
    "funnels",
    "people_limits",
    "diagnostics",
    "metrics",
    "kpis",
    "balances",
    "tripwires",
    "watched_metrics",
    "segments",
    "segmented_metrics",
    "goals",
    "annotations",
    "tree_edges",
    "interventions",
    "unit_costs",
    "check_thresholds",
    "check_parameters",
    "trust_overrides",
    "accepted_losses",
    "excluded_accounts",
)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in the registry, at the place where it is mended."""

    file: str
    """Name of the file, for example `metrics.csv`."""
    line: int
    """Line as a text editor counts it; 1 where the file as a whole is meant."""
    column: str
    what: str
    """What is wrong, and what is allowed."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.what}"


@dataclass
class Row:
    """One record of a registry file; `values` are typed, None where blank."""

    file: str
    line: int
    values: dict[str, Any]

    def problem(self, column: str, what: str) -> Problem:
        return Problem(f"{self.file}.csv", self.line, column, what)


@dataclass
class Table:
    """One registry file as read; `rows` has the records without any problem of their own."""

    name: str
    rows: list[Row] = field(default_factory=list)


class NotCsvError(ValueError):
    """A record that can't be split into cells."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        """Line on which the record begins."""


@cache
def schema(name: str) -> dict[str, Any]:
    """The Table Schema of one file as JSON."""
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def columns(name: str) -> list[str]:
    """Column names of one file in the schema's order."""
    return [column["name"] for column in schema(name)["fields"]]


def read_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of every record, the header first.

    Lines that begin with `#` between two records are comments, blank lines are nothing. The
    number is that of the record's first line. Raises UnicodeDecodeError and NotCsvError.
    """
    position = {"line": 0, "first": 0, "inside": False}

    def lines() -> Iterator[str]:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for text in handle:
                position["line"] += 1
                if not position["inside"] and (text.startswith("#") or not text.strip(" ,\r\n")):
                    continue
                if not position["inside"]:
                    position["first"] = position["line"]
                    position["inside"] = True
                yield text

    try:
        for cells in csv.reader(lines(), strict=True):
            position["inside"] = False
            yield position["first"], [cell.strip() for cell in cells]
    except csv.Error as error:
        raise NotCsvError(position["first"], str(error)) from error
