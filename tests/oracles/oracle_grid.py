"""The oracle's grid: which weeks a metric of a product has, and which of them are ripe."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.oracles.oracle_events import Event, Row
from tests.oracles.oracle_measures import HOUR, Measures

ANCHOR = date(2024, 1, 1)
GRAINS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
SILENCE = math.log(1000)
# what a release, a deployment, a change and an outage cannot be known without
NEEDED = {
    "release": ("release.published",), "deployment": ("service.deployed",),
    "change": ("change.landed",), "iteration_item": (
        "iteration.started", "iteration.ended", "workitem.committed", "workitem.delivered"
    ),
}  # fmt: skip
OUTCOMES = ("is_failed", "failure_route", "is_deployed", "first_deployed_at")
ENDS = {"state", "duration_hours", "reopen_count", "is_by_deadline", "paused_hours",
        "working_hours"}  # fmt: skip
OWN_ENDS = {"paused_hours", "working_hours"}


@dataclass(frozen=True)
class Week:
    """A week of a metric's grid."""

    start: date
    is_ripe: bool
    is_provisional: bool


@dataclass(frozen=True)
class Period:
    """A week, or a longer period with those of its weeks that are ripe."""

    grain: str
    start: date
    weeks: tuple[date, ...]
    is_ripe: bool
    is_provisional: bool
    has_ripe_week: bool


def periods(weeks: list[Week]) -> Iterator[Period]:
    """Return every period that a grid touches."""
    for week in weeks:
        yield Period(
            "week", week.start, (week.start,), week.is_ripe, week.is_provisional, week.is_ripe
        )
    for grain in ("fortnight", "four_weeks", "thirteen_weeks", "month", "quarter"):
        inside: dict[tuple[date, int], list[Week]] = defaultdict(list)
        for week in weeks:
            inside[bounds(grain, week.start)].append(week)
        for (start, length), mine in inside.items():
            ripe = tuple(week.start for week in mine if week.is_ripe)
            is_over = sum(week.is_ripe or week.is_provisional for week in mine) == length
            is_ripe = len(ripe) == length
            yield Period(grain, start, ripe, is_ripe, is_over and not is_ripe, bool(ripe))


def bounds(grain: str, monday: date) -> tuple[date, int]:
    """Return the first Monday of a week's period and how many weeks it has."""
    if grain in GRAINS:
        length = timedelta(weeks=GRAINS[grain])
        return ANCHOR + (monday - ANCHOR) // length * length, GRAINS[grain]
    # a week belongs to the month, and the quarter, of its Thursday
    name = _calendar_name(grain, monday)
    first = last = monday
    while _calendar_name(grain, first - WEEK) == name:
        first -= WEEK
    while _calendar_name(grain, last + WEEK) == name:
        last += WEEK
    return first, (last - first) // WEEK + 1


def _calendar_name(grain: str, monday: date) -> tuple[int, int]:
    thursday = monday + 3 * DAY
    return thursday.year, thursday.month if grain == "month" else (thursday.month - 1) // 3


def silence_horizon(days: Iterable[date], last_day: date) -> int:
    """Return the days of silence that a well source has once in a thousand times.

    Rates differ by weekday. A rate is the mean number of events, but not more than the rate that
    the share of silent days tells of: clumped events are silent more often than their number says.
    """
    counts = Counter(days)
    first_day = min(counts)
    last_day = max(first_day, last_day)
    seen: dict[int, list[int]] = defaultdict(list)
    for number in range((last_day - first_day).days + 1):
        day = first_day + number * DAY
        seen[day.weekday()].append(counts[day])
    rates = {}
    for weekday, numbers in seen.items():
        silent = sum(number == 0 for number in numbers) / len(numbers)
        mean = sum(numbers) / len(numbers)
        rates[weekday] = min(mean, -math.log(silent)) if silent else mean
    usual = sum(rates.values()) / len(rates)
    longest = 0
    for weekday in range(7):
        expected, length = math.floor(SILENCE / (7 * usual)) * 7 * usual, 0
        while expected < SILENCE and length < 7:
            expected += rates.get((weekday + length) % 7, usual)
            length += 1
        longest = max(longest, math.floor(SILENCE / (7 * usual)) * 7 + max(length, 1))
    return longest


