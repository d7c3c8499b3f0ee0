"""What each source promises: its rows of the tracking plan, and how the metrics read them."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.registry.dimensions import FACTS, FILTERED_FACTS
from orchestration.registry.tables import Table

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The registry's tables as rows."""

NUMBER_OPERATORS = (">", ">=", "<", "<=")
BOOLEAN_OPERATORS = ("is_true", "is_false")
ITEMS_OF_EVENTS = ("event", "task")


@dataclass(frozen=True)
class Property:
    """A property of an event's `data`."""

    name: str
    kind: str
    """text, number, boolean or instant: how the metrics read it; text where none does."""
    is_required: bool


@dataclass(frozen=True)
class EventContract:
    """One event type that a source sends."""

    event_type: str
    trigger: str
    roles: tuple[str, ...]
    properties: tuple[Property, ...]
    """Required ones first, in the plan's order; then those that metrics read."""
    heartbeat_hours: float | None
    metric_ids: tuple[str, ...]
    """Metrics of the product that read it."""


@dataclass(frozen=True)
class SourceContract:
    """One source and all that the plan says of it."""

    source_id: str
    source_name: str
    product_id: str
    product_name: str
    connector: str
    owner_team: str | None
    has_receive_clock: bool
    lateness_hours: float | None
    """Declared hours within which events arrive; None where they are measured."""
    observed_until: datetime | None
    repair_hint: str | None
    events: tuple[EventContract, ...]

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with the contract."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:8]


def distinct_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a name of letters, digits, `.`, `-` and `_` for each text, no two the same.

    Names of files and keys of components; upper and lower case count as the same.
    """
    names: dict[str, str] = {}
    for text in texts:
        base = re.sub(r"[^A-Za-z0-9._-]", "_", text).strip("._") or "unnamed"
        name, number = base, 2
        while name.lower() in {used.lower() for used in names.values()}:
            name, number = f"{base}-{number}", number + 1
        names[text] = name
    return names


def registry_rows(registry: Mapping[str, Table]) -> dict[str, list[dict[str, Any]]]:
    """Return the registry's tables as rows."""
    return {name: [row.values for row in table.rows] for name, table in registry.items()}


def source_contracts(rows: Rows) -> list[SourceContract]:
    """Return the contract of each source of the registry, in the order of its file."""
    products = {row["product_id"]: row["product_name"] for row in rows["products"]}
    kinds = property_kinds(rows)
    readers = _readers(rows)
    return [
        SourceContract(
            source_id=source["source_id"],
            source_name=source["source_name"],
            product_id=source["product_id"],
            product_name=products.get(source["product_id"], source["product_id"]),
            connector=source["connector"],
            owner_team=source["owner_team"],
            has_receive_clock=source["has_receive_clock"] is not False,
            lateness_hours=source["lateness_hours"],
            observed_until=source["observed_until"],
            repair_hint=source["repair_hint"],
            events=_events(source, rows["tracking_plan"], kinds, readers),
        )
        for source in rows["sources"]
    ]


