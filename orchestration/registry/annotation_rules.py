"""What the rows of `annotations.csv` must say."""

from collections.abc import Iterator

from orchestration.registry.tables import Problem, Table


def check_annotations(registry: dict[str, Table]) -> Iterator[Problem]:
    """A cause answers both questions; an exceptional stretch has its days in order."""
    for row in registry["annotations"].rows:
        kind, start, end = (
            row.values[name] for name in ("annotation_kind", "from_date", "to_date")
        )
        if kind == "exceptional":
            if end is not None and start is not None and end < start:
                yield row.problem("to_date", f"{end} lies before from_date {start}")
            continue
        if end is not None:
            yield row.problem("to_date", "a cause has one day only; leave to_date blank")
        for column in ("is_accepted", "is_lasting"):
            if row.values[column] is None:
                yield row.problem(column, "is blank; a cause needs an answer: true or false")
