"""`steelyard trust`: what people know and no check can see, as rows of the registry."""

from datetime import date, timedelta

from orchestration.errors import UserError
from orchestration.explain.items import without_addresses
from orchestration.plurals import counted
from orchestration.registry.append import append_row
from orchestration.registry.load import RegistryError
from orchestration.registry.rules import split
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
    lowered = Lowered(Row(TABLE, line, row))
    return (
        f"{path}:{line}: {_name(lowered.row)} is at best {grade} {_weeks(lowered)}.\n"
        f"{_grade_then(workspace, lowered)}{_worse_rows(_registry(workspace), lowered)}{NEXT}"
    )


def restore(workspace: Workspace, line: int, start: date | None, reason: str) -> str:
    """Take back what the row in `line` of the file lowered, and say in words what was written.

    `start` is a day of the first week from which it holds no longer; None is all its weeks. The
    row stays: another is appended. What the checks found, and other rows, go on to hold. Raises
    UserError where no row there lowers anything, or none of its weeks is left.
    """
    registry, path = _registry(workspace), workspace.seeds / f"{TABLE}.csv"
    lowered = next((found for found in overrides(registry[TABLE]) if found.row.line == line), None)
    if lowered is None:
        do = "`steelyard trust list` shows the lines that do."
        raise UserError("no grade is lowered in this line", do, path, line)
    start = lowered.row.values["from_week_date"] if start is None else _monday(start)
    if lowered.restored and (not lowered.holds or start > lowered.last_week):
        do = "There is nothing to take back; `steelyard trust list` shows what still holds."
        what = f"line {lowered.restored.line} took it back already, {_taken_back(lowered)}"
        raise UserError(what, do, path, line)
    row = {column: lowered.row.values[column] for column in NAMED}
    row |= {"reason": _said(reason), "restored_from_week_date": start, "restored_line": line}
    path, written = append_row(workspace.seeds, TABLE, row)
    left = Lowered(lowered.row, Row(TABLE, written, row))
    holds = f"holds {_weeks(left)} only" if left.holds else "holds for no week any more"
    return (
        f"{path}:{written}: line {line}, by which {_name(lowered.row)} is at best "
        f"{row['grade']}, {holds}.\n"
        f"{_grade_after(registry, lowered, start)}{NEXT}"
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
            why = f"took it back {_taken_back(lowered)}: {back.values['reason']}"
            lines.append(f"{'':12}line {back.line} {why}")
    return "\n".join([*lines, "Take one back: steelyard trust restore LINE --reason WHY"])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _said(reason: str) -> str:
    if not reason.strip():
        raise UserError("the reason is blank", "Say why, in words that may stand on the page.")
    if without_addresses(reason) != reason:
        do = "It is served beside the number: name a team or a system, no person."
        raise UserError("the reason has an e-mail address", do)
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


def _taken_back(lowered: Lowered) -> str:
    """Return in words from when a row that was taken back holds no longer."""
    assert lowered.restored is not None
    start = lowered.restored.values["restored_from_week_date"]
    return f"from the week of {start} on" if lowered.holds else "for all its weeks"


def _grade_after(registry: Registry, taken_back: Lowered, start: date) -> str:
    """Return what the grade is, in the weeks taken back, by the checks and by other rows."""
    others = _others(registry, taken_back, start)
    if not others:
        return "The grade is then what the checks say. "
    what = "The grade is then the worst of what the checks say and of what goes on to hold:\n"
    return what + "".join(_listed(other) for other in others)


def _worse_rows(registry: Registry, lowered: Lowered) -> str:
    """Return which other rows lower it further, published or not yet; blank where none does."""
    values = lowered.row.values
    others = _others(registry, lowered, values["from_week_date"])
    worse = [_listed(other) for other in others if other.row.values["grade"] > values["grade"]]
    return "These rows lower it further in weeks of theirs:\n" + "".join(worse) if worse else ""


def _others(registry: Registry, lowered: Lowered, start: date) -> list[Lowered]:
    """Return the other rows that lower any of the same in any of its weeks from `start` on."""
    return [
        other
        for other in overrides(registry[TABLE])
        if other.row.line != lowered.row.line
        and other.holds
        and (lowered.last_week is None or other.row.values["from_week_date"] <= lowered.last_week)
        and (other.last_week is None or start <= other.last_week)
        and _reaches(registry, other.row, lowered.row)
    ]


def _listed(other: Lowered) -> str:
    grade = other.row.values["grade"]
    return f"  line {other.row.line:<4} {_name(other.row)} at best {grade} {_weeks(other)}\n"


def _reaches(registry: Registry, other: Row, taken_back: Row) -> bool:
    """Tell whether a row lowers anything of what another one lowers.

    A source lowers the metrics of its product that read it; which these are is known only where
    it sent something, so that all of them are meant.
    """
    mine, its = taken_back.values, other.values
    if mine["source_id"] and its["source_id"]:
        return bool(mine["source_id"] == its["source_id"])
    of_source = {row.values["source_id"]: row.values["product_id"]
                 for row in registry["sources"].rows}  # fmt: skip
    products = {v["product_id"] or of_source[v["source_id"]] for v in (mine, its)}
    metric = mine["metric_id"]
    if len(products) > 1 or its["metric_id"] is None or metric is None:
        return len(products) == 1
    parents = {row.values["metric_id"]: split(row.values["derived_metric_ids"])
               for row in registry["metrics"].rows}  # fmt: skip
    reached, waiting = set(), [metric]
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached.add(name)
            waiting += parents.get(name, [])
    return its["metric_id"] in reached


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
        return f"By what is published the grade is then {grade} in all {len(rows)} weeks{of}.\n"
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
