"""What the rows of `check_parameters.csv` must say, and what holds where one is left out."""

from collections.abc import Iterator

from expectations.parameters import SEED, default_rows
from orchestration.registry.tables import Problem, Row, Table


def with_defaults(table: Table) -> Table:
    """Return the rows, and the defaults of what they leave out: models need every limit."""
    named = {(row.values["check_id"], row.values["parameter"]) for row in table.rows}
    left_out = [
        Row(f"defaults/{table.name}", line, dict(row))
        for line, (key, row) in enumerate(default_rows().items(), start=2)
        if key not in named
    ]
    return Table(table.name, [*table.rows, *left_out])


def check_parameters(registry: dict[str, Table]) -> Iterator[Problem]:
    """A parameter is one of its check: one that nothing reads would change nothing."""
    for row in registry["check_parameters"].rows:
        check_id, parameter = row.values["check_id"], row.values["parameter"]
        known = [name for number, name in default_rows() if number == check_id]
        if parameter not in known:
            of_check = f"check {check_id} has {', '.join(known) or 'none'}"
            yield row.problem("parameter", f"{parameter} is no parameter: {of_check}")


def default_digest() -> bytes:
    """Content of the defaults, for what a registry was read with."""
    return SEED.read_bytes()
