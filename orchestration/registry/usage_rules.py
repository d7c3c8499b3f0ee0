"""What the rows about use must say together: funnels, activations and the metrics made of them."""

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase

from orchestration.registry.tables import Problem, Row, Table

Registry = dict[str, Table]

KIND_OF_MODEL = {
    "retention": "proportion",
    "churn": "proportion",
    "stickiness": "ratio_of_sums",
    "activation": "proportion",
    "funnel": "proportion",
    "active_people": "ratio_of_sums",
    "forecast_error": "ratio_of_sums",
    "people_over_limit": "proportion",
}
"""Custom models of the project and the kind that their metrics have."""
FILE_OF_MODEL = {
    "activation": "activations",
    "funnel": "funnels",
    "people_over_limit": "people_limits",
}
"""Custom models whose parameter is a row of another file."""
MOST_RETENTION_WEEKS = 12
KINDS_OF_RECORDS = ("proportion", "count_rate", "ratio_of_sums", "stock")
"""Kinds of metrics whose subjects may be people, since each counts subjects."""
ACTIVE_PEOPLE_OVER = ("day", "four_weeks")
EVENT_TYPE_COLUMNS = {
    "active_uses": ("event_type",),
    "activations": ("start_event_type", "event_type"),
    "funnels": ("event_type",),
    "people_limits": ("event_type",),
}


def check_usage(registry: Registry) -> Iterator[Problem]:
    """Everything that is wrong in rows about use; every cell is good by itself already."""
    yield from _types_are_planned(registry)
    yield from _diagnostics_name_items(registry)
    yield from _funnels_are_whole(registry)
    yield from _custom_metrics_are_configured(registry)
    yield from _records_are_items(registry)


def _types_are_planned(registry: Registry) -> Iterator[Problem]:
    for name, columns in EVENT_TYPE_COLUMNS.items():
        for row in registry[name].rows:
            for column in columns:
                yield from _unplanned(registry, row, column)


def _unplanned(registry: Registry, row: Row, column: str) -> Iterator[Problem]:
    planned = {plan.values["event_type"] for plan in registry["tracking_plan"].rows}
    if not any(fnmatchcase(row.values[column], pattern) for pattern in planned):
        yield row.problem(column, f"{row.values[column]!r} is not in tracking_plan.csv")


def _diagnostics_name_items(registry: Registry) -> Iterator[Problem]:
    tasks = {row.values["task_type_id"] for row in registry["task_types"].rows}
    for row in registry["diagnostics"].rows:
        if row.values["item_kind"] == "event":
            yield from _unplanned(registry, row, "item_type")
        elif row.values["item_type"] not in tasks:
            yield row.problem("item_type", f"{row.values['item_type']!r} is not in task_types.csv")


def _funnels_are_whole(registry: Registry) -> Iterator[Problem]:
    funnels: dict[str, list[Row]] = defaultdict(list)
    for row in registry["funnels"].rows:
        funnels[row.values["funnel_id"]].append(row)
    for name, rows in funnels.items():
        rows.sort(key=lambda row: row.values["step_number"])
        first = rows[0]
        if len(rows) < 2:
            yield first.problem("step_number", f"{name!r} has one step; a funnel needs two or more")
        for number, row in enumerate(rows, start=1):
            if row.values["step_number"] != number:
                yield row.problem("step_number", f"step {number} of {name!r} is missing")
            for column in ("product_id", "window_hours", "match_key"):
                if row.values[column] != first.values[column]:
                    yield row.problem(column, f"differs from line {first.line} of the same funnel")
        yield from _steps_differ(rows)


def _steps_differ(rows: list[Row]) -> Iterator[Problem]:
    """Complain of two steps that one event would be; `rows` are the steps of one funnel."""
    keys = ("event_type", "step_property", "step_value")
    steps = [tuple(row.values[key] for key in keys) for row in rows]
    for position, (row, step) in enumerate(zip(rows, steps, strict=True)):
        for column, other in ((keys[1], keys[2]), (keys[2], keys[1])):
            if row.values[column] is None and row.values[other] is not None:
                yield row.problem(column, f"is blank; {other} needs it")
        for earlier in steps[:position]:
            # without a property every event of the type is the step
            if step[0] == earlier[0] and (None in (step[1], earlier[1]) or step == earlier):
                yield row.problem("event_type", f"{step[0]!r} is a step of it already")


def _custom_metrics_are_configured(registry: Registry) -> Iterator[Problem]:
    rows_of = {
        "activation": {row.values["activation_id"]: row for row in registry["activations"].rows},
        "funnel": {row.values["funnel_id"]: row for row in registry["funnels"].rows},
        "people_over_limit": {r.values["limit_id"]: r for r in registry["people_limits"].rows},
    }
    for row in registry["metrics"].rows:
        model, parameter = row.values["custom_model"], row.values["custom_parameter"]
        kind = KIND_OF_MODEL.get(model)
        if not model or kind is None:
            continue
        if row.values["kind"] != kind:
            yield row.problem("kind", f"{row.values['kind']!r} is not allowed; {model} is a {kind}")
        if model == "retention" and (
            not (parameter or "").isdigit() or not 1 <= int(parameter) <= MOST_RETENTION_WEEKS
        ):
            what = f"{parameter!r} is not allowed; allowed: a week from 1 to {MOST_RETENTION_WEEKS}"
            yield row.problem("custom_parameter", what)
        if model == "active_people" and parameter not in ACTIVE_PEOPLE_OVER:
            what = f"{parameter!r} is not allowed; allowed: {', '.join(ACTIVE_PEOPLE_OVER)}"
            yield row.problem("custom_parameter", what)
        if model == "forecast_error":
            if not parameter:
                yield row.problem("custom_parameter", "is blank; name the property of the figure")
            continue
        configured = rows_of.get(model)
        if configured is not None and parameter not in configured:
            name = FILE_OF_MODEL[model]
            yield row.problem("custom_parameter", f"{parameter!r} is not in {name}.csv")
        of_people = configured is None or (
            parameter in configured
            and configured[parameter].values.get("match_key", "actor") == "actor"
        )
        if of_people and row.values["subject_kind"] != "person":
            yield row.problem("subject_kind", f"is not allowed; {model} counts people: person")


def _records_are_items(registry: Registry) -> Iterator[Problem]:
    divided = {row.values["metric_id"] for row in registry["segmented_metrics"].rows}
    for row in registry["metrics"].rows:
        if not row.values["subjects_are_people"]:
            continue
        column = "subjects_are_people"
        if row.values["subject_kind"] != "item":
            yield row.problem(column, f"is for items; this is about a {row.values['subject_kind']}")
        if row.values["kind"] not in KINDS_OF_RECORDS or row.values["custom_model"]:
            what = f"is for {', '.join(KINDS_OF_RECORDS)} of measures; this counts no subjects"
            yield row.problem(column, what)
        if row.values["metric_id"] in divided:
            yield row.problem(
                column, "is for the product as a whole; it stands in segmented_metrics"
            )