def known_until(signs: list[Event], counted: list[Event], until: datetime) -> datetime:
    """Return up to when a source is known to be complete, its lateness taken off.

    What came again is a sign of life, and lets no more events be expected a day.
    """
    latest = min(max(e.received_at for e in signs), until)
    horizon = silence_horizon((e.occurred_at.date() for e in counted or signs), until.date() - DAY)
    watermark = until if until - latest <= horizon * DAY else latest
    # what occurred before the first delivery is backfill, and tells of no lateness
    first = min(e.received_at for e in signs)
    lags = sorted(
        e.received_at - e.occurred_at for e in signs if e.has_clock and e.occurred_at >= first
    )
    late = lags[math.ceil(0.95 * len(lags)) - 1] if lags else timedelta(0)
    return watermark - max(late, timedelta(0))


class Grid:
    """The dense grid of every metric of its own."""

    def __init__(self, measures: Measures, signs: dict[str, list[Event]] | None) -> None:
        self.measures = measures
        self.known: dict[str, datetime] = dict(measures.until)
        if signs is not None:
            counted: dict[str, list[Event]] = defaultdict(list)
            for e in measures.events:
                counted[e.source].append(e)
            self.known = {
                source: known_until(mine, counted[source], measures.until[source])
                for source, mine in signs.items()
            }
        self.first: dict[tuple[str, str], datetime] = {}
        senders: dict[tuple[str, str], set[str]] = defaultdict(set)
        for e in measures.events:
            key = (e.product, e.source)
            self.first[key] = min(e.occurred_at, self.first.get(key, e.occurred_at))
            senders[e.product, e.type].add(e.source)
        products = {row["source_id"]: row["product_id"] for row in measures.registry["sources"]}
        for row in measures.registry["tracking_plan"]:
            named = row["source_id"]
            if named in products and row["role"] not in ("ignored", "heartbeat"):
                senders[products[named], row["event_type"]].add(named)
        self.senders = senders

    def sources(self, product: str, metric: Row) -> set[str]:
        """Return the sources that a metric cannot be known without."""
        types = set(required_types(self.measures, product, metric))
        return {source for name in types for source in self.senders[product, name]}

    def watched_from(self, product: str, sources: Iterable[str]) -> datetime | None:
        """Return the first sign of life of any of these sources."""
        return min(
            (self.first[product, s] for s in sources if (product, s) in self.first), default=None
        )

    def weeks(self, product: str, metric: Row, first_item: date | None) -> list[Week]:
        """Return the weeks from the first observation to the end of what is known.

        Metrics that need items begin with the first of them; counts with their sources.
        """
        calendar, sources = self.measures.calendar, self.sources(product, metric)
        begun = self.watched_from(product, sources)
        first = first_item or (calendar.week(begun) if begun else None)
        if first is None or not sources:
            return []
        until = min(self.measures.until[source] for source in sources)
        known = None
        if all(source in self.known for source in sources):
            known = min(self.known[source] for source in sources)
        found = []
        while calendar.start(first) < until:
            done_at = over_at(self.measures, metric, calendar.end(first))
            is_ripe = known is not None and done_at <= known
            found.append(Week(first, is_ripe, not is_ripe and done_at <= until))
            first += WEEK
        return found


def sides(measures: Measures, metric: Row) -> dict[str, Row]:
    """Return the measures of a metric by side."""
    return {
        side: measures.measures[metric[f"{side}_measure_id"]]
        for side in ("numerator", "denominator")
        if metric[f"{side}_measure_id"] and not metric.get("custom_model")
    }


def required_types(measures: Measures, product: str, metric: Row) -> Iterator[str]:
    """Return the event types that a metric cannot be known without."""
    if metric["kind"] == "reliability":
        yield from _ends_of(measures.kinds["incident"])
        return
    if metric["kind"] == "duration":
        yield from _ends_of(measures.kinds[metric["task_type_id"]])
        return
    if metric.get("custom_model"):
        yield from custom_types(measures, product, metric)
    for measure in sides(measures, metric).values():
        kind, name = measure["item_kind"], measure["item_type"]
        if kind == "event":
            yield name
        elif kind == "session":
            yield from (part.strip() for part in name.split(";"))
        elif kind in ("task", "outage"):
            yield from _ends_of(measures.kinds[name if kind == "task" else "incident"])
        else:
            yield from NEEDED[kind]
        if measure["followed_by_event_type"]:
            yield measure["followed_by_event_type"]
        for rule in measures.filters[measure["measure_id"]]:
            if rule["dimension"].startswith("open:"):
                yield from _ends_of(measures.kinds[rule["dimension"].removeprefix("open:")])


