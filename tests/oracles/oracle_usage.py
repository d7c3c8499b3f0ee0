"""The oracle's view of use: sessions and quantiles, from events by the definitions."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import comb

from tests.oracles.oracle_events import Calendar, Event, Row

LONGEST_GAP = timedelta(minutes=30)
PEOPLE = ("human", "unknown")


@dataclass
class Session:
    """What one person does in a product without a pause of more than half an hour."""

    first: Event
    ended_at: datetime
    event_count: int

    @property
    def minutes(self) -> float | None:
        """Length; None where a single event tells of none."""
        length = (self.ended_at - self.first.occurred_at) / timedelta(minutes=1)
        return length if self.event_count > 1 else None


def uses(events: list[Event], types: set[str], excluded: set[str]) -> list[Event]:
    """Return what people did of these event types; machines, tests and nobody are left out."""
    return [
        e for e in events
        if e.type in types and e.actor and e.actor not in excluded and e.actor_kind in PEOPLE
        and not e.is_heartbeat
    ]  # fmt: skip


def sessions(events: list[Event], types: set[str], excluded: set[str]) -> list[Session]:
    """Cut each person's use of each product at gaps of more than half an hour."""
    found: list[Session] = []
    acts: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for event in uses(events, types, excluded):
        acts[event.product, event.actor].append(event)
    for mine in acts.values():
        last: Session | None = None
        for event in sorted(mine, key=lambda e: (e.occurred_at, e.source, e.id)):
            if last and event.occurred_at - last.ended_at <= LONGEST_GAP:
                last.ended_at = event.occurred_at
                last.event_count += 1
            else:
                last = Session(event, event.occurred_at, 1)
                found.append(last)
    return found


