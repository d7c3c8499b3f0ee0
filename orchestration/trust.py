"""`steelyard trust lower`: what people know and no check can see, as a row of the registry."""

from datetime import date, timedelta

from orchestration.errors import UserError
from orchestration.registry.append import append_row
from orchestration.registry.load import RegistryError
from orchestration.registry.validate import read_registry
from orchestration.workspace import Workspace

TABLE = "trust_overrides"


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
    raised: the served grade is the worse of this one and of what the checks found. Raises
    UserError where `named` is no source and no product, or the row would be invalid.
    """
    if not reason.strip():
        raise UserError("the reason is blank", "Say why, in words that may stand on the page.")
    product_id, source_id = _resolved(workspace, named, metric_id)
    start, end = (day and day - timedelta(days=day.weekday()) for day in weeks)
    row = {
        "product_id": product_id,
        "metric_id": metric_id,
        "source_id": source_id,
        "grade": grade,
        "from_week_date": start,
        "to_week_date": end,
        "reason": reason.strip(),
    }
    path, line = append_row(workspace.seeds, TABLE, row)
    weeks_said = f"from the week of {start} " + (f"to that of {end}" if end else "until mended")
    return (
        f"{path}:{line}: {metric_id or named} is at best {grade} {weeks_said}.\n"
        "It counts from the next `steelyard refresh` on."
    )


def _resolved(
    workspace: Workspace, named: str, metric_id: str | None
) -> tuple[str | None, str | None]:
    """Return (product, None) or (None, source) for what the command names."""
    registry, problems = read_registry(workspace.seeds)
    if problems:
        raise RegistryError(workspace.seeds, problems)
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
