"""The oracle: every metric of an organisation in every period, from items by the definitions."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from tests.oracles import oracle_intervals as interval_of
from tests.oracles import oracle_items as items_of
from tests.oracles import oracle_times
from tests.oracles.oracle_custom import Custom
from tests.oracles.oracle_events import Event, Row
from tests.oracles.oracle_grid import GRAINS, Grid, Period, Week, periods, sides
from tests.oracles.oracle_measures import HOUR, Counted, Measures
from tests.oracles.oracle_people import behind, still_open
from tests.oracles.oracle_usage import quantile

PER_HOUR = {"seconds": 3600.0, "minutes": 60.0, "days": 1 / 24}
DISTINCT = ("distinct_people", "distinct_subjects", "distinct_actors")
COUNTS = ("count", *DISTINCT)
Key = tuple[str, str, str, date]


@dataclass(frozen=True)
class Reading:
    """What a metric says of one period, or why it says nothing."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    unit_count: int = 0
    ci_low: float | None = None
    ci_high: float | None = None
    is_ripe: bool = False
    is_provisional: bool = False
    reason: str | None = None
    person_count: int = 0
    open_count: int | None = None
    method: str | None = None


class Oracle(Measures):
    """All metrics of an organisation."""

    def __init__(
        self, registry: dict[str, list[Row]], events: list[Event], as_of: datetime,
        signs: dict[str, list[Event]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(registry, events, as_of)
        self.grid, self.custom = Grid(self, signs), Custom(self)
        self._weeks: dict[tuple[str, str], list[Week]] = {}
        self._cohorts: dict[tuple[str, str], dict[date, list[items_of.Task]]] = {}
        self.people: dict[tuple[str, str], dict[date, set[str]]] = {}
        self._sums: dict[tuple[str, str], dict[date, float]] = {}

    @cached_property
    def product_metrics(self) -> set[tuple[str, str]]:
        """Return what is computed for whom: KPIs, what stands beside them, and all parents."""
        products = {row["kpi_id"]: row["product_id"] for row in self.registry["kpis"]}
        found = {(row["product_id"], row["metric_id"]) for row in self.registry["kpis"]}
        for name in ("balances", "tripwires"):
            found |= {(products[r["kpi_id"]], r["metric_id"]) for r in self.registry[name]}
        found |= {(r["product_id"], r["metric_id"]) for r in self.registry["watched_metrics"]}
        waiting = list(found)
        while waiting:
            product, metric = waiting.pop()
            for parent in parents_of(self.metrics[metric]):
                if (product, parent) not in found:
                    found.add((product, parent))
                    waiting.append((product, parent))
        return found

    def readings(self) -> dict[Key, Reading]:
        """Return every reading of every metric: (product, metric, grain, first day)."""
        from tests.oracles.oracle_derived import derived

        found: dict[Key, Reading] = {}
        later = []
        for product, metric_id in sorted(self.product_metrics):
            if self.metrics[metric_id]["kind"] == "derived":
                later.append((product, metric_id))
                continue
            for name, period, reading in self.own(product, metric_id):
                found[product, name, period.grain, period.start] = reading
        parents = dict(found)
        for product, metric_id in later:
            found |= derived(self, product, self.metrics[metric_id], parents)
        return found

    def own(self, product: str, metric_id: str) -> Iterable[tuple[str, Period, Reading]]:
        """Return the readings of a metric that stands on its own items, companions beside it."""
        metric = self.metrics[metric_id]
        for period in periods(self.weeks(product, metric_id)):
            for suffix, reading in self._read(product, metric, period):
                ripe = replace(
                    reading, is_ripe=period.is_ripe, is_provisional=period.is_provisional,
                    person_count=behind(self, product, metric, period, suffix),
                    open_count=still_open(self, product, metric, period, suffix),
                )  # fmt: skip
                told = enough(ripe, metric)
                method = interval_of.method(
                    metric, suffix, told.numerator, told.ci_low, told.ci_high
                )
                yield metric_id + suffix, period, replace(told, method=method)

    def weeks(self, product: str, metric_id: str) -> list[Week]:
        """Return the grid of a metric of its own."""
        key = (product, metric_id)
        if key not in self._weeks:
            metric = self.metrics[metric_id]
            first = min(self._item_weeks(product, metric), default=None)
            self._weeks[key] = self.grid.weeks(product, metric, first)
        return self._weeks[key]

    def _item_weeks(self, product: str, metric: Row) -> Iterable[date]:
        """Return the weeks of items without which there is no value."""
        if metric["kind"] == "duration":
            return self.cohorts(product, metric)
        if metric.get("custom_model"):
            return self.custom.first_weeks(product, metric)
        side = "numerator" if metric["kind"] == "quantile" else "denominator"
        measure = sides(self, metric).get(side)
        if measure is None or measure["aggregate"] == "open_at_period_end":
            return []
        return [week for week, items in self.flow(product, measure).items() if items]

    def _read(
        self, product: str, metric: Row, period: Period
    ) -> Iterable[tuple[str, Reading]]:  # fmt: skip
        if metric["kind"] == "duration":
            return self._durations(product, metric, period)
        is_bare = period.grain != "week" and not period.has_ripe_week
        if is_bare:
            return [("", Reading(reason="not_ripe"))]
        if metric["kind"] == "quantile":
            return [("", self._quantile(product, metric, period))]
        if metric["kind"] == "reliability":
            return [("", self._reliability(product, metric, period))]
        if metric.get("custom_model"):
            return [("", self._custom(product, metric, period))]
        return [("", self._ratio(product, metric, period))]

    # durations

    def cohorts(self, product: str, metric: Row) -> dict[date, list[items_of.Task]]:
        """Return the tasks of a duration by the week in which they started."""
        key = (product, metric["task_type_id"])
        if key not in self._cohorts:
            found: dict[date, list[items_of.Task]] = defaultdict(list)
            for task in self.tasks[metric["task_type_id"]]:
                if task.product == product:
                    found[self.calendar.week(task.started_at)].append(task)
            self._cohorts[key] = found
        return self._cohorts[key]

    def restricted(self, metric: Row, task: items_of.Task) -> float:
        """Return min(T, tau) in the metric's unit; what is open or cancelled counts tau."""
        tau, time = float(metric["tau_hours"]), time_of(metric, task)
        return min(tau if time is None else time, tau) * PER_HOUR.get(metric["unit"], 1.0)

    def _durations(
        self, product: str, metric: Row, period: Period
    ) -> Iterable[tuple[str, Reading]]:  # fmt: skip
        cohorts = self.cohorts(product, metric)
        tasks = [task for week in period.weeks for task in cohorts.get(week, [])]
        if not period.has_ripe_week:
            for suffix in ("_finished_mean", "_finished_p90", "_median"):
                yield suffix, Reading(reason="not_ripe")
            yield "", Reading(None, None, len(tasks), len(tasks), reason="not_ripe")
            return
        unit = PER_HOUR.get(metric["unit"], 1.0)
        times = [self.restricted(metric, task) for task in tasks]
        finished = [t * unit for t in (time_of(metric, task) for task in tasks) if t is not None]
        count, done = len(times), len(finished)
        missing = None if done else "no_items"
        if count:
            low, high = interval_of.mean(times)
            total = math.fsum(times)
            yield "", Reading(total / count, total, count, count, low, high)
        else:
            yield "", Reading(reason="no_items")
        total = math.fsum(finished)
        yield "_finished_mean", Reading(total / done if done else None, total, done, done,
                                        *oracle_times.cox(finished), reason=missing)  # fmt: skip
        tail = interval_of.order_statistics(finished, 0.9)
        yield "_finished_p90", Reading(quantile(finished, 0.9), None, done, done, *tail,
                                       reason=missing)  # fmt: skip
        # the smallest time by which half of all have finished, the others never
        place = math.ceil(count / 2)
        reached = sorted(finished)[place - 1] if count and place <= done else None
        reason = "median_not_reached" if count and reached is None else None
        yield "_median", Reading(reached, None, count, count, *oracle_times.median(finished, count),
                                 reason=reason if count else "no_items")  # fmt: skip

    # quantiles

    def quantities(self, product: str, metric_id: str) -> dict[date, list[tuple[float, int]]]:
        """Return what a quantile is taken of, with the sampling rate, by week."""
        measure = self.measures[self.metrics[metric_id]["numerator_measure_id"]]
        return {
            week: [(amount / item.weight, item.weight) for item, amount in counted]
            for week, counted in self.flow(product, measure).items()
        }

    def _quantile(self, product: str, metric: Row, period: Period) -> Reading:
        told = self.quantities(product, metric["metric_id"])
        items = [item for week in period.weeks for item in told.get(week, [])]
        values, count = [value for value, _ in items], len(items)
        if not items:
            return Reading(reason="no_items")
        if len({rate for _, rate in items}) > 1:
            return Reading(None, None, count, count, reason="mixed_sampling")
        share = int(metric["statistic"][1:]) / 100
        interval = interval_of.order_statistics(values, share)
        return Reading(quantile(values, share), None, count, count, *interval)

    # ratios, counts and stocks

    def _ratio(self, product: str, metric: Row, period: Period) -> Reading:
        mine = sides(self, metric)
        above = mine["numerator"]
        below = mine.get("denominator")
        # what is open at the end of a period adds up with nothing
        is_union = all(
            side["aggregate"] in (*DISTINCT, "open_at_period_end") for side in mine.values()
        )
        numerator = self.amount(product, above, period.weeks, is_union)
        if metric["kind"] == "stock":
            return Reading(numerator, numerator, None, round(numerator))
        if below is None:
            natural = GRAINS[metric["natural_period"]]
            denominator = len(period.weeks) / natural
            units = self._count_items(product, above, period.weeks)
        else:
            denominator = self.amount(product, below, period.weeks, is_union)
            units = self._units(product, metric, below, period.weeks, denominator)
        is_count = above["aggregate"] in COUNTS
        return rate(metric["kind"], numerator, denominator, units, is_count)

    def _units(
        self, product: str, metric: Row, below: Row, weeks: Iterable[date], denominator: float
    ) -> int:
        if metric["kind"] == "proportion":
            return round(denominator)
        if metric["kind"] == "ratio_of_sums" and below["aggregate"] != "open_at_period_end":
            flow = self.flow(product, below)
            units = {_unit(item, below) for week in weeks for item, _ in flow.get(week, [])}
            return len(units - {None})
        return self._count_items(product, below, weeks)

    def _count_items(self, product: str, measure: Row, weeks: Iterable[date]) -> int:
        if measure["aggregate"] == "open_at_period_end":
            return len(self.open_items(product, measure, max(weeks)))
        flow = self.flow(product, measure)
        return sum(len(flow.get(week, [])) for week in weeks)

    def amount(
        self, product: str, measure: Row, weeks: Iterable[date], is_union: bool
    ) -> float:  # fmt: skip
        """Return what a side adds up to; stocks take the last week, unions count once."""
        if measure["aggregate"] == "open_at_period_end":
            return float(len(self.open_items(product, measure, max(weeks))))
        flow = self.flow(product, measure)
        if is_union:
            return float(len(_distinct([x for w in weeks for x in flow.get(w, [])], measure)))
        key = (product, measure["measure_id"])
        if key not in self._sums:
            is_distinct = measure["aggregate"] in DISTINCT
            self._sums[key] = {
                week: float(len(_distinct(counted, measure))) if is_distinct
                else math.fsum(amount for _, amount in counted)
                for week, counted in flow.items()
            }  # fmt: skip
        return math.fsum(self._sums[key].get(week, 0.0) for week in weeks)

    def clusters(
        self, product: str, metric: Row, weeks: Iterable[date]
    ) -> dict[str, tuple[float, float]]:
        """Return what each independent unit adds to both sides of a ratio."""
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for number, measure in enumerate(sides(self, metric).values()):
            flow = self.flow(product, measure)
            for week in weeks:
                for item, amount in flow.get(week, []):
                    unit = _unit(item, measure)
                    if unit is not None:
                        sums[unit][number] += amount
        return {unit: (above, below) for unit, (above, below) in sums.items()}

    def _custom(self, product: str, metric: Row, period: Period) -> Reading:
        known = self.custom.parts(product, metric)
        parts = [known[week] for week in period.weeks if week in known]
        denominator = math.fsum(part.denominator for part in parts)
        units = (
            round(denominator)
            if metric["kind"] == "proportion" or metric["custom_model"] == "forecast_error"
            else max((part.people for part in parts), default=0)
        )
        numerator = math.fsum(part.numerator for part in parts)
        return rate(metric["kind"], numerator, denominator, units, False)

    # reliability

    def _reliability(self, product: str, metric: Row, period: Period) -> Reading:
        sources = self.grid.sources(product, metric)
        begun = self.grid.watched_from(product, sources) or self.as_of
        until = min(self.until[source] for source in sources)
        first = max(self.calendar.start(period.weeks[0]), begun)
        last = min(self.calendar.end(period.weeks[-1]), until)
        spans = [
            (max(self.calendar.start(week), begun), min(self.calendar.end(week), until))
            for week in period.weeks
        ]
        outages = self.outages(product)
        stops = items_of.unions([t for t in self.incidents if t.product == product])
        up = math.fsum(
            (to - since) / HOUR - sum(_overlap(stop, since, to) for stop in stops)
            for since, to in spans
        )
        started = [
            o.started_at for o in outages
            if any(since <= o.started_at < to for since, to in spans)
        ]  # fmt: skip
        if metric["statistic"] == "availability":
            down = math.fsum(_overlap(o, since, to) for o in outages for since, to in spans)
            return replace(rate("reliability", up, up + down, len(started), False))
        low, high = interval_of.time_between(up, len(started))
        if not started:
            return Reading(None, up, None, 0, low, high, reason="no_failures")
        if abs(_trend([at for at in started if first <= at < last], first, last)) > 1.96:
            return Reading(None, up, len(started), len(started), reason="trend_in_failures")
        return Reading(up / len(started), up, len(started), len(started), low, high)


def time_of(metric: Row, task: items_of.Task) -> float | None:
    """Return the hours that a task took by the metric's clock, None unless it is finished."""
    if metric.get("clock") == "working":
        return None if task.working is None else task.working / HOUR
    return task.hours


def parents_of(metric: Row) -> list[str]:
    """Return the metrics that a derived metric is made of, in order."""
    return [part.strip() for part in metric["derived_metric_ids"].split(";") if part.strip()]


def rate(
    kind: str, numerator: float, denominator: float, units: int, is_count: bool
) -> Reading:  # fmt: skip
    """Return a ratio with the interval of its kind."""
    if not denominator:
        return Reading(None, numerator, None, units, reason="no_denominator")
    value, low, high = numerator / denominator, None, None
    if kind == "proportion":
        low, high = interval_of.wilson(value, denominator)
    elif kind == "count_rate" and is_count:
        low, high = (limit / denominator for limit in interval_of.poisson(round(numerator)))
    return Reading(value, numerator, denominator, units, low, high)


def enough(reading: Reading, metric: Row) -> Reading:
    """Take the value away where fewer units stand behind it than the metric asks for."""
    least = int(metric.get("minimum_n") or 0)
    if reading.value is None or reading.unit_count >= least:
        return reading
    return replace(reading, value=None, ci_low=None, ci_high=None, reason="too_few")


def _distinct(counted: Counted, measure: Row) -> set[str]:
    if measure["aggregate"] == "distinct_people":
        return {item.person for item, _ in counted if item.person}
    if measure["aggregate"] == "distinct_actors":
        return {item.actor for item, _ in counted if item.actor}
    return {item.subject for item, _ in counted if item.subject}


def _unit(item: object, measure: Row) -> str | None:
    name = {"subject": "subject", "actor": "actor"}.get(measure["unit_key"])
    if name:
        return getattr(item, name)
    key = getattr(item, "id")  # noqa: B009
    return "|".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _overlap(outage: items_of.Outage, first: datetime, last: datetime) -> float:
    end = min(outage.ended_at or last, last)
    return max((end - max(outage.started_at, first)) / HOUR, 0.0)


def _trend(onsets: list[datetime], first: datetime, last: datetime) -> float:
    """Return Laplace's statistic of onsets crowding to an end; 0 of fewer than four."""
    count = len(onsets)
    if count < 4 or last <= first:
        return 0.0
    mean = math.fsum((at - first) / HOUR for at in onsets) / count
    return math.sqrt(12 * count) * (mean / ((last - first) / HOUR) - 0.5)
