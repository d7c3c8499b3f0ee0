"""Grades as they are published: what a row that lowers does, has done, or will do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from orchestration.addresses import without_addresses
from orchestration.plurals import counted
from orchestration.publications import last_publication
from orchestration.registry.trust_rules import Lowered
from orchestration.trust.words import monday
from orchestration.workspace import Workspace

GRADES = """
    select week_start_date, {metric} as metric_id, grade, reason from marts.{table}
    where {key}
    order by week_start_date desc, grade desc
"""
IN_EFFECT, PENDING, TO_COME, WITHOUT = "in effect", "pending", "to come", "without effect"
NEXT = "takes effect with the next refresh"
SERVED = ("product_id", "metric_id", "source_id", "grade", "reason")
"""Columns by which a published grade is known to be a row's."""


@dataclass(frozen=True)
class Graded:
    """One published grade of a source or a metric."""

    week: date
    metric_id: str | None
    """None of a source."""
    grade: str
    reason: str | None


class Published:
    """What the last publication says of what rows name; nothing where there is none.

    With a connection to the warehouse, what that holds: a run that failed late left other grades.
    """

    def __init__(
        self, workspace: Workspace, connection: duckdb.DuckDBPyConnection | None = None
    ) -> None:
        self._marts, self._connection = workspace.publish / "marts.duckdb", connection
        self._known: dict[tuple, list[Graded]] = {}
        published = last_publication(workspace)
        self.as_of_week = monday(published.as_of_at.date()) if published else None
        """Monday of the week that it was computed for; None where nothing is published."""

    def grades(self, values: dict[str, Any]) -> list[Graded]:
        """Return all published grades of what a row names, the latest first."""
        columns = ["source_id"] if values["source_id"] else ["product_id", "metric_id"]
        given = {column: values[column] for column in columns if values[column]}
        key = tuple(given.items())
        if key not in self._known:
            self._known[key] = self._graded(given)
        return self._known[key]

    def _graded(self, given: dict[str, str]) -> list[Graded]:
        if self._connection is not None:
            return self._read(self._connection, given)
        if not self._marts.is_file():
            return []
        with duckdb.connect(str(self._marts), read_only=True) as connection:
            return self._read(connection, given)

    def _read(self, connection: duckdb.DuckDBPyConnection, given: dict[str, str]) -> list[Graded]:
        of_source = "source_id" in given
        query = GRADES.format(
            metric="null" if of_source else "metric_id",
            table="fct_source_trust" if of_source else "fct_metric_trust",
            key=" and ".join(f"{column} = ${column}" for column in given),
        )
        return [Graded(*row) for row in connection.execute(query, given).fetchall()]


@dataclass(frozen=True)
class Effect:
    """What becomes of a row."""

    kind: str
    words: str


GONE = Effect(WITHOUT, "taken back")


def effect(lowered: Lowered, rows: list[Lowered], published: Published) -> Effect:
    """Tell from what is published whether a row is read, still to be read, or changes nothing.

    `rows` are all rows of the file.
    """
    grades = published.grades(lowered.row.values)
    still = any(still_published(lowered, rows, found) for found in grades)
    back = f"; taking it back {NEXT}" if still else ""
    if not lowered.holds:
        return Effect(PENDING, f"taken back, which {NEXT}") if still else GONE
    within = [found for found in grades if covers(lowered, found.week)]
    if not within:
        found = _without_weeks(lowered, published, grades)
        return Effect(PENDING if still else found.kind, found.words + back)
    grade, count = lowered.row.values["grade"], len({found.week for found in within})
    of = counted(count, "published week")
    if any(found.grade < grade for found in within):
        return Effect(PENDING, f"pending: {NEXT}{back}")
    mine = {found.week for found in within if _is_mine(lowered, found)}
    if not mine:
        words = f"without effect: in {of} the grade is {grade} or worse anyway"
        return Effect(PENDING if still else WITHOUT, words + back)
    part = f"all {of}" if len(mine) == count else f"{len(mine)} of {of}"
    words = f"in effect in {part if count > 1 else 'its one published week'}"
    rest = "" if len(mine) == count else f", in the others it is {grade} or worse anyway"
    return Effect(PENDING if still else IN_EFFECT, words + rest + back)


def still_published(lowered: Lowered, rows: list[Lowered], found: Graded) -> bool:
    """Tell whether a published grade rests on a row in a week for which it was taken back."""
    values = lowered.row.values
    start, end = values["from_week_date"], values["to_week_date"]
    if lowered.restored is None or found.week < start or (end and found.week > end):
        return False
    same = [row for row in rows if all(row.row.values[c] == values[c] for c in SERVED)]
    return _is_mine(lowered, found) and not any(covers(row, found.week) for row in same)


def covers(lowered: Lowered, week: date) -> bool:
    """Tell whether a row holds in a week."""
    last = lowered.last_week
    return (
        lowered.holds
        and lowered.row.values["from_week_date"] <= week
        and (last is None or week <= last)
    )


def _is_mine(lowered: Lowered, found: Graded) -> bool:
    """Tell whether a grade is the row's: it is served with the row's reason."""
    values = lowered.row.values
    said = without_addresses(f"lowered by hand: {values['reason']}")
    return found.grade == values["grade"] and found.reason == said


def _without_weeks(lowered: Lowered, published: Published, grades: list[Graded]) -> Effect:
    """What becomes of a row of whose weeks none is published."""
    start, last = lowered.row.values["from_week_date"], lowered.last_week
    if published.as_of_week is None:
        return Effect(PENDING, "pending: takes effect with the first refresh")
    if not grades:
        return Effect(TO_COME, "for weeks to come: nothing of it is published yet")
    first, latest = grades[-1].week, grades[0].week
    if last is not None and last < first:
        words = f"without effect: its data begin in the week of {first}"
        return Effect(WITHOUT, words)
    if start > latest:
        words = f"for weeks to come: its data end in the week of {latest}"
        return Effect(TO_COME, words)
    return Effect(WITHOUT, "without effect: it has no data in these weeks")


def latest_with_data(published: Published, values: dict[str, Any]) -> date | None:
    """Return the latest week with data; that of the publication where there are none yet."""
    grades = published.grades(values)
    return grades[0].week if grades else published.as_of_week
