"""What the rows of `accepted_losses.csv` must say, and which of them hold."""

from collections.abc import Iterator

from orchestration.registry.tables import Problem, Row, Table

NAMED = ("path", "loss_id")
"""Columns that say which lines are meant."""


def accepted(table: Table) -> Table:
    """Return the rows that hold: those that accept, and that no row below takes back."""
    back = {row.values["taken_back_line"] for row in table.rows} - {None}
    return Table(
        table.name,
        [
            row
            for row in table.rows
            if row.values["taken_back_line"] is None and row.line not in back
        ],
    )


def check_accepted_losses(registry: dict[str, Table]) -> Iterator[Problem]:
    """A row accepts what no row above does, or takes back one above that still holds."""
    above = Table("accepted_losses")
    for row in registry["accepted_losses"].rows:
        same = [found for found in accepted(above).rows if _named(found) == _named(row)]
        line = row.values["taken_back_line"]
        if line is None and same:
            what = f"line {same[0].line} accepts the same lines already"
            yield row.problem("loss_id", what)
        if line is not None and line not in [found.line for found in same]:
            what = f"takes nothing back: no row in line {line} above accepts these lines"
            yield row.problem("taken_back_line", what)
        above.rows.append(row)


def _named(row: Row) -> list[object]:
    return [row.values[column] for column in NAMED]
