"""What rows about tasks, calendars and deadlines must say together, and what no KPI rests on."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from orchestration.registry.tables import Problem, Row, Table

Registry = dict[str, Table]

PAIRS = (
    ("start_property", "start_value"),
    ("finish_property", "finish_value"),
    ("pause_event_type", "resume_event_type"),
)
UNITS_OF_WORK = ("hours", "minutes")
FLAGGED_KINDS = {
    "output": "counts what was made, not what it changed",
    "vanity": "grows whatever happens",
    "perverse": "rewards what it should prevent",
    "fuzzy": "means something else to everybody",
}
"""Indicator kinds that are shown and flagged, and why no KPI rests on them."""


def check_tasks(registry: Registry) -> Iterator[Problem]:
    """Everything that is wrong in rows about tasks; every cell is good by itself already."""
    yield from _columns_come_in_pairs(registry)
    yield from _start_and_finish_differ(registry)
    yield from _calendars_are_sound(registry)
    yield from _working_clocks_have_a_calendar(registry)
    yield from _deadlines_are_one(registry)
    yield from _deadlines_are_filtered_where_they_are(registry)
    yield from _kpis_rest_on_no_flagged_number(registry)


def _columns_come_in_pairs(registry: Registry) -> Iterator[Problem]:
    for row in registry["task_types"].rows:
        for pair in PAIRS:
            for column, other in (pair, pair[::-1]):
                if row.values[column] is None and row.values[other] is not None:
                    yield row.problem(column, f"is blank; {other} needs it")


def _start_and_finish_differ(registry: Registry) -> Iterator[Problem]:
    for row in registry["task_types"].rows:
        start, finish = (
            (
                row.values[f"{end}_event_type"],
                row.values[f"{end}_property"],
                row.values[f"{end}_value"],
            )
            for end in ("start", "finish")
        )
        if start[0] == finish[0] and (None in start or None in finish or start == finish):
            what = f"{finish[0]!r} starts the task too; give both ends a property and its value"
            yield row.problem("finish_event_type", what)


def _calendars_are_sound(registry: Registry) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    days: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in registry["calendars"].rows:
        name, zone = row.values["calendar_id"], row.values["time_zone"]
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            yield row.problem(
                "time_zone", f"{zone!r} is no time zone; allowed: Europe/Berlin, UTC ..."
            )
        if zone != first.setdefault(name, row).values["time_zone"]:
            what = f"differs from line {first[name].line}; a calendar has one time zone"
            yield row.problem("time_zone", what)
        if row.values["opens"] >= row.values["closes"]:
            yield row.problem("closes", f"{row.values['closes']!r} is not after opens")
        days[name, row.values["weekday"]].append(row)
    for rows in days.values():
        rows.sort(key=lambda row: row.values["opens"])
        for before, row in pairwise(rows):
            if row.values["opens"] < before.values["closes"]:
                yield row.problem("opens", f"lies within line {before.line} of the same day")


def _working_clocks_have_a_calendar(registry: Registry) -> Iterator[Problem]:
    calendars = {
        row.values["task_type_id"]: row.values["calendar_id"] for row in registry["task_types"].rows
    }
    for row in registry["metrics"].rows:
        if row.values["clock"] != "working":
            continue
        if row.values["kind"] != "duration":
            yield row.problem("clock", f"working is for durations; this is a {row.values['kind']}")
        elif calendars.get(row.values["task_type_id"]) is None:
            what = f"working needs a calendar; {row.values['task_type_id']!r} has no calendar_id"
            yield row.problem("clock", what)
        if row.values["unit"] not in UNITS_OF_WORK:
            what = f"{row.values['unit']!r} of work has no one length; allowed: hours, minutes"
            yield row.problem("unit", what)


def _deadlines_are_one(registry: Registry) -> Iterator[Problem]:
    calendars = {
        row.values["task_type_id"]: row.values["calendar_id"] for row in registry["task_types"].rows
    }
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
        if row.values["deadline_clock"] == "working":
            yield from _working_deadline_problems(row, calendars)
        if named is not None and row.values["item_kind"] not in ("task", "event"):
            what = f"needs items with data of their own; allowed: task, event, not {_kind(row)}"
            yield row.problem("deadline_property", what)


def _working_deadline_problems(row: Row, calendars: dict) -> Iterator[Problem]:
    if row.values["anchor"] != "deadline" or not row.values["deadline_hours"]:
        what = "working needs the anchor deadline and deadline_hours above 0"
        yield row.problem("deadline_clock", what)
    elif _kind(row) != "task" or calendars.get(row.values["item_type"]) is None:
        what = f"working needs tasks with a calendar_id; {row.values['item_type']!r} has none"
        yield row.problem("deadline_clock", what)


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
