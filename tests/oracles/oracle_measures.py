"""The oracle's measures: which items of a product a measure counts, in which week, with what."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles import oracle_delivery as delivery_of
from tests.oracles import oracle_items as items_of
from tests.oracles import oracle_iterations as iterations_of
from tests.oracles import oracle_usage as use_of
from tests.oracles.oracle_events import Calendar, Event, Row, instant, until
from tests.oracles.oracle_working import WorkingHours

HOUR = timedelta(hours=1)
HUMAN = ("human", "unknown")
FOLLOWERS = "count_followers"
BY_DEADLINE = "is_by_deadline"
AGE = "age_at_period_end_hours"
OPEN_TASK = "open:"
Counted = list[tuple["Item", float]]


@dataclass(slots=True)
class Item:
    """Something that a measure may count."""

    id: Any
    product: str
    source: str
    subject: str | None
    actor: str | None
    actor_kind: str
    occurred_at: datetime
    ended_at: datetime | None
    weight: int
    facts: dict[str, Any]
    last_facts: dict[str, Any] = field(default_factory=dict)
    """Properties of the event that ended a task."""

    @property
    def person(self) -> str | None:
        """Return who acted, None where it was a machine or nobody is told."""
        return self.actor if self.actor_kind in HUMAN else None


class Measures:
    """Items of an organisation and what its measures count of them."""

    def __init__(
        self, registry: dict[str, list[Row]], events: list[Event], as_of: datetime
    ) -> None:
        self.registry, self.events, self.as_of = registry, events, as_of
        self.settings = {row["setting"]: row["value"] for row in registry["settings"]}
        zone = self.settings.get("reporting_time_zone") or "UTC"
        self.calendar = Calendar(ZoneInfo(zone))
        self.excluded = {row["actor_id"] for row in registry.get("excluded_accounts", [])}
        self.measures = {row["measure_id"]: row for row in registry["measures"]}
        self.metrics = {row["metric_id"]: row for row in registry["metrics"]}
        self.kinds = {row["task_type_id"]: row for row in registry["task_types"]}
        self.until = {
            row["source_id"]: min(as_of, until(row) or as_of) for row in registry["sources"]
        }
        self.filters: dict[str, list[Row]] = defaultdict(list)
        for rule in registry["measure_filters"]:
            self.filters[rule["measure_id"]].append(rule)
        self._items: dict[tuple[str, str], dict[str, list[Item]]] = {}
        self._flows: dict[tuple[str, str], dict[date, Counted]] = {}
        self._open: dict[tuple[str, str, date], list[Item]] = {}
        self._passing: dict[tuple[str, str], list[Item]] = {}
        self._followed: dict[tuple[str, str, str], dict[str, list[datetime]]] = {}
        self.typed: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self.by_type: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self.by_type[event.type].append(event)
            if not event.is_heartbeat:
                self.typed[event.product, event.type].append(event)

    @cached_property
    def tasks(self) -> dict[str, list[items_of.Task]]:
        """Return the tasks of each type."""
        return {
            name: items_of.tasks(
                self.of_types(items_of.types_of(kind)), kind, self.excluded, self.hours_of(kind)
            )
            for name, kind in self.kinds.items()
        }

    def hours_of(self, kind: Row) -> WorkingHours | None:
        """Return the working hours of a task type that has a calendar."""
        name = kind.get("calendar_id")
        return WorkingHours(self.registry, name) if name else None

    def of_types(self, types: Iterable[str]) -> list[Event]:
        """Return the events of some types."""
        return [event for name in types for event in self.by_type[name]]

    # items

    def items(self, kind: str, name: str) -> dict[str, list[Item]]:
        """Return all items of a kind by product; `name` is the event type or task type."""
        if (kind, name) not in self._items:
            found: dict[str, list[Item]] = defaultdict(list)
            for item in getattr(self, f"_{kind}_items")(name):
                found[item.product].append(item)
            self._items[kind, name] = found
        return self._items[kind, name]

    def _event_items(self, name: str) -> Iterable[Item]:
        for e in self.by_type[name]:
            if items_of.counts(e, self.excluded):
                facts = e.data | {"actor_kind": e.actor_kind, "ingress_path": e.path}
                facts |= {"segment_id": e.segment or e.data.get("segment_id")}
                facts |= {"environment": e.environment or e.data.get("environment")}
                yield Item((e.source, e.id), e.product, e.source, e.subject, e.actor,
                           e.actor_kind, e.occurred_at, None, e.weight, facts)  # fmt: skip

    def _task_items(self, name: str) -> Iterable[Item]:
        for number, t in enumerate(self.tasks[name]):
            facts = {**t.first.data, **t.facts}
            facts |= {"segment_id": t.first.segment or facts.get("segment_id")}
            yield Item(number, t.product, t.first.source, t.subject, t.first.actor, "unknown",
                       t.started_at, t.ended_at, 1, facts,
                       t.last.data if t.last else {})  # fmt: skip

    @cached_property
    def incidents(self) -> list[items_of.Task]:
        """Return incidents that were not withdrawn, maintenance included."""
        return [t for t in self.tasks.get("incident", []) if t.state != "cancelled"]

    @cached_property
    def failures(self) -> list[items_of.Task]:
        """Return incidents without planned maintenance."""
        return [t for t in self.incidents if not items_of.is_maintenance(t)]

    def outages(self, product: str) -> list[items_of.Outage]:
        """Return the outages of a product; planned maintenance is none."""
        return items_of.unions([t for t in self.failures if t.product == product])

    def _outage_items(self, _: str) -> Iterable[Item]:
        for product in {t.product for t in self.failures}:
            for outage in self.outages(product):
                first = outage.incidents[0].first
                end = outage.ended_at or self.until[first.source]
                found_by = first.data.get("detected_by")
                facts = {"is_user_detected": str(found_by).lower() == "user",
                         "detected_by": found_by, "is_open": outage.ended_at is None,
                         "incident_count": len(outage.incidents),
                         "severity": first.data.get("severity"),
                         "service_id": first.data.get("service"),
                         "segment_id": first.segment,
                         "duration_hours": (end - outage.started_at) / HOUR}  # fmt: skip
                yield Item((product, outage.started_at), product, first.source,
                           str(outage.started_at), None, "unknown", outage.started_at, None, 1,
                           facts)  # fmt: skip

    def _release_items(self, _: str) -> Iterable[Item]:
        events = self.of_types(items_of.RELEASE_EVENTS)
        for r in items_of.releases(events, self.settings, self.until):
            yield self._fact_item(r.event, r.facts)

    @cached_property
    def deliveries(self) -> tuple[list[delivery_of.Deployment], list[delivery_of.Evidence]]:
        """Return all deployments with the evidence charged to them, and all evidence."""
        window = float(self.settings.get("attribution_window_hours", 24)) * HOUR
        return delivery_of.deployments(self.by_type["service.deployed"], self.failures, window)

    def _deployment_items(self, _: str) -> Iterable[Item]:
        for d in self.deliveries[0]:
            facts = {"environment": d.event.environment, "is_remediation": d.is_remediation,
                     "is_failed": d.is_failed, "service_id": d.service,
                     "deployment_kind": d.kind, "is_rollback": d.is_rollback,
                     "segment_id": d.event.segment,
                     "is_rework": d.kind == "hotfix" and not d.is_remediation}  # fmt: skip
            yield self._fact_item(d.event, facts)

    @cached_property
    def changes(self) -> list[delivery_of.Change]:
        """Return all changes with their first arrival in production."""
        return delivery_of.changes(self.of_types(delivery_of.CHANGES), self.deliveries[0])

    def _change_items(self, _: str) -> Iterable[Item]:
        for change in self.changes:
            yield self._fact_item(change.event, change.facts(), change.event.actor)

    def _session_items(self, name: str) -> Iterable[Item]:
        types = {part.strip() for part in name.split(";")}
        for s in use_of.sessions(self.of_types(types), types, self.excluded):
            facts = {"event_count": s.event_count, "duration_minutes": s.minutes}
            facts |= {"segment_id": s.first.segment}
            yield Item((s.first.source, s.first.id), s.first.product, s.first.source, s.first.id,
                       s.first.actor, "human", s.first.occurred_at, s.ended_at, 1,
                       facts)  # fmt: skip

    def _iteration_item_items(self, _: str) -> Iterable[Item]:
        told = [e for e in self.of_types(iterations_of.TYPES) if items_of.counts(e, self.excluded)]
        for item in iterations_of.iteration_items(told):
            ended = item.ended
            yield Item((ended.source, ended.id, item.subject), ended.product, ended.source,
                       item.subject, None, "unknown", ended.occurred_at, None, 1,
                       item.facts)  # fmt: skip

    def _fact_item(self, e: Event, facts: dict[str, Any], actor: str | None = None) -> Item:
        return Item((e.source, e.id), e.product, e.source, e.subject, actor, "unknown",
                    e.occurred_at, None, 1, facts)  # fmt: skip

    # measures

    def passing(self, product: str, measure: Row) -> list[Item]:
        """Return the items of a product that pass all filters of a measure but those on age."""
        key = (product, measure["measure_id"])
        if key not in self._passing:
            rules = [r for r in self.filters[measure["measure_id"]] if r["dimension"] != AGE]
            items = self.items(measure["item_kind"], measure["item_type"])[product]
            self._passing[key] = [
                item for item in items
                if all(
                    passes(
                        self._fact(item, measure, rule["dimension"]),
                        rule["operator"], rule["value"],
                    )
                    for rule in rules
                )
            ]  # fmt: skip
        return self._passing[key]

    def flow(self, product: str, measure: Row) -> dict[date, Counted]:
        """Return counted items with their amounts, by the week of their anchor."""
        key = (product, measure["measure_id"])
        if key in self._flows:
            return self._flows[key]
        counted: dict[date, Counted] = defaultdict(list)
        for item in self.passing(product, measure):
            anchor = self._anchor(item, measure)
            if anchor is None:
                continue
            amount = self._amount(item, measure)
            if measure["followed_by_event_type"]:
                count = self._follower_count(item, anchor, measure)
                if not count:
                    continue
                amount = count * item.weight if measure["aggregate"] == FOLLOWERS else amount
            if amount is not None:
                counted[self.calendar.week(anchor)].append((item, amount))
        self._flows[key] = counted
        return counted

    def _anchor(self, item: Item, measure: Row) -> datetime | None:
        """Return the instant that places an item, None before its deadline has come."""
        if measure["anchor"] != "deadline":
            return item.occurred_at
        due_at = self.deadline(item, measure)
        return due_at if due_at and due_at <= self.until[item.source] else None

    def deadline(self, item: Item, measure: Row) -> datetime | None:
        """Return when an item is due: at an instant of its own, or so long after it began."""
        name = measure.get("deadline_property")
        if not name and measure.get("deadline_clock") == "working":
            hours = self.hours_of(self.kinds[measure["item_type"]])
            assert hours is not None
            return hours.after(item.occurred_at, float(measure["deadline_hours"]))
        if not name:
            return item.occurred_at + float(measure["deadline_hours"] or 0) * HOUR
        text = item.facts.get(name)
        if not isinstance(text, str):
            return None
        # without an offset it is UTC
        return instant(text) or instant(f"{text}Z")

    def _fact(self, item: Item, measure: Row, name: str) -> Any:
        if name.startswith(OPEN_TASK):
            return self._has_open(item, name.removeprefix(OPEN_TASK))
        if name != BY_DEADLINE:
            return item.facts.get(name)
        due_at = self.deadline(item, measure)
        is_finished = item.facts["state"] == "finished" and item.ended_at is not None
        return bool(is_finished and due_at and item.ended_at and item.ended_at <= due_at)

    def _has_open(self, item: Item, name: str) -> bool | None:
        """Return whether the item's subject was in the middle of a task when it occurred."""
        if item.subject is None:
            return None
        return any(
            task.started_at <= item.occurred_at
            and (task.ended_at is None or item.occurred_at < task.ended_at)
            for task in self.tasks[name]
            if (task.product, task.subject) == (item.product, item.subject)
        )

    def _amount(self, item: Item, measure: Row) -> float | None:
        if measure["aggregate"] == "sum":
            number = as_number(item.facts.get(measure["quantity"]))
            return None if number is None else number * item.weight
        if measure["aggregate"] == "distinct_people" and item.person is None:
            return None
        if measure["aggregate"] == "distinct_actors" and item.actor is None:
            return None
        return float(item.weight) if measure["aggregate"] == "count" else 1.0

    def _follower_count(self, item: Item, anchor: datetime, measure: Row) -> int:
        """Return how many of the wanted events come strictly after an item and soon enough."""
        match, within = measure["followed_match"], float(measure["followed_within_hours"]) * HOUR
        mine, _, theirs = match.partition(":")
        wanted = _match_value(mine, item.subject, item.actor, item.facts)
        followers = self._followers(item.product, measure["followed_by_event_type"], theirs or mine)
        if wanted is None:
            return 0
        return sum(anchor < at <= anchor + within for at in followers.get(_text(wanted), []))

    def _followers(self, product: str, name: str, match: str) -> dict[str, list[datetime]]:
        key = (product, name, match)
        if key not in self._followed:
            self._followed[key] = defaultdict(list)
            for e in self.typed[product, name]:
                value = _match_value(match, e.subject, e.actor, e.data)
                if value is not None:
                    self._followed[key][_text(value)].append(e.occurred_at)
        return self._followed[key]

    def open_items(self, product: str, measure: Row, week: date) -> list[Item]:
        """Return the tasks that are open as a week ends."""
        key = (product, measure["measure_id"], week)
        if key not in self._open:
            end = self.calendar.end(week)
            ages = [r for r in self.filters[measure["measure_id"]] if r["dimension"] == AGE]
            follow = measure["followed_by_event_type"]
            told = {e.subject for e in self.typed[product, follow] if e.occurred_at < end}
            self._open[key] = [
                item for item in self.passing(product, measure)
                if item.occurred_at < end
                and (item.ended_at is None or item.ended_at >= end)
                and (not follow or item.subject in told)
                and all(
                    passes((min(end, self.until[item.source]) - item.occurred_at) / HOUR,
                           rule["operator"], rule["value"])
                    for rule in ages
                )
            ]  # fmt: skip
        return self._open[key]


def _match_value(match: str, subject: Any, actor: Any, facts: dict[str, Any]) -> Any:
    return {"subject": subject, "actor": actor}.get(match, facts.get(match))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_number(value: Any) -> float | None:
    """Return a value as a number, None where it is none."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def passes(value: Any, operator: str, threshold: str | None) -> bool:
    """Return whether a value meets a filter; nothing meets none."""
    if value is None:
        return False
    text = _text(value)
    if operator in ("is_true", "is_false"):
        return text.lower() in (("true", "1", "yes") if operator == "is_true"
                                else ("false", "0", "no"))  # fmt: skip
    if operator == "present":
        return text != ""
    if operator == "in":
        return text in [part.strip() for part in str(threshold).split(";")]
    if operator in ("=", "!="):
        left, right = as_number(value), as_number(threshold)
        is_same = text == threshold or (left is not None and left == right)
        return is_same == (operator == "=")
    left, right = as_number(value), as_number(threshold)
    if left is None or right is None:
        return False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        operator
    ]
