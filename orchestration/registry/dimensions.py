"""What a filter, a quantity and a Pareto table may name, by the kind of the items."""

from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase

from orchestration.registry.tables import Problem, Row, Table

Registry = dict[str, Table]

FACTS: dict[str, tuple[str, ...]] = {
    "event": ("actor_kind", "segment_id", "environment", "ingress_path"),
    "task": (
        "state",
        "reopen_count",
        "duration_hours",
        "working_hours",
        "paused_hours",
        "segment_id",
        "environment",
    ),
    "release": (
        "is_judged",
        "is_well_packaged",
        "criterion_not_rolled_back",
        "criterion_few_activities",
        "criterion_coverage",
        "team_activity_count",
        "platform_minutes",
        "covered",
        "coverable",
        "segment_id",
    ),
    "deployment": (
        "service_id",
        "environment",
        "artifact_version",
        "deployment_kind",
        "is_remediation",
        "is_rollback",
        "is_downgrade",
        "is_failed",
        "failure_route",
        "is_rework",
        "incident_count",
        "segment_id",
    ),
    "change": (
        "service_id",
        "is_revert",
        "is_own_artifact",
        "first_deployed_at",
        "is_deployed",
        "lead_time_hours",
        "hours_to_land",
    ),
    "outage": (
        "is_open",
        "incident_count",
        "detected_by",
        "is_user_detected",
        "service_id",
        "severity",
        "duration_hours",
        "segment_id",
    ),
    "session": ("event_count", "duration_minutes", "segment_id"),
    "iteration_item": (
        "iteration_id",
        "is_committed_at_start",
        "is_added",
        "is_withdrawn",
        "is_delivered",
        "is_completed",
        "segment_id",
    ),
}
"""Facts of each kind of item, as `int_items` and `int_fact_items` have them."""
FILTERED_FACTS = {"task": ("is_by_deadline", "age_at_period_end_hours")}
"""Facts that depend on the measure or the period: for a filter, never for a quantity."""
KINDS_WITH_DATA = {"event": "of its `data`", "task": "of the `data` of its start event"}
"""Kinds whose items have properties of their own beside the facts."""
OPEN_TASK = "open:"
"""Start of a filter of events: whether the subject has an open task of the type that follows."""
PARETO_FACTS = {
    "event": ("segment_id", "environment", "ingress_path"),
    "task": ("segment_id", "state"),
}
PARETO_QUANTITIES = {"event": (), "task": ("duration_hours", "working_hours", "paused_hours")}
MISSPELT = 0.85
"""From this likeness on (0 to 1) a task's property is taken for a misspelt fact."""


def check_dimensions(registry: Registry) -> Iterator[Problem]:
    """Filters and quantities that no item of the measure can have: they count nothing."""
    measures = {row.values["measure_id"]: row.values for row in registry["measures"].rows}
    for row in registry["measure_filters"].rows:
        measure = measures.get(row.values["measure_id"])
        if measure is None:
            continue
        name, kind = row.values["dimension"], measure["item_kind"]
        if name.startswith(OPEN_TASK):
            yield from _open_task_problems(registry, row, kind)
            continue
        allowed = FACTS[kind] + FILTERED_FACTS.get(kind, ())
        what = _unknown(registry, name, kind, measure["item_type"], allowed)
        if what:
            yield row.problem("dimension", what)
        is_age = kind == "task" and name == "age_at_period_end_hours"
        if is_age and measure["aggregate"] != "open_at_period_end":
            what = f"{name} needs the aggregate open_at_period_end; allowed: duration_hours"
            yield row.problem("dimension", what)
    for row in registry["measures"].rows:
        kind, name = row.values["item_kind"], row.values["quantity"]
        if name:
            what = _unknown(registry, name, kind, row.values["item_type"], FACTS[kind])
            if what:
                yield row.problem("quantity", what)


