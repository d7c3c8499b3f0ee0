"""`steelyard trust`: what people know and no check can see, as rows of the registry."""

from datetime import date, timedelta

from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.append import append_row
from orchestration.registry.load import RegistryError
from orchestration.registry.tables import Row
from orchestration.registry.trust_rules import NAMED, Lowered, overrides
from orchestration.registry.validate import Registry, read_registry
from orchestration.workspace import Workspace

TABLE = "trust_overrides"
NEXT = "It counts from the next `steelyard refresh` on."


def lower(
    workspace: Workspace,
    named: str,
    metric_id: str | None,
    grade: str,
    weeks: tuple[date, date | None],
    reason: str,
) -> str:
    """Lower a source or a product (or one metric of it) and say in words what was written.

    `weeks` are days of the first and the last week; None is until further notice. Nothing can be
    raised: the served grade is the worse of this one and of what the checks found, and the words
    say what that is. Raises UserError where `named` is no source and no product, or the row would
    be invalid.
    """
    product_id, source_id = _resolved(workspace, named, metric_id)
    start, end = (day and _monday(day) for day in weeks)
    row = {
        "product_id": product_id,
        "metric_id": metric_id,
        "source_id": source_id,
        "grade": grade,
        "from_week_date": start,
        "to_week_date": end,
        "reason": _said(reason),
    }
    path, line = append_row(workspace.seeds, TABLE, row)
    lowered = Lowered(Row(TABLE, line, row | {"restored_from_week_date": None}))
    return (
        f"{path}:{line}: {_name(lowered.row)} is at best {grade} {_weeks(lowered)}.\n"
        f"{_grade_then(workspace, lowered)}{NEXT}"
    )


def restore(workspace: Workspace, line: int, start: date | None, reason: str) -> str:
    """Take back what the row in `line` of the file lowered, and say in words what was written.

    `start` is a day of the first week from which it holds no longer; None is all its weeks. The
    row stays: another is appended. What the checks found, and other rows, go on to hold. Raises
    UserError where no row there lowers anything, or none of its weeks is left.
    """
    path = workspace.seeds / f"{TABLE}.csv"
    found = {lowered.row.line: lowered for lowered in overrides(_registry(workspace)[TABLE])}
    lowered = found.get(line)
    if lowered is None:
        do = "`steelyard trust list` shows the lines that do."
        raise UserError("no grade is lowered in this line", do, path, line)
    if not lowered.holds:
        do = "There is nothing to take back."
        taken = lowered.restored.line if lowered.restored else line
        raise UserError(f"line {taken} took it back already", do, path, line)
    start = lowered.row.values["from_week_date"] if start is None else _monday(start)
    row = {column: lowered.row.values[column] for column in NAMED}
    row |= {"reason": _said(reason), "restored_from_week_date": start}
    path, written = append_row(workspace.seeds, TABLE, row)
    left = Lowered(lowered.row, Row(TABLE, written, row))
    holds = f"holds {_weeks(left)} only" if left.holds else "holds for no week any more"
    return (
        f"{path}:{written}: line {line}, by which {_name(lowered.row)} is at best "
        f"{row['grade']}, {holds}.\n"
        f"The grade is then what the checks say{_others(found, lowered)}. {NEXT}"
    )


