"""What the rows about tasks and deadlines must say together, and which numbers no KPI rests on."""

from collections.abc import Iterator

from orchestration.registry.tables import Problem, Row, Table

Registry = dict[str, Table]

FLAGGED_KINDS = {
    "output": "counts what was made, not what it changed",
    "vanity": "grows whatever happens",
    "perverse": "rewards what it should prevent",
    "fuzzy": "means something else to everybody",
}
"""Indicator kinds that are shown and flagged, and why no KPI rests on them."""


def check_tasks(registry: Registry) -> Iterator[Problem]:
    """Everything that is wrong in rows about tasks; every cell is good by itself already."""
    yield from _deadlines_are_one(registry)
    yield from _deadlines_are_filtered_where_they_are(registry)
    yield from _kpis_rest_on_no_flagged_number(registry)


def _deadlines_are_one(registry: Registry) -> Iterator[Problem]:
    for row in registry["measures"].rows:
        hours, named = row.values["deadline_hours"], row.values["deadline_property"]
        if row.values["anchor"] == "deadline" and hours is None and named is None:
            yield row.problem(
                "deadline_hours", "is blank; the anchor deadline needs it, or deadline_property"
            )
        if named is not None and row.values["anchor"] != "deadline":
            yield row.problem("anchor", "is occurred; deadline_property needs the anchor deadline")
        if named is not None and hours is not None:
            what = f"{named!r} is not allowed beside deadline_hours; keep one of them"
            yield row.problem("deadline_property", what)
        if named is not None and row.values["item_kind"] not in ("task", "event"):
            what = f"needs items with data of their own; allowed: task, event, not {_kind(row)}"
            yield row.problem("deadline_property", what)


def _kind(row: Row) -> str:
    return row.values["item_kind"]


def _deadlines_are_filtered_where_they_are(registry: Registry) -> Iterator[Problem]:
    measures = {row.values["measure_id"]: row for row in registry["measures"].rows}
    for row in registry["measure_filters"].rows:
        measure = measures.get(row.values["measure_id"])
        if measure is None or row.values["dimension"] != "is_by_deadline":
            continue
        if _kind(measure) != "task" or measure.values["anchor"] != "deadline":
            yield row.problem("dimension", "is_by_deadline needs tasks with the anchor deadline")


def _kpis_rest_on_no_flagged_number(registry: Registry) -> Iterator[Problem]:
    kinds = {
        row.values["metric_id"]: row.values["indicator_kind"] for row in registry["metrics"].rows
    }
    for row in registry["kpis"].rows:
        kind = kinds.get(row.values["metric_id"])
        if kind in FLAGGED_KINDS:
            what = f"{row.values['metric_id']!r} is flagged {kind}: it {FLAGGED_KINDS[kind]}"
            yield row.problem("metric_id", f"{what}; choose another metric")
