"""Rows lowered or taken back by hand that no published run has read yet."""

from datetime import date
from typing import Any

import duckdb

from orchestration.registry.trust_rules import Lowered, overrides
from orchestration.registry.validate import read_table
from orchestration.trust import words
from orchestration.trust.published import (
    PENDING,
    TO_COME,
    Graded,
    Published,
    covers,
    effect,
    still_published,
)
from orchestration.workspace import Workspace

TABLE = "trust_overrides"
LOWERED = "lowered by hand, takes effect with the next refresh"
UNREAD = f"  not told: {TABLE}.csv has an error, `steelyard check` says where"
RESTORED = "taken back by hand, takes effect with the next refresh"


def rows_of(workspace: Workspace) -> tuple[list[Lowered], list[str]]:
    """Return the rows of the file that are well formed, and a line where others are not."""
    table, problems = read_table(workspace.seeds / f"{TABLE}.csv", TABLE)
    return overrides(table), [UNREAD] if problems else []


def ahead_of_number(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, product: str, metrics: list[str],
    sources: set[str], weeks: tuple[date, date],
) -> list[str]:  # fmt: skip
    """Return what the next refresh will read of the weeks of one number, as lines.

    `metrics` are the number's and what it is derived from, `sources` those that count for it,
    `weeks` its first and last one. The number is of the warehouse that is connected.
    """
    (rows, told), published = rows_of(workspace), Published(workspace, connection)
    first, last = weeks
    for row in rows:
        values = row.row.values
        if not _reaches(values, product, metrics, sources):
            continue
        grades = [
            found
            for found in published.grades(values)
            if first <= found.week <= last and found.metric_id in (None, *metrics)
        ]
        if any(_is_ahead(row, found) for found in grades):
            told.append(f"  {LOWERED}: {_said(row)}")
        if row.restored and any(still_published(row, rows, found) for found in grades):
            told.append(f"  {RESTORED}: {_said(Lowered(row.row), row.restored.values['reason'])}")
    return told


def ahead_of_all(workspace: Workspace) -> list[str]:
    """Return all that the next refresh will read, and what waits for its weeks, as lines."""
    (rows, told), published = rows_of(workspace), Published(workspace)
    found = [(row, effect(row, rows, published)) for row in rows]
    told += [
        f"  {_said(row)}\n    {its.words}" for row, its in found if its.kind in (PENDING, TO_COME)
    ]
    return ["", "Lowered by hand, and in no published figure yet", *told] if told else []


def _said(row: Lowered, reason: str | None = None) -> str:
    values = row.row.values
    grade, why = values["grade"], reason or values["reason"]
    place = f"line {row.row.line} of {TABLE}.csv"
    return f"{words.name(row.row)} at best {grade} {words.weeks(row)}: {why} ({place})"


def _reaches(values: dict[str, Any], product: str, metrics: list[str], sources: set[str]) -> bool:
    if values["source_id"]:
        return values["source_id"] in sources
    return values["product_id"] == product and values["metric_id"] in (None, *metrics)


def _is_ahead(row: Lowered, found: Graded) -> bool:
    return covers(row, found.week) and found.grade < row.row.values["grade"]