def listed(workspace: Workspace) -> str:
    """Return what was lowered by hand, and what of it was taken back, as lines of text."""
    found = overrides(_registry(workspace)[TABLE])
    if not found:
        return "No grade is lowered by hand."
    gone = sum(not lowered.holds for lowered in found)
    lines = [f"{workspace.seeds / TABLE}.csv: {counted(len(found), 'grade')} lowered by hand"]
    lines[0] += f", {gone} of them taken back" if gone else ""
    for lowered in found:
        values, back = lowered.row.values, lowered.restored
        # the weeks as they were written; what was taken back says from when
        lines.append(
            f"  line {lowered.row.line:<4} {_name(lowered.row)} at best {values['grade']} "
            f"{_weeks(Lowered(lowered.row))}: {values['reason']}"
        )
        if back is not None:
            start = back.values["restored_from_week_date"]
            weeks = f"from the week of {start} on" if lowered.holds else "for all its weeks"
            lines.append(f"{'':12}line {back.line} took it back {weeks}: {back.values['reason']}")
    return "\n".join([*lines, "Take one back: steelyard trust restore LINE --reason WHY"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _said(reason: str) -> str:
    if not reason.strip():
        raise UserError("the reason is blank", "Say why, in words that may stand on the page.")
    return reason.strip()


def _name(row: Row) -> str:
    product, metric, source = (
        row.values[name] for name in ("product_id", "metric_id", "source_id")
    )
    if source:
        return f"source {source}"
    return f"{metric} of {product}" if metric else f"product {product}"


def _weeks(lowered: Lowered) -> str:
    start, end = lowered.row.values["from_week_date"], lowered.last_week
    if end is None:
        return f"from the week of {start} until mended"
    return (
        f"in the week of {start}" if start == end else f"from the week of {start} to that of {end}"
    )


def _others(found: dict[int, Lowered], taken_back: Lowered) -> str:
    """Return the lines that go on to lower the same source, product or metric."""
    lines = [
        str(line)
        for line, lowered in found.items()
        if lowered.holds
        and lowered is not taken_back
        and _name(lowered.row) == _name(taken_back.row)
    ]
    return f", and line{'s' if len(lines) > 1 else ''} {', '.join(lines)}" if lines else ""


GRADES = """
    select week_start_date, grade, reason from {table}
    where {key} and week_start_date >= $start
        and ($last is null or week_start_date <= $last)
    order by week_start_date desc, grade desc
"""


def _grade_then(workspace: Workspace, lowered: Lowered) -> str:
    """Return what the grade is then in the weeks that are published, as a sentence or nothing."""
    import duckdb

    values, marts = lowered.row.values, workspace.publish / "marts.duckdb"
    if not marts.is_file():
        return ""
    columns = ["source_id"] if values["source_id"] else ["product_id", "metric_id"]
    given = {column: values[column] for column in columns if values[column]}
    query = GRADES.format(
        table="fct_source_trust" if values["source_id"] else "fct_metric_trust",
        key=" and ".join(f"{column} = ${column}" for column in given),
    )
    weeks = {"start": values["from_week_date"], "last": values["to_week_date"]}
    with duckdb.connect(str(marts), read_only=True) as connection:
        rows = connection.execute(query, given | weeks).fetchall()
    if not rows:
        return "None of these weeks is published yet.\n"
    grade = values["grade"]
    worse = [row for row in rows if row[1] > grade]
    of = "" if values["source_id"] or values["metric_id"] else " of its metrics"
    if not worse:
        return f"The grade is then {grade} in all {len(rows)} published weeks{of}.\n"
    week, found, reason = worse[0]
    grades = " or ".join(sorted({row[1] for row in worse}))
    rest = f", the others {grade}" if len(worse) < len(rows) else ""
    return (
        f"The worse of this and of what is found holds: {len(worse)} of {len(rows)} published "
        f"weeks{of} keep {grades}{rest}; the latest, that of {week}, is {found}: {reason}.\n"
    )


def _registry(workspace: Workspace) -> Registry:
    registry, problems = read_registry(workspace.seeds)
    if problems:
        raise RegistryError(workspace.seeds, problems)
    return registry


def _resolved(
    workspace: Workspace, named: str, metric_id: str | None
) -> tuple[str | None, str | None]:
    """Return (product, None) or (None, source) for what the command names."""
    registry = _registry(workspace)
    is_product, is_source = (
        named in {row.values[column] for row in registry[table].rows}
        for table, column in (("products", "product_id"), ("sources", "source_id"))
    )
    if is_source and not is_product and metric_id:
        raise UserError(f"{named!r} is a source", "A metric belongs to a product: name that.")
    if is_product and is_source and not metric_id:
        do = f"Write the row into {TABLE}.csv, in product_id or in source_id."
        raise UserError(f"{named!r} is a product and a source", do, workspace.seeds)
    if is_product:
        return named, None
    if is_source:
        return None, named
    do = "Name one from products.csv or sources.csv."
    raise UserError(f"there is no product and no source {named!r}", do, workspace.seeds)
