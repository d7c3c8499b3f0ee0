"""The oracle's custom metrics: retention, churn, stickiness, activation, funnels and their kin."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from tests.oracles import oracle_items as items_of
from tests.oracles import oracle_usage as use_of
from tests.oracles.oracle_events import Event, Row
from tests.oracles.oracle_grid import bounds
from tests.oracles.oracle_measures import Measures, as_number

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Part:
    """What a custom model says of one week."""

    numerator: float
    denominator: float
    people: int


@dataclass(frozen=True)
class Growth:
    """Who uses a product in a week, by where they come from, and who no longer does."""

    new: set[str]
    retained: set[str]
    resurrected: set[str]
    churned: set[str]
    departed: set[str]

    @property
    def active(self) -> set[str]:
        return self.new | self.retained | self.resurrected


@dataclass(frozen=True)
class Entry:
    """One way into a funnel: who, when, how many steps, and how often the first step was made."""

    who: str
    entered_at: datetime
    reached: int
    touches: int


class Custom:
    """The models by name; each returns the parts of a metric by week."""

    def __init__(self, measures: Measures) -> None:
        self.measures = measures
        self._parts: dict[tuple[str, str], dict[date, Part]] = {}
        self.active_days = cache(self._active_days)
        self.active_weeks = cache(self._active_weeks)
        self.entries = cache(self._entries)
        self.departures = cache(self._departures)

    @property
    def models(self) -> set[str]:
        """Return the names of the models that this oracle knows."""
        return {name.removeprefix("model_") for name in dir(self) if name.startswith("model_")}

    def parts(self, product: str, metric: Row) -> dict[date, Part]:
        """Return the parts of each week that has any."""
        key = (product, metric["metric_id"])
        if key not in self._parts:
            model = getattr(self, f"model_{metric['custom_model']}")
            self._parts[key] = model(product, metric["custom_parameter"])
        return self._parts[key]

    def first_weeks(self, product: str, metric: Row) -> list[date]:
        """Return the weeks one of which is the first that a custom metric could tell of."""
        model, parameter = metric["custom_model"], metric["custom_parameter"]
        if model == "active_people":
            return [week for mine in self.active_weeks(product).values() for week in mine]
        if model == "people_over_limit":
            return [start for start, _ in self._limited(product, parameter)[1]]
        return [w for w, part in self.parts(product, metric).items() if part.denominator]

    # use

    def _active_days(self, product: str) -> dict[str, set[date]]:
        """Return the days of the reporting zone on which each person used a product."""
        rows = self.measures.registry["active_uses"]
        types = {row["event_type"] for row in rows if row["product_id"] == product}
        days: dict[str, set[date]] = defaultdict(set)
        for name in types:
            events = self.measures.typed[product, name]
            for event in use_of.uses(events, types, self.measures.excluded):
                days[str(event.actor)].add(self.measures.calendar.day(event.occurred_at))
        return days

    def _active_weeks(self, product: str) -> dict[str, set[date]]:
        return {
            person: {day - timedelta(days=day.weekday()) for day in days}
            for person, days in self.active_days(product).items()
        }

    def _departures(self) -> dict[str, list[datetime]]:
        """Return when people left the organisation."""
        wanted = self.measures.settings.get("departure_event_type")
        left: dict[str, list[datetime]] = defaultdict(list)
        for event in self.measures.by_type[wanted or ""]:
            if event.subject is not None:
                left[event.subject].append(event.occurred_at)
        return left

    def growth(self, product: str, week: date) -> Growth:
        """Account for a week; who has left the organisation is departed, not churned."""
        end = self.measures.calendar.end(week)
        states: dict[str, set[str]] = defaultdict(set)
        for person, weeks in self.active_weeks(product).items():
            before = week - WEEK in weeks
            if week in weeks:
                is_new = min(weeks) == week
                states["new" if is_new else "retained" if before else "resurrected"].add(person)
            elif before:
                has_left = any(at < end for at in self.departures().get(person, []))
                states["departed" if has_left else "churned"].add(person)
        names = ("new", "retained", "resurrected", "churned", "departed")
        return Growth(**{name: states[name] for name in names})

    def model_retention(self, product: str, parameter: str) -> dict[date, Part]:
        """Newcomers of a week who come back in the week that is so many weeks later."""
        cohorts: dict[date, list[set[date]]] = defaultdict(list)
        for weeks in self.active_weeks(product).values():
            cohorts[min(weeks)].append(weeks)
        later = int(parameter) * WEEK
        # a week that has not begun can tell of nobody
        last = self.measures.calendar.week(self.measures.as_of)
        return {
            week: Part(sum(week + later in weeks for weeks in mine), len(mine), len(mine))
            for week, mine in cohorts.items()
            if week + later <= last
        }

    def model_churn(self, product: str, _: str) -> dict[date, Part]:
        """People of last week who stay away, out of those who could have come."""
        found = {}
        weeks = {week for mine in self.active_weeks(product).values() for week in mine}
        for week in {week + WEEK for week in weeks} | weeks:
            growth = self.growth(product, week)
            could = len(growth.retained) + len(growth.churned)
            found[week] = Part(len(growth.churned), could, could)
        return found

    def model_stickiness(self, product: str, _: str) -> dict[date, Part]:
        """Person-days out of the working days of a week's people."""
        working = float(self.measures.settings.get("working_days_per_week", 5))
        days: dict[date, int] = defaultdict(int)
        people: dict[date, int] = defaultdict(int)
        for mine in self.active_days(product).values():
            weeks = [day - timedelta(days=day.weekday()) for day in mine]
            for week in weeks:
                days[week] += 1
            for week in set(weeks):
                people[week] += 1
        return {week: Part(days[week], people[week] * working, people[week]) for week in people}

    def model_active_people(self, product: str, parameter: str) -> dict[date, Part]:
        """People by day over a week, or people of four weeks, told in the last of them."""
        if parameter == "day":
            found = self.model_stickiness(product, parameter)
            return {week: Part(part.numerator, 7, part.people) for week, part in found.items()}
        people: dict[date, set[str]] = defaultdict(set)
        for person, weeks in self.active_weeks(product).items():
            for week in weeks:
                people[bounds("four_weeks", week)[0] + 3 * WEEK].add(person)
        return {week: Part(len(mine), 1, len(mine)) for week, mine in people.items()}

    # quantities

    def _numbers(self, product: str, name: str, quantity: str) -> list[tuple[Event, float]]:
        told = [e for e in self.measures.typed[product, name]
                if items_of.counts(e, self.measures.excluded)]  # fmt: skip
        numbers = [(e, as_number(e.data.get(quantity))) for e in told]
        return [(e, number) for e, number in numbers if number is not None]

    def model_forecast_error(self, product: str, quantity: str) -> dict[date, Part]:
        """Errors of the latest forecasts before what came, each out of what came."""
        made: dict[str | None, list[tuple[datetime, str, float]]] = defaultdict(list)
        for event, number in self._numbers(product, "forecast.made", quantity):
            made[event.subject].append((event.occurred_at, event.id, number))
        errors: dict[date, list[float]] = defaultdict(list)
        for event, actual in self._numbers(product, "actual.observed", quantity):
            before = [told for told in made[event.subject] if told[0] < event.occurred_at]
            if before and actual and event.subject is not None:
                week = self.measures.calendar.week(event.occurred_at)
                errors[week].append(abs(max(before)[2] - actual) / abs(actual))
        return {w: Part(math.fsum(mine), len(mine), len(mine)) for w, mine in errors.items()}

    def _limited(
        self, product: str, name: str
    ) -> tuple[float, list[tuple[date, dict[str, float]]]]:  # fmt: skip
        """Return a limit and what each person adds up to in each complete four-week period."""
        rows = self.measures.registry["people_limits"]
        (row,) = [r for r in rows if r["limit_id"] == name and r["product_id"] == product]
        sums: dict[date, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        first = date.max
        for event in self.measures.typed[product, row["event_type"]]:
            if event.actor and items_of.counts(event, self.measures.excluded):
                week = self.measures.calendar.week(event.occurred_at)
                number = as_number(event.data.get(row["quantity"])) or 0.0
                sums[bounds("four_weeks", week)[0]][event.actor] += event.weight * number
                first = min(first, week)
        complete = [(start, mine) for start, mine in sums.items() if start >= first]
        return float(row["limit_value"]), complete

    def model_people_over_limit(self, product: str, name: str) -> dict[date, Part]:
        """People whose quantity of a four-week period passes a limit, told in its last week."""
        limit, sums = self._limited(product, name)
        return {
            start + 3 * WEEK: Part(sum(n > limit for n in mine.values()), len(mine), len(mine))
            for start, mine in sums
        }

    # steps

    def _steps(self, product: str, row: Row, types: list[str]) -> dict[str, list[Event]]:
        """Return the events of these types in order, by whoever or whatever makes the steps."""
        told = [event for name in dict.fromkeys(types) for event in
                self.measures.typed[product, name]]  # fmt: skip
        by_actor = row["match_key"] == "actor"
        if by_actor:
            acts = use_of.uses(told, set(types), self.measures.excluded)
        else:
            out = self.measures.excluded
            acts = [e for e in told if e.actor_kind != "test" and e.actor not in out]
        steps: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(acts, key=lambda e: e.occurred_at):
            key = event.actor if by_actor else event.subject
            if key is not None:
                steps[key].append(event)
        return steps

    def model_activation(self, product: str, name: str) -> dict[date, Part]:
        """Those who started in a week and made X actions within Y days of it."""
        (goal,) = [r for r in self.measures.registry["activations"] if r["activation_id"] == name]
        outcomes: dict[date, list[bool]] = defaultdict(list)
        types = [goal["start_event_type"], goal["event_type"]]
        for steps in self._steps(product, goal, types).values():
            starts = [e.occurred_at for e in steps if e.type == goal["start_event_type"]]
            if starts:
                end = starts[0] + timedelta(days=float(goal["within_days"]))
                acts = sum(e.type == goal["event_type"] and starts[0] <= e.occurred_at < end
                           for e in steps)  # fmt: skip
                week = self.measures.calendar.week(starts[0])
                outcomes[week].append(acts >= int(goal["least_count"]))
        return {w: Part(sum(mine), len(mine), len(mine)) for w, mine in outcomes.items()}

    def funnel(self, name: str) -> list[Row]:
        """Return the steps of a funnel in order."""
        rows = [r for r in self.measures.registry["funnels"] if r["funnel_id"] == name]
        return sorted(rows, key=lambda row: int(row["step_number"]))

    def _entries(self, product: str, name: str) -> dict[date, list[Entry]]:
        """Return the entries of each week; a window must be over before one enters again."""
        rows = self.funnel(name)
        types = [row["event_type"] for row in rows]
        window = timedelta(hours=float(rows[0]["window_hours"]))
        found: dict[date, list[Entry]] = defaultdict(list)
        for who, steps in self._steps(product, rows[0], types).items():
            firsts = [e.occurred_at for e in steps if _is_step(e, rows[0])]
            end = datetime.min
            for touched_at in firsts:
                if touched_at >= end:
                    end = touched_at + window
                    touches = sum(touched_at <= at < end for at in firsts)
                    reached = _walk(steps, rows, touched_at, end)
                    week = self.measures.calendar.week(touched_at)
                    found[week].append(Entry(who, touched_at, reached, touches))
        return found

    def model_funnel(self, product: str, name: str) -> dict[date, Part]:
        """Entries of a week that reach the last step."""
        last = len(self.funnel(name))
        return {
            week: Part(
                sum(e.reached == last for e in entries), len(entries), len({e.who for e in entries})
            )
            for week, entries in self.entries(product, name).items()
        }


def _is_step(event: Event, row: Row) -> bool:
    """Whether an event is this step: its type, and what the property holds where one is named."""
    return event.type == row["event_type"] and items_of.meets(event, row, "step")


def _walk(steps: list[Event], rows: list[Row], entered_at: datetime, end: datetime) -> int:
    """Return how many steps of a funnel an entry reaches, each at or after the one before."""
    at = entered_at
    for number, row in enumerate(rows[1:], start=1):
        later = [e.occurred_at for e in steps if _is_step(e, row) and at <= e.occurred_at < end]
        if not later:
            return number
        at = later[0]
    return len(rows)