def custom_types(measures: Measures, product: str, metric: Row) -> Iterator[str]:
    """Return the event types behind a custom metric."""
    model, parameter = metric["custom_model"], metric["custom_parameter"]
    if model == "activation":
        for row in measures.registry["activations"]:
            if row["activation_id"] == parameter:
                yield from (row["start_event_type"], row["event_type"])
    elif model == "funnel":
        for row in measures.registry["funnels"]:
            if row["funnel_id"] == parameter:
                yield row["event_type"]
    elif model == "forecast_error":
        yield from ("forecast.made", "actual.observed")
    elif model == "people_over_limit":
        for row in measures.registry["people_limits"]:
            if row["limit_id"] == parameter:
                yield row["event_type"]
    else:
        for row in measures.registry["active_uses"]:
            if row["product_id"] == product:
                yield row["event_type"]


def _ends_of(kind: Row) -> Iterator[str]:
    yield from (kind["start_event_type"], kind["finish_event_type"])


def look_ahead(measures: Measures, metric: Row) -> float:
    """Return the hours that a week must be followed after its end."""
    if metric["kind"] == "duration":
        kind = measures.kinds[metric["task_type_id"]]
        return float(metric["tau_hours"]) + _reopen_hours(kind)
    if metric.get("custom_model"):
        return _custom_look_ahead(measures, metric)
    return max(
        (_side_look_ahead(measures, side) for side in sides(measures, metric).values()), default=0
    )


def _calendar_tau(measures: Measures, metric: Row) -> float:
    hours = measures.hours_of(measures.kinds[metric["task_type_id"]])
    tau = float(metric["tau_hours"])
    return hours.calendar_hours(tau) if hours and metric.get("clock") == "working" else tau


def over_at(measures: Measures, metric: Row, end: datetime) -> datetime:
    """Return when all that a week must wait for after its end has passed."""
    if metric["kind"] == "duration" and metric.get("clock") == "working":
        kind = measures.kinds[metric["task_type_id"]]
        hours = measures.hours_of(kind)
        assert hours
        return hours.after(end, float(metric["tau_hours"])) + _reopen_hours(kind) * HOUR
    return end + look_ahead(measures, metric) * HOUR


def _reopen_hours(kind: Row) -> float:
    return 24 * float(kind["reopen_window_days"] or 0) if kind["reopen_event_type"] else 0


def _custom_look_ahead(measures: Measures, metric: Row) -> float:
    model, parameter = metric["custom_model"], metric["custom_parameter"]
    registry = measures.registry
    if model == "retention":
        # calendar weeks, one of which may have an hour more
        return int(parameter) * 168 + 1
    if model == "activation":
        (goal,) = [r for r in registry["activations"] if r["activation_id"] == parameter]
        return 24 * float(goal["within_days"])
    if model == "funnel":
        return next(
            float(r["window_hours"]) for r in registry["funnels"] if r["funnel_id"] == parameter
        )
    return 0


def _side_look_ahead(measures: Measures, measure: Row) -> float:
    """Return how long a side may change: until its deadline, its end, its follower, its verdict."""
    asked = {rule["dimension"] for rule in measures.filters[measure["measure_id"]]}
    asked |= {measure["quantity"]} & OWN_ENDS
    rollback = 24 * float(measures.settings.get("rollback_window_days", 7))
    kind = measure["item_kind"]
    follower = 0.0
    if measure["aggregate"] != "open_at_period_end":
        follower = float(measure["followed_within_hours"] or 0)
    if kind == "release" or (kind in ("deployment", "change") and asked & set(OUTCOMES)):
        return max(rollback, follower)
    if kind == "session":
        # one that began on Sunday evening may go on
        return 24
    if measure["aggregate"] == "open_at_period_end":
        return 0
    hours = 0.0
    ends = kind == "task" and bool(asked & ENDS)
    if measure["anchor"] != "deadline":
        if measure["deadline_hours"]:
            hours = float(measure["deadline_hours"])
        elif ends:
            hours = max(
                (_calendar_tau(measures, m) for m in measures.metrics.values()
                 if m["task_type_id"] == measure["item_type"] and m["tau_hours"]), default=0
            )  # fmt: skip
    if ends:
        hours += _reopen_hours(measures.kinds[measure["item_type"]])
    return max(hours, follower)