def property_kinds(rows: Rows) -> dict[tuple[str, str], str]:
    """Return how the registry reads each (event type, property): number, boolean, instant, text.

    A quantity that is summed and a filter with < or > need a number, is_true and is_false a
    boolean, a deadline an instant. What is read in two ways is text.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    starts = {row["task_type_id"]: row["start_event_type"] for row in rows["task_types"]}
    measures = {row["measure_id"]: row for row in rows["measures"]}

    def read(measure: Mapping[str, Any], name: str | None, kind: str) -> None:
        item = measure["item_kind"]
        facts = FACTS[item] + FILTERED_FACTS.get(item, ())
        if name and item in ITEMS_OF_EVENTS and name not in facts:
            event_type = measure["item_type"]
            event_type = starts.get(event_type, "") if item == "task" else event_type
            found[event_type, name].add(kind)

    for measure in measures.values():
        read(measure, measure["quantity"], "number")
        read(measure, measure["deadline_property"], "instant")
    for row in rows["measure_filters"]:
        read(measures[row["measure_id"]], row["dimension"], _kind_of_filter(row["operator"]))
    for row in rows["people_limits"]:
        found[row["event_type"], row["quantity"]].add("number")
    return {key: kinds.pop() if len(kinds) == 1 else "text" for key, kinds in found.items()}


def _kind_of_filter(operator: str) -> str:
    if operator in NUMBER_OPERATORS:
        return "number"
    return "boolean" if operator in BOOLEAN_OPERATORS else "text"


def _events(
    source: Mapping[str, Any],
    plan: Iterable[Mapping[str, Any]],
    kinds: Mapping[tuple[str, str], str],
    readers: Mapping[tuple[str, str], set[str]],
) -> tuple[EventContract, ...]:
    """Return the events that the plan lists for a source; `*` at an id's end covers many."""
    mine: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in plan:
        named = row["source_id"]
        is_mine = named == source["source_id"]
        if is_mine or (named.endswith("*") and source["source_id"].startswith(named[:-1])):
            mine[row["event_type"]].append(row)
    return tuple(
        EventContract(
            event_type=event_type,
            trigger="; ".join(dict.fromkeys(row["trigger"] for row in found)),
            roles=tuple(dict.fromkeys(row["role"] for row in found)),
            properties=_properties(event_type, found, kinds),
            heartbeat_hours=min(
                (row["heartbeat_hours"] for row in found if row["heartbeat_hours"]), default=None
            ),
            metric_ids=tuple(sorted(readers.get((source["product_id"], event_type), ()))),
        )
        for event_type, found in sorted(mine.items())
    )


def _properties(
    event_type: str,
    plan: Iterable[Mapping[str, Any]],
    kinds: Mapping[tuple[str, str], str],
) -> tuple[Property, ...]:
    required = dict.fromkeys(
        name.strip()
        for row in plan
        for name in (row["required_properties"] or "").split(";")
        if name.strip()
    )
    read = sorted(name for of_type, name in kinds if of_type == event_type)
    return tuple(
        Property(name, kinds.get((event_type, name), "text"), name in required)
        for name in dict.fromkeys([*required, *read])
    )


def _readers(rows: Rows) -> dict[tuple[str, str], set[str]]:
    """Return the metrics that read an event type of a product, directly."""
    product_of = {row["kpi_id"]: row["product_id"] for row in rows["kpis"]}
    own = (*rows["kpis"], *rows["watched_metrics"])
    shown = {(row["product_id"], row["metric_id"]) for row in own}
    shown |= {
        (product_of[row["kpi_id"]], row["metric_id"])
        for row in (*rows["balances"], *rows["tripwires"])
    }
    tasks = {row["task_type_id"]: row for row in rows["task_types"]}
    measures = {row["measure_id"]: row for row in rows["measures"]}
    types: dict[str, set[str]] = defaultdict(set)
    for metric in rows["metrics"]:
        sides = (metric["numerator_measure_id"], metric["denominator_measure_id"])
        for measure in (measures[side] for side in sides if side):
            types[metric["metric_id"]] |= _event_types(
                measure["item_kind"], measure["item_type"], tasks
            )
        types[metric["metric_id"]] |= _event_types("task", metric["task_type_id"], tasks)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for product_id, metric_id in shown:
        for event_type in types[metric_id]:
            found[product_id, event_type].add(metric_id)
    return dict(found)


def _event_types(
    item_kind: str, item_type: str | None, tasks: Mapping[str, Mapping[str, Any]]
) -> set[str]:
    if item_kind == "event":
        return {item_type} if item_type else set()
    task = tasks.get(item_type or "") if item_kind == "task" else None
    ends = ("start_event_type", "finish_event_type", "cancel_event_type", "reopen_event_type")
    return {task[end] for end in ends if task[end]} if task else set()
