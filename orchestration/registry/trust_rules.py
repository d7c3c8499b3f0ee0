"""What the rows of `trust_overrides.csv` must say, and which of them hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from orchestration.registry.tables import Problem, Row, Table

MONDAY = 0
WEEK = timedelta(weeks=1)
TARGET = ("product_id", "metric_id", "source_id")
"""Columns that say what is lowered."""
NAMED = (*TARGET, "grade", "from_week_date")
"""Columns that a row which takes one back repeats, beside the line that it names."""


@dataclass(frozen=True)
class Lowered:
    """A row that lowers, and the one below that takes it back."""

    row: Row
    restored: Row | None = None

    @property
    def last_week(self) -> date | None:
        """Monday of the last week in which it holds; None until further notice."""
        end = self.row.values["to_week_date"]
        if self.restored is None:
            return end
        before = self.restored.values["restored_from_week_date"] - WEEK
        return before if end is None else min(before, end)

    @property
    def holds(self) -> bool:
        """Whether there is a week in which it holds."""
        return self.last_week is None or self.row.values["from_week_date"] <= self.last_week


def overrides(table: Table) -> list[Lowered]:
    """Return the rows that lower, in the file's order, with what takes them back."""
    found: list[Lowered] = []
    for row in table.rows:
        if row.values["restored_from_week_date"] is None:
            found.append(Lowered(row))
        elif (place := _taken_back_by(row, found)) is not None:
            found[place] = replace(found[place], restored=row)
    return found


def holding(table: Table) -> Table:
    """Return the rows that lower as far as they hold; those that take back are none of them."""
    return Table(
        table.name,
        [
            replace(lowered.row, values=lowered.row.values | {"to_week_date": lowered.last_week})
            for lowered in overrides(table)
            if lowered.holds
        ],
    )


def _taken_back_by(row: Row, before: list[Lowered]) -> int | None:
    """Return the place of the row that `row` takes back, None where there is none.

    Equal rows may stand one below the other, each with weeks of its own: only the line tells them
    apart. A file written before it was named means the latest.
    """
    line = row.values["restored_line"]
    places = [
        place
        for place, lowered in enumerate(before)
        if _named(lowered.row) == _named(row) and line in (None, lowered.row.line)
    ]
    return places[-1] if places else None


def _named(row: Row) -> list[object]:
    return [row.values[column] for column in NAMED]


def check_trust_overrides(registry: dict[str, Table]) -> Iterator[Problem]:
    """A row lowers a source, a product or a product's metric, over whole weeks in order."""
    above = Table("trust_overrides")
    for row in registry["trust_overrides"].rows:
        yield from _check_row(row)
        yield from _check_above(row, overrides(above))
        above.rows.append(row)


def _check_row(row: Row) -> Iterator[Problem]:
    product, metric, source, start, end, restored = (
        row.values[name]
        for name in ("product_id", "metric_id", "source_id", "from_week_date", "to_week_date",
                     "restored_from_week_date")
    )  # fmt: skip
    if (product is None) == (source is None):
        what = "name a product or a source: one of product_id and source_id, not both"
        yield row.problem("product_id", what)
    if metric is not None and product is None:
        yield row.problem("metric_id", "needs the product_id whose metric it is")
    days = {"from_week_date": start, "to_week_date": end, "restored_from_week_date": restored}
    for column, day in days.items():
        if day is not None and day.weekday() != MONDAY:
            yield row.problem(column, f"{day} is no Monday; weeks begin on Mondays")
    if end is not None and end < start:
        yield row.problem("to_week_date", f"{end} lies before from_week_date {start}")
    if restored is None and row.values["restored_line"] is not None:
        yield row.problem("restored_line", "must be blank in a row that takes none back")
    if end is not None and restored is not None:
        yield row.problem("to_week_date", "must be blank in a row that takes one back")


def _check_above(row: Row, above: list[Lowered]) -> Iterator[Problem]:
    """What a row says of one above it: that it is taken back, or by chance the same again."""
    restored, line = row.values["restored_from_week_date"], row.values["restored_line"]
    if restored is None:
        for same in above:
            if same.restored is None and _named(same.row) == _named(row):
                said = ", ".join(str(value) for value in _named(row) if value is not None)
                what = f"{said!r} stands in line {same.row.line} already; each may stand once"
                yield row.problem(", ".join(NAMED), what)
        return
    column, place = "restored_from_week_date", _taken_back_by(row, above)
    same = None if place is None else above[place]
    if same is None and line is not None:
        what = f"takes nothing back: line {line} is no row above with the same " + ", ".join(NAMED)
        yield row.problem("restored_line", what)
    elif same is None:
        what = "takes nothing back: no row above has the same " + ", ".join(NAMED)
        yield row.problem(column, what)
    elif restored < row.values["from_week_date"]:
        yield row.problem(column, f"{restored} lies before from_week_date")
    elif same.last_week is not None and restored > same.last_week:
        what = f"{restored} lies after the last week in which line {same.row.line} holds"
        yield row.problem(column, f"{what}, {same.last_week}" if same.holds else what)