def _open_task_problems(registry: Registry, row: Row, kind: str) -> Iterator[Problem]:
    name = row.values["dimension"].removeprefix(OPEN_TASK)
    types = {task.values["task_type_id"]: task.values for task in registry["task_types"].rows}
    task = types.get(name)
    if kind != "event":
        yield row.problem("dimension", f"{OPEN_TASK}{name} is for events; the item is {_a(kind)}")
    elif task is None:
        yield row.problem("dimension", f"{name!r} is not in task_types.csv")
    elif task["match_key"] != "subject" or task["reopen_event_type"]:
        what = f"{name!r} is not paired by its subject alone, once; {OPEN_TASK}... needs that"
        yield row.problem("dimension", what)
    if row.values["operator"] not in ("is_true", "is_false"):
        yield row.problem("operator", f"{OPEN_TASK}{name} is true or false; use is_true, is_false")


def _unknown(
    registry: Registry, name: str, kind: str, item_type: str | None, allowed: tuple[str, ...]
) -> str | None:
    """What is wrong with a name, or None where an item may have it."""
    if name in allowed:
        return None
    own = ""
    if kind in KINDS_WITH_DATA:
        near = get_close_matches(name, allowed, 1, MISSPELT) if kind == "task" else []
        never = kind == "task" and name in (*FACTS["event"], *FILTERED_FACTS["task"])
        if not never and (not near or name in _declared(registry, kind, item_type)):
            return None
        own = ", or a property of the start event that tracking_plan.csv requires"
    said = f"{name!r} is no fact of {_a(kind)}{_meant(name, allowed)}"
    return f"{said}; allowed: {', '.join(allowed)}{own}"


def undeclared(registry: Registry) -> Iterator[tuple[Problem, bool]]:
    """Names that may be properties and that no row of the tracking plan requires.

    With each: whether the text names a near one, so that it is likely misspelt.
    """
    for row, column, kind, item_type, facts in _properties(registry):
        name = row.values[column]
        ends = ("start", "finish") if row.file == "diagnostics" else ("start",)
        declared = _declared(registry, kind, item_type, ends)
        if name is None or name in facts or name in declared or name.startswith(OPEN_TASK):
            continue
        meant = _meant(name, (*facts, *sorted(declared)))
        what = f"{name!r} is in no required_properties of {item_type}{meant}; a name that no "
        what += "item has counts nothing"
        yield row.problem(column, what), bool(meant)


def _properties(
    registry: Registry,
) -> Iterator[tuple[Row, str, str, str, tuple[str, ...]]]:
    """(row, column, item kind, item type, facts) of each cell that may name a property."""
    measures = {row.values["measure_id"]: row.values for row in registry["measures"].rows}
    for row in registry["measures"].rows:
        kind = row.values["item_kind"]
        if kind in KINDS_WITH_DATA:
            yield row, "quantity", kind, row.values["item_type"], FACTS[kind]
    for row in registry["measure_filters"].rows:
        measure = measures.get(row.values["measure_id"])
        if measure is not None and measure["item_kind"] in KINDS_WITH_DATA:
            kind = measure["item_kind"]
            facts = FACTS[kind] + FILTERED_FACTS.get(kind, ())
            yield row, "dimension", kind, measure["item_type"], facts
    for row in registry["diagnostics"].rows:
        kind, item_type = row.values["item_kind"], row.values["item_type"]
        yield row, "dimension", kind, item_type, PARETO_FACTS[kind]
        yield row, "quantity", kind, item_type, PARETO_QUANTITIES[kind]


def _declared(
    registry: Registry, kind: str, item_type: str | None, ends: tuple[str, ...] = ("start",)
) -> set[str]:
    """Properties that the tracking plan requires of an event, or of the ends of a task."""
    event_types = [item_type]
    if kind == "task":
        event_types = [
            row.values[f"{end}_event_type"]
            for row in registry["task_types"].rows
            if row.values["task_type_id"] == item_type
            for end in ends
        ]
    found = [
        row.values["required_properties"] or ""
        for row in registry["tracking_plan"].rows
        if any(fnmatchcase(name or "", row.values["event_type"]) for name in event_types)
    ]
    return {part.strip() for text in found for part in text.split(";") if part.strip()}


def _meant(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, 1, 0.75)
    return f" (is {near[0]!r} meant?)" if near else ""


def _a(kind: str) -> str:
    article = "an" if kind[0] in "aeiou" else "a"
    return f"{article} {kind.replace('_', ' ')}"