def quantile(values: list[float], share: float) -> float | None:
    """Return the quantile, interpolated between neighbours; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = ordered[math.floor(place)]
    return low + (ordered[math.ceil(place)] - low) * (place - math.floor(place))


def order_interval(values: list[float], share: float) -> tuple[float, float] | None:
    """Return the items that bound a quantile at 95 %, at most 2.5 % outside on each side.

    For a quantile q of n items, B(n, q) tells how many lie below it.
    """
    count, ordered = len(values), sorted(values)
    weights = [comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1)]
    lower = max((r for r in range(1, count + 1) if sum(weights[:r]) <= 0.025), default=None)
    upper = min((r for r in range(1, count + 1) if sum(weights[r:]) <= 0.025), default=None)
    if lower is None or upper is None:
        return None
    return ordered[lower - 1], ordered[upper - 1]


Parts = tuple[float, float | None]
WEEK = timedelta(days=7)


@dataclass
class Use:
    """Who used what when: the facts behind retention, churn, activation and funnels."""

    registry: dict[str, list[Row]]
    events: list[Event]
    calendar: Calendar
    excluded: set[str]
    _known: dict[str, dict[str | None, set[date]]] = field(default_factory=dict)

    def parts(self, product: str, metric: Row, weeks: list[date]) -> dict[date, Parts]:
        """Return (numerator, denominator) of a custom metric in each week."""
        model, parameter = metric["custom_model"], metric["custom_parameter"]
        if model == "retention":
            found = {w: self._retention(product, w, int(parameter)) for w in weeks}
        elif model == "churn":
            found = {w: self._churn(product, w) for w in weeks}
        elif model == "stickiness":
            found = {w: self._stickiness(product, w) for w in weeks}
        else:
            outcomes = getattr(self, f"_{model}")(product, parameter)
            found = {w: (sum(outcomes[w]), len(outcomes[w])) for w in weeks}
        return {w: (float(above), float(below) or None) for w, (above, below) in found.items()}

    def _acts(self, product: str, types: set[str]) -> list[Event]:
        mine = [e for e in self.events if e.product == product]
        return sorted(uses(mine, types, self.excluded), key=lambda e: e.occurred_at)

    def _active(self, product: str) -> dict[str | None, set[date]]:
        if product not in self._known:
            self._known[product] = self._active_weeks(product)
        return self._known[product]

    def _active_weeks(self, product: str) -> dict[str | None, set[date]]:
        types = {
            r["event_type"] for r in self.registry["active_uses"] if r["product_id"] == product
        }
        weeks: dict[str | None, set[date]] = defaultdict(set)
        for event in self._acts(product, types):
            weeks[event.actor].add(self.calendar.week(event.occurred_at))
        return weeks

    def _retention(self, product: str, cohort: date, number: int) -> tuple[int, int]:
        newcomers = [weeks for weeks in self._active(product).values() if min(weeks) == cohort]
        return sum(cohort + number * WEEK in weeks for weeks in newcomers), len(newcomers)

    def _churn(self, product: str, week: date) -> tuple[int, int]:
        active, left = self._active(product), set()
        kinds = [r["value"] for r in self.registry["settings"]
                 if r["setting"] == "departure_event_type"]  # fmt: skip
        for event in self.events:
            if event.type in kinds and event.occurred_at < self.calendar.end(week):
                left.add(event.subject)
        before = {person for person, weeks in active.items() if week - WEEK in weeks}
        gone = {person for person in before if week not in active[person]}
        return len(gone - left), len(before - (gone & left))

    def _stickiness(self, product: str, week: date) -> tuple[int, float]:
        types = {
            r["event_type"] for r in self.registry["active_uses"] if r["product_id"] == product
        }
        days: dict[str | None, set[date]] = defaultdict(set)
        for event in self._acts(product, types):
            if self.calendar.week(event.occurred_at) == week:
                days[event.actor].add(self.calendar.day(event.occurred_at))
        working = [r["value"] for r in self.registry["settings"]
                   if r["setting"] == "working_days_per_week"]  # fmt: skip
        return sum(map(len, days.values())), len(days) * float((working or ["5"])[0])

    def _steps(self, product: str, row: Row, types: list[str]) -> dict[str, list[Event]]:
        """Return the events of these types in order, by whoever or whatever makes the steps."""
        steps: dict[str, list[Event]] = defaultdict(list)
        if row["match_key"] == "actor":
            acts = self._acts(product, set(types))
        else:
            acts = [e for e in self.events if e.product == product and e.type in types
                    and e.actor_kind != "test" and e.actor not in self.excluded
                    and not e.is_heartbeat]  # fmt: skip
        for event in sorted(acts, key=lambda e: e.occurred_at):
            key = event.actor if row["match_key"] == "actor" else event.subject
            if key is not None:
                steps[key].append(event)
        return steps

    def _activation(self, product: str, name: str) -> dict[date, list[bool]]:
        (goal,) = [r for r in self.registry["activations"] if r["activation_id"] == name]
        outcomes: dict[date, list[bool]] = defaultdict(list)
        types = [goal["start_event_type"], goal["event_type"]]
        for steps in self._steps(product, goal, types).values():
            starts = [e.occurred_at for e in steps if e.type == goal["start_event_type"]]
            if starts:
                end = starts[0] + timedelta(days=float(goal["within_days"]))
                acts = sum(e.type == goal["event_type"] and starts[0] <= e.occurred_at < end
                           for e in steps)  # fmt: skip
                outcomes[self.calendar.week(starts[0])].append(acts >= int(goal["least_count"]))
        return outcomes

    def _funnel(self, product: str, name: str) -> dict[date, list[bool]]:
        rows = [r for r in self.registry["funnels"] if r["funnel_id"] == name]
        types = [r["event_type"] for r in sorted(rows, key=lambda r: int(r["step_number"]))]
        window = timedelta(hours=float(rows[0]["window_hours"]))
        outcomes: dict[date, list[bool]] = defaultdict(list)
        for steps in self._steps(product, rows[0], types).values():
            end = datetime.min
            for touch in steps:
                if touch.type == types[0] and touch.occurred_at >= end:
                    end = touch.occurred_at + window
                    reached = _walk(steps, types, touch.occurred_at, end)
                    outcomes[self.calendar.week(touch.occurred_at)].append(reached == len(types))
        return outcomes


def _walk(steps: list[Event], types: list[str], entered_at: datetime, end: datetime) -> int:
    """Return how many steps of a funnel an entry reaches, each at or after the one before."""
    at = entered_at
    for number, kind in enumerate(types[1:], start=1):
        later = [e.occurred_at for e in steps if e.type == kind and at <= e.occurred_at < end]
        if not later:
            return number
        at = later[0]
    return len(types)
