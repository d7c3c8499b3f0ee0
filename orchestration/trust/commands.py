"""The commands `steelyard trust lower`, `list` and `restore`; each returns what it says."""

from datetime import date, timedelta

from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.append import append_row
from orchestration.registry.load import RegistryError
from orchestration.registry.tables import Row
from orchestration.registry.trust_rules import NAMED, TARGET, Lowered, overrides
from orchestration.registry.validate import Registry, read_registry
from orchestration.trust import words
from orchestration.trust.names import lacks_metric, resolve, with_parents
from orchestration.trust.published import Published, effect
from orchestration.trust.reasons import SERVED, fit_reason
from orchestration.trust.spans import require_weeks_back, require_weeks_with_data, span_words
from orchestration.workspace import Workspace

TABLE = "trust_overrides"
NEXT = f"It takes effect with the next `steelyard refresh`.\n{SERVED}"


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
    say what that is. Raises UserError where `named` is no source and no product, there is no such
    metric, no data in these weeks, or a row that says the same already.
    """
    registry = _registry(workspace)
    product_id, source_id = resolve(workspace, registry, named, metric_id)
    if weeks[1] is not None and weeks[1] < weeks[0]:
        raise UserError(f"--to {weeks[1]} lies before --from {weeks[0]}", "Swap the two days.")
    row = {
        "product_id": product_id,
        "metric_id": metric_id,
        "source_id": source_id,
        "grade": grade,
        "from_week_date": words.monday(weeks[0]),
        "to_week_date": weeks[1] and words.monday(weeks[1]),
        "reason": fit_reason(workspace, reason),
        "restored_from_week_date": None,
    }
    lowered, published = Lowered(Row(TABLE, 0, row)), Published(workspace)
    require_weeks_with_data(published, lowered)
    _require_new(registry, lowered)
    path, line = append_row(workspace.seeds, TABLE, row)
    lowered = Lowered(Row(TABLE, line, row))
    return (
        f"{path}:{line}: {words.name(lowered.row)} is at best {grade} {words.weeks(lowered)}.\n"
        f"{words.of_weeks(*weeks)}{span_words(published, lowered)}"
        f"{_grade_then(published, lowered)}{_worse_rows(_registry(workspace), lowered)}{NEXT}"
    )


def restore(workspace: Workspace, line: int, start: date | None, reason: str) -> str:
    """Take back what the row in `line` of the file lowered, and say in words what was written.

    `start` is a day of the first week from which it holds no longer; None is all its weeks. The
    row stays: another is appended. What the checks found, and other rows, go on to hold. Raises
    UserError where no row there lowers anything, or none of its weeks is left.
    """
    registry, path = _registry(workspace), workspace.seeds / f"{TABLE}.csv"
    lowered = _in_line(registry, line)
    first = lowered.row.values["from_week_date"] if start is None else words.monday(start)
    last = lowered.last_week
    if lowered.restored and (not lowered.holds or (last is not None and first > last)):
        do = "There is nothing to take back; `steelyard trust list` shows what still holds."
        what = f"line {lowered.restored.line} took it back already, {words.taken_back(lowered)}"
        raise UserError(what, do, path, line)
    require_weeks_back(Published(workspace), lowered, start)
    row = {column: lowered.row.values[column] for column in NAMED}
    row |= {
        "reason": fit_reason(workspace, reason),
        "restored_from_week_date": first,
        "restored_line": line,
    }
    path, written = append_row(workspace.seeds, TABLE, row)
    left = Lowered(lowered.row, Row(TABLE, written, row))
    holds = f"holds {words.weeks(left)} only" if left.holds else "holds for no week any more"
    return (
        f"{path}:{written}: line {line}, by which {words.name(lowered.row)} is at best "
        f"{row['grade']}, {holds}.\n{words.of_weeks(start)}"
        f"{_grade_after(registry, lowered, first)}{NEXT}"
    )


def listed(workspace: Workspace) -> str:
    """Return what was lowered by hand, what became of it, and what was taken back, as lines."""
    registry, published = _registry(workspace), Published(workspace)
    found = overrides(registry[TABLE])
    if not found:
        return "No grade is lowered by hand."
    gone = sum(not lowered.holds for lowered in found)
    lines = [f"{workspace.seeds / TABLE}.csv: {counted(len(found), 'grade')} lowered by hand"]
    if gone:
        lines[0] += f", {gone} of them taken back: {len(found) - gone or 'none'} in force"
    for lowered in found:
        values, back = lowered.row.values, lowered.restored
        # the weeks as they were written; what was taken back says from when
        lines.append(
            f"  line {lowered.row.line:<4} {words.name(lowered.row)} at best {values['grade']} "
            f"{words.weeks(Lowered(lowered.row))}: {values['reason']}"
        )
        if back is not None:
            why = f"took it back {words.taken_back(lowered)}: {back.values['reason']}"
            lines.append(f"{'':12}line {back.line} {why}")
        what = effect(lowered, found, published).words
        if lacks_metric(registry, lowered.row):
            what = f"without effect: {values['product_id']} has no such metric"
        lines.append(f"{'':12}{what}")
    return "\n".join([*lines, "Take one back: steelyard trust restore LINE --reason WHY"])


def _in_line(registry: Registry, line: int) -> Lowered:
    """Return the row in a line that lowers; UserError where none does."""
    rows = overrides(registry[TABLE])
    if found := next((row for row in rows if row.row.line == line), None):
        return found
    if back := next((row for row in rows if row.restored and row.restored.line == line), None):
        what = f"line {line} lowers no grade, it takes line {back.row.line} back"
        raise UserError(what, "To lower it again write `steelyard trust lower`.")
    do = "`steelyard trust list` shows the lines that do." if rows else "No line does."
    raise UserError(f"line {line} lowers no grade", do)


def _require_new(registry: Registry, lowered: Lowered) -> None:
    """Raise UserError where one row lowers the same to the same grade already."""
    values = lowered.row.values
    start, end = values["from_week_date"], values["to_week_date"]
    for other in overrides(registry[TABLE]):
        if not other.holds or any(other.row.values[c] != values[c] for c in (*TARGET, "grade")):
            continue
        line, begin, last = other.row.line, other.row.values["from_week_date"], other.last_week
        what = f"line {line} lowers {words.name(other.row)} to {values['grade']} already"
        what += f", {words.weeks(other)}"
        if begin <= start and (last is None or (end is not None and end <= last)):
            raise UserError(what, _narrower(other, start, end))
        if begin == start and other.restored is None and last is not None:
            do = f"To go on longer, lower it --from {last + timedelta(weeks=1)}."
            raise UserError(what, do)


def _narrower(other: Lowered, start: date, end: date | None) -> str:
    """What to do about a row whose weeks hold all that were asked for."""
    restore = f"steelyard trust restore {other.row.line}"
    told = []
    if end != other.last_week and end is not None:
        after = end + timedelta(weeks=1)
        told.append(f"To end it earlier: `{restore} --from {after} --reason WHY`.")
    if start != other.row.values["from_week_date"]:
        told.append(f"To begin it later: `{restore} --reason WHY`, then lower it anew.")
    return " ".join(told) or f"There is nothing to add; `{restore} --reason WHY` takes it back."


def _grade_after(registry: Registry, taken_back: Lowered, start: date) -> str:
    """Return what the grade is, in the weeks taken back, by the checks and by other rows."""
    others = _others(registry, taken_back, start)
    if not others:
        return "The grade is then what the checks say. "
    what = "The grade is then the worst of what the checks say and of what goes on to hold:\n"
    return what + "".join(words.listed(other) for other in others)


def _worse_rows(registry: Registry, lowered: Lowered) -> str:
    """Return which other rows lower it further, published or not yet; blank where none does."""
    values = lowered.row.values
    others = _others(registry, lowered, values["from_week_date"])
    worse = [words.listed(other) for other in others if other.row.values["grade"] > values["grade"]]
    if not worse:
        return ""
    do = "Take one of them back: steelyard trust restore LINE --reason WHY\n"
    return "These rows lower it further in weeks of theirs:\n" + "".join(worse) + do


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
    return its["metric_id"] in with_parents(registry, {metric})


def _grade_then(published: Published, lowered: Lowered) -> str:
    """Return what the grade is then in the weeks that are published, as a sentence or nothing."""
    values = lowered.row.values
    start, last, grade = (values[c] for c in ("from_week_date", "to_week_date", "grade"))
    rows = [
        found
        for found in published.grades(values)
        if start <= found.week and (last is None or found.week <= last)
    ]
    if not rows:
        return ""
    is_of_product = not values["source_id"] and not values["metric_id"]
    weeks = len({found.week for found in rows})
    of = f"the {counted(weeks, 'published week')}" if weeks > 1 else "the one published week"
    of += " of its metrics" if is_of_product else ""
    worse = [found for found in rows if found.grade > grade]
    if not worse:
        return f"By what is published the grade is then {grade} in {of}.\n"
    what = f"{len(worse)} of {len(rows)} published {'grades' if is_of_product else 'weeks'}"
    grades = " or ".join(sorted({found.grade for found in worse}))
    rest = f", the others {grade}" if len(worse) < len(rows) else ""
    latest = worse[0]
    return (
        f"The worse of this and of what is found holds: {what} keep {grades}{rest}; the latest, "
        f"that of the week of {latest.week}, is {latest.grade}: {latest.reason}.\n"
    )


def _registry(workspace: Workspace) -> Registry:
    registry, problems = read_registry(workspace.seeds)
    if problems:
        raise RegistryError(workspace.seeds, problems)
    return registry
