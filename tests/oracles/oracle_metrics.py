"""The oracle: weekly numerators and denominators of every metric, from items by the definitions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles import oracle_items as items_of
from tests.oracles import oracle_usage as use_of
from tests.oracles.oracle_events import Calendar, Event, Row

HOUR = timedelta(hours=1)
PER_HOUR = {"seconds": 3600.0, "minutes": 60.0, "days": 1 / 24}
PERIOD_WEEKS = {"fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}
HUMAN = ("human", "unknown")


@dataclass
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


class Oracle:
    """All metrics of an organisation; every question is answered from scratch."""

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
        self.until = {row["source_id"]: self._until(row) for row in registry["sources"]}
        self.tasks = {
            k: items_of.tasks(events, row, self.excluded) for k, row in self.kinds.items()
        }
        self._items: dict[tuple[str, str], list[Item]] = {}
        self._watching: dict[str, tuple[set[str], datetime]] = {}
        self._followed: dict[tuple[str, str, str], dict[Any, list[datetime]]] = {}
        self._typed: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in events:
            if not event.is_heartbeat:
                self._typed[event.product, event.type].append(event)

    def _until(self, source: Row) -> datetime:
        text = source.get("observed_until")
        if not text:
            return self.as_of
        end = datetime.fromisoformat(text)
        return min(self.as_of, end.replace(tzinfo=None) - (end.utcoffset() or timedelta(0)))

    # items

    def items(self, kind: str, name: str) -> list[Item]:
        """Return all items of a kind; `name` is the event type or task type."""
        if (kind, name) not in self._items:
            self._items[kind, name] = list(getattr(self, f"_{kind}_items")(name))
        return self._items[kind, name]

    def _event_items(self, name: str) -> Iterable[Item]:
        for e in self.events:
            if e.type == name and items_of.counts(e, self.excluded):
                facts = e.data | {"actor_kind": e.actor_kind, "ingress_path": e.path}
                facts |= {"segment_id": e.segment or e.data.get("segment_id")}
                facts |= {"environment": e.environment or e.data.get("environment")}
                yield Item((e.source, e.id), e.product, e.source, e.subject, e.actor,
                           e.actor_kind, e.occurred_at, None, e.weight, facts)  # fmt: skip

    def _task_items(self, name: str) -> Iterable[Item]:
        for number, t in enumerate(self.tasks[name]):
            facts = t.first.data | {"state": t.state, "duration_hours": t.hours,
                                    "reopen_count": t.reopen_count}  # fmt: skip
            yield Item(number, t.product, t.first.source, t.subject, t.first.actor, "unknown",
                       t.started_at, t.ended_at, 1, facts)  # fmt: skip

    def incidents(self) -> list[items_of.Task]:
        """Return incidents that were not withdrawn, maintenance included."""
        return [t for t in self.tasks.get("incident", []) if t.state != "cancelled"]

    def _outage_items(self, _: str) -> Iterable[Item]:
        for product in {t.product for t in self.incidents()}:
            for outage in self.outages(product):
                first = outage.incidents[0].first
                end = outage.ended_at or self.until[first.source]
                facts = {"is_user_detected": str(first.data.get("detected_by")).lower() == "user",
                         "duration_hours": (end - outage.started_at) / HOUR}  # fmt: skip
                yield Item((product, outage.started_at), product, first.source, None, None,
                           "unknown", outage.started_at, None, 1, facts)  # fmt: skip

    def outages(self, product: str) -> list[items_of.Outage]:
        """Return the outages of a product; planned maintenance is none."""
        mine = [t for t in self.incidents() if t.product == product]
        return items_of.unions([t for t in mine if not items_of.is_maintenance(t)])

    def _release_items(self, _: str) -> Iterable[Item]:
        for r in items_of.releases(self.events, self.settings, self.until):
            yield self._fact_item(r.event, r.facts)

    def _deployment_items(self, _: str) -> Iterable[Item]:
        real = [t for t in self.incidents() if not items_of.is_maintenance(t)]
        window = float(self.settings.get("attribution_window_hours", 24)) * HOUR
        for d in items_of.deployments(self.events, real, window):
            facts = {"environment": d.event.environment, "is_remediation": d.is_remediation,
                     "is_failed": d.is_failed,
                     "is_rework": d.kind == "hotfix" and not d.is_remediation}  # fmt: skip
            yield self._fact_item(d.event, facts)

    def _change_items(self, _: str) -> Iterable[Item]:
        real = [t for t in self.incidents() if not items_of.is_maintenance(t)]
        for change in items_of.changes(self.events, items_of.deployments(self.events, real)):
            yield self._fact_item(change.event, change.facts())

    def _session_items(self, name: str) -> Iterable[Item]:
        types = {part.strip() for part in name.split(";")}
        for s in use_of.sessions(self.events, types, self.excluded):
            facts = {"event_count": s.event_count, "duration_minutes": s.minutes}
            yield Item((s.first.source, s.first.id), s.first.product, s.first.source, s.first.id,
                       s.first.actor, "human", s.first.occurred_at, s.ended_at, 1,
                       facts)  # fmt: skip

    def _fact_item(self, e: Event, facts: dict[str, Any]) -> Item:
        return Item((e.source, e.id), e.product, e.source, e.subject, e.actor, "unknown",
                    e.occurred_at, None, 1, facts)  # fmt: skip

    # measures

    def passing(self, product: str, measure: Row) -> list[Item]:
        """Return the items of a product that pass all filters of a measure but those on age."""
        rules = [
            rule for rule in self.registry["measure_filters"]
            if rule["measure_id"] == measure["measure_id"]
            and rule["dimension"] != "age_at_period_end_hours"
        ]  # fmt: skip
        return [
            item for item in self.items(measure["item_kind"], measure["item_type"])
            if item.product == product
            and all(
                passes(item.facts.get(rule["dimension"]), rule["operator"], rule["value"])
                for rule in rules
            )
        ]  # fmt: skip

    def flow(self, product: str, measure: Row) -> dict[date, list[tuple[Item, float]]]:
        """Return counted items with their amounts, by the week of their anchor."""
        counted: dict[date, list[tuple[Item, float]]] = defaultdict(list)
        for item in self.passing(product, measure):
            anchor = item.occurred_at
            if measure["anchor"] == "deadline":
                anchor += float(measure["deadline_hours"] or 0) * HOUR
                if anchor > self.until[item.source]:
                    continue
            if measure["followed_by_event_type"] and not self._is_followed(item, anchor, measure):
                continue
            amount = self._amount(item, measure)
            if amount is not None:
                counted[self.calendar.week(anchor)].append((item, amount))
        return counted

    def _amount(self, item: Item, measure: Row) -> float | None:
        if measure["aggregate"] == "sum":
            number = as_number(item.facts.get(measure["quantity"]))
            return None if number is None else number * item.weight
        return item.weight if measure["aggregate"] == "count" else 1.0

    def _is_followed(self, item: Item, anchor: datetime, measure: Row) -> bool:
        match, within = measure["followed_match"], float(measure["followed_within_hours"]) * HOUR
        wanted = _match_value(match, item.subject, item.actor, item.facts)
        follow = measure["followed_by_event_type"]
        followers = self._followers(item.product, follow, match)
        return wanted is not None and any(
            anchor < at <= anchor + within for at in followers[wanted]
        )

    def _followers(self, product: str, name: str, match: str) -> dict[Any, list[datetime]]:
        key = (product, name, match)
        if key not in self._followed:
            self._followed[key] = defaultdict(list)
            for e in self._by_type(product, name):
                value = _match_value(match, e.subject, e.actor, e.data)
                self._followed[key][value].append(e.occurred_at)
        return self._followed[key]

    def _by_type(self, product: str, name: str) -> list[Event]:
        return self._typed[product, name]

    def side(self, product: str, measure_id: str, weeks: Iterable[date]) -> dict[date, float]:
        """Return what a measure adds up to in each week; 0 in weeks without items."""
        measure = self.measures[measure_id]
        if measure["aggregate"] == "open_at_period_end":
            return {week: float(self._open(product, measure, week)) for week in weeks}
        sums = defaultdict(float)
        for week, counted in self.flow(product, measure).items():
            people = {i.actor for i, _ in counted if i.actor and i.actor_kind in HUMAN}
            subjects = {i.subject for i, _ in counted if i.subject}
            aggregate = measure["aggregate"]
            if aggregate == "distinct_people":
                sums[week] = float(len(people))
            elif aggregate == "distinct_subjects":
                sums[week] = float(len(subjects))
            else:
                sums[week] = sum(amount for _, amount in counted)
        return {week: sums[week] for week in weeks}

    def _open(self, product: str, measure: Row, week: date) -> int:
        end = self.calendar.end(week)
        rules = [
            rule for rule in self.registry["measure_filters"]
            if rule["measure_id"] == measure["measure_id"]
            and rule["dimension"] == "age_at_period_end_hours"
        ]  # fmt: skip
        follow = measure["followed_by_event_type"]
        told = (
            {e.subject for e in self._by_type(product, follow) if e.occurred_at < end}
            if follow
            else set()
        )
        return sum(
            item.occurred_at < end
            and (item.ended_at is None or item.ended_at >= end)
            and (not follow or item.subject in told)
            and all(
                passes((min(end, self.until[item.source]) - item.occurred_at) / HOUR,
                       rule["operator"], rule["value"])
                for rule in rules
            )
            for item in self.passing(product, measure)
        )  # fmt: skip

    # metrics

    def quantities(self, product: str, metric_id: str) -> dict[date, list[tuple[float, int]]]:
        """Return what a quantile is taken of, with the sampling rate, by week."""
        measure = self.measures[self.metrics[metric_id]["numerator_measure_id"]]
        return {
            week: [(amount / item.weight, item.weight) for item, amount in counted]
            for week, counted in self.flow(product, measure).items()
        }

    def week_parts(
        self, product: str, metric_id: str, weeks: list[date]
    ) -> dict[date, tuple[float, float | None]]:
        """Return (numerator, denominator) of each week; denominator None where there is none."""
        metric = self.metrics[metric_id]
        kind = metric["kind"]
        if kind == "duration":
            return self._durations(product, metric, weeks)
        if kind == "reliability":
            return {week: self._reliability(product, metric, week) for week in weeks}
        if metric.get("custom_model"):
            use = use_of.Use(self.registry, self.events, self.calendar, self.excluded)
            return use.parts(product, metric, weeks)
        numerators = self.side(product, metric["numerator_measure_id"], weeks)
        if kind == "stock":
            return {week: (numerators[week], None) for week in weeks}
        if not metric["denominator_measure_id"]:
            exposure = 1 / PERIOD_WEEKS.get(metric["natural_period"], 1)
            return {week: (numerators[week], exposure) for week in weeks}
        denominators = self.side(product, metric["denominator_measure_id"], weeks)
        return {week: (numerators[week], denominators[week] or None) for week in weeks}

    def _durations(
        self, product: str, metric: Row, weeks: list[date]
    ) -> dict[date, tuple[float, float | None]]:
        tau, unit = float(metric["tau_hours"]), PER_HOUR.get(metric["unit"], 1.0)
        cohorts: dict[date, list[float]] = defaultdict(list)
        for task in self.tasks[metric["task_type_id"]]:
            if task.product == product:
                hours = tau if task.hours is None else min(task.hours, tau)
                cohorts[self.calendar.week(task.started_at)].append(hours * unit)
        return {w: (sum(cohorts[w]), float(len(cohorts[w])) or None) for w in weeks}

    def _reliability(self, product: str, metric: Row, week: date) -> tuple[float, float | None]:
        sources, first_seen = self._incident_sources(product)
        first = max(self.calendar.start(week), first_seen)
        last = min([self.calendar.end(week), *(self.until[s] for s in sources)])
        stops = items_of.unions([t for t in self.incidents() if t.product == product])
        outages = self.outages(product)
        operating = (last - first) / HOUR - sum(_overlap(stop, first, last) for stop in stops)
        if metric["statistic"] == "availability":
            return operating, operating + sum(_overlap(outage, first, last) for outage in outages)
        started = sum(first <= outage.started_at < last for outage in outages)
        return operating, float(started) or None

    def _incident_sources(self, product: str) -> tuple[set[str], datetime]:
        """Return the sources that report incidents, and their first sign of life."""
        if product not in self._watching:
            kind = self.kinds["incident"]
            types = {kind["start_event_type"], kind["finish_event_type"]}
            mine = [e for e in self.events if e.product == product]
            sources = {e.source for e in mine if e.type in types}
            first = min(e.occurred_at for e in mine if e.source in sources)
            self._watching[product] = sources, first
        return self._watching[product]


def _match_value(match: str, subject: Any, actor: Any, facts: dict[str, Any]) -> Any:
    return {"subject": subject, "actor": actor}.get(match, facts.get(match))


def _overlap(outage: items_of.Outage, first: datetime, last: datetime) -> float:
    end = min(outage.ended_at or last, last)
    return max((end - max(outage.started_at, first)) / HOUR, 0.0)


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
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if operator in ("is_true", "is_false"):
        return text == operator.removeprefix("is_")
    if operator == "present":
        return text != ""
    if operator == "in":
        return text in [part.strip() for part in str(threshold).split(";")]
    left, right = as_number(value), as_number(threshold)
    if operator in ("=", "!="):
        is_same = text == threshold or (left is not None and left == right)
        return is_same == (operator == "=")
    if left is None or right is None:
        return False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[
        operator
    ]
