"""The oracle's bounds where finishes of tasks are missing, and what they leave of trust.

Written from docs/suppression.md, *Withheld for want of trust*, and the method's worst cases.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_grid import ENDS, WEEK, Period, periods, sides
from tests.oracles.oracle_items import Task
from tests.oracles.oracle_metrics import PER_HOUR, Key, Oracle, Reading, time_of
from tests.oracles.oracle_trust import MINOR, PAST, Check, Trust

Bounds = tuple[float, float | None]
MISSING_FINISHES, VOLUME, SCHEMA = 5, 11, 12
LOST = (MISSING_FINISHES, 17, 20)
COSTS = 2
"""The severity from which a check costs a verdict."""


class BoundsOracle:
    """Least and greatest value of each period that missing finishes touch."""

    def __init__(
        self, oracle: Oracle, readings: Mapping[Key, Reading], trust: Trust, checks: Iterable[Check]
    ) -> None:
        self.oracle, self.readings, self.trust = oracle, readings, trust
        checks = list(checks)
        self.fired = {
            (source, name, week) for source, name, week, check, severity, *_ in checks
            if check == MISSING_FINISHES and severity
        }  # fmt: skip
        self.ahead = {
            (source, name, week - WEEK) for source, name, week, check, severity, is_few, _ in checks
            if severity >= COSTS and _is_loss(check, name, is_few)
        }  # fmt: skip
        self.known = [
            (source, name, week, lost) for source, name, week, _, severity, _, lost in checks
            if severity and lost
        ]  # fmt: skip
        self.judged = {
            (source, name, week) for source, name, week, check, *_ in checks
            if check == MISSING_FINISHES
        }  # fmt: skip
        self.failed = [
            (source, name, week, check) for source, name, week, check, severity, is_few, _ in checks
            if severity >= COSTS and _is_loss(check, name, is_few)
        ]  # fmt: skip
        self.missing: dict[Key, float] = {}
        """The share of a period's items that may have ended unseen."""
        self.found = dict(self._all()) if self.fired | self.ahead else {}

    def unsure(self) -> dict[tuple[str, str, date], str]:
        """Return the best grade of the metrics' weeks for whose tasks finishes may be missing."""
        found = {}
        for (product, name, grain, week), share in self.missing.items():
            metric = self.oracle.metrics.get(name)
            if not metric or grain != "week":
                continue
            lost = [p for p, w in self._parts_ahead(product, metric) if w == week]
            if not lost:
                continue
            low, high = self.found.get((product, name, grain, week), (0.0, 0.0))
            value = self.readings[product, name, grain, week].value
            off = (high - low) / abs(value) if value and high is not None else 0.0
            is_full = any(self.trust.counts_fully(product, part, week + WEEK) for part in lost)
            found[product, name, week] = "C" if is_full and max(share, off) >= MINOR else "B"
        for place, grade in [*self._with_known_losses(), *self._of_earlier_weeks()]:
            found[place] = max(grade, found.get(place, "A"))
        return found | self._too_wide() | self._above_one()

    def _above_one(self) -> dict[tuple[str, str, date], str]:
        """Return D for weeks of shares with more parts than their whole."""
        above = {
            key for key, told in self.readings.items()
            if key[1] in self.oracle.metrics and told.numerator and told.denominator is not None
            and self.oracle.metrics[key[1]]["kind"] == "proportion"
            and told.numerator > told.denominator
        }  # fmt: skip
        weeks = {(*key[:2], key[3]) for key in above if key[2] == "week"}
        found = dict.fromkeys(weeks, "D")
        for product, name in {key[:2] for key in above}:
            for period in periods(self.oracle.weeks(product, name)):
                own = [(product, name, week) for week in period.weeks]
                is_above = (product, name, period.grain, period.start) in above
                if own and is_above and not weeks & set(own):
                    found[own[-1]] = "D"
        return found

    def _with_known_losses(self) -> Iterable[tuple[tuple[str, str, date], str]]:
        """Return the best grade of weeks in which some finishes are known to be lost, or after."""
        finishes = {row["finish_event_type"] for row in self.oracle.kinds.values()}
        for product, name in sorted(self.oracle.product_metrics):
            metric = self.oracle.metrics[name]
            if metric["kind"] != "duration":
                continue
            cohorts = self.oracle.cohorts(product, metric)
            for part in self.trust.parts(product, metric):
                for source, kind, week, lost in self.known:
                    if source != part[0] or part[1] not in finishes or kind not in ("*", part[1]):
                        continue
                    is_full = self.trust.counts_fully(product, part, week)
                    for of in (week, week - WEEK):
                        share = self._share_of(product, metric, of, cohorts.get(of, []), lost)
                        if share is not None:
                            yield (product, name, of), "C" if is_full and share >= MINOR else "B"

    def _of_earlier_weeks(self) -> Iterable[tuple[tuple[str, str, date], str]]:
        """Return the best grade of weeks that count as open what earlier weeks lost the ends of."""
        finishes = {row["finish_event_type"] for row in self.oracle.kinds.values()}
        (block,) = (
            float(row["block"]) for row in self.oracle.registry["check_thresholds"]
            if row["check_id"] == str(MISSING_FINISHES)
        )  # fmt: skip
        for product, name in sorted(self.oracle.product_metrics):
            metric = self.oracle.metrics[name]
            for part in self.trust.parts(product, metric):
                starts: dict[tuple[str, int], set[date]] = defaultdict(set)
                for source, kind, week, check in self.failed if part[1] in finishes else []:
                    if source == part[0] and kind in ("*", part[1]):
                        after = week + WEEK
                        starts[kind, check] |= {week - WEEK, week}
                        is_judged = (source, part[1], after) in self.judged
                        if check == MISSING_FINISHES and not is_judged:
                            starts[kind, check].add(after)
                for begun in starts.values():
                    for week, share in self._shares_begun(product, metric, begun):
                        is_full = self.trust.counts_fully(product, part, week)
                        worst = "D" if share >= block else "C" if share >= MINOR else "B"
                        yield (product, name, week), worst if is_full else "B"

    def _shares_begun(
        self, product: str, metric: Row, begun: set[date]
    ) -> Iterable[tuple[date, float]]:
        """Return weeks with the share of what they count that began in some weeks and is open."""
        week_of = self.oracle.calendar.week
        mine = sides(self.oracle, metric)
        if not self._is_share_of_ends(metric):
            mine = {side: m for side, m in mine.items() if m["aggregate"] == "open_at_period_end"}
        for side, measure in mine.items():
            is_stock = measure["aggregate"] == "open_at_period_end"
            flow = {} if is_stock else self.oracle.flow(product, measure)
            for week in (w.start for w in self.oracle.weeks(product, metric["metric_id"])):
                if is_stock:
                    items = self.oracle.open_items(product, measure, week)
                    total: float | None = len(items)
                elif side == "denominator":
                    items = [item for item, _ in flow.get(week, [])]
                    key = (product, metric["metric_id"], "week", week)
                    total = self.readings[key].denominator if key in self.readings else None
                else:
                    continue
                lost = [
                    item for item in items if week > week_of(item.occurred_at) in begun
                    and week <= week_of(item.occurred_at) + PAST * WEEK
                    and item.facts["state"] == "open"
                ]  # fmt: skip
                if lost and total:
                    yield week, len(lost) / total

    def _share_of(
        self, product: str, metric: Row, week: date, tasks: list[Task], lost: int
    ) -> float | None:
        """Return what share of a week's tasks, or of its value, so many lost finishes may be of."""
        told = self.readings.get((product, metric["metric_id"], "week", week))
        times = [self.oracle.restricted(metric, task) for task in tasks if task.state == "open"]
        if told is None or not times:
            return None
        of_items = min(lost, len(times)) / len(tasks)
        of_value = of_items * len(tasks) * math.fsum(times) / len(times)
        return max(of_items, of_value / told.numerator if told.numerator else 0.0)

    def _parts_ahead(self, product: str, metric: Row) -> list[tuple[tuple[str, str, bool], date]]:
        """Return what stands behind a metric, and Mondays before those of which it lost ends."""
        finishes = {row["finish_event_type"] for row in self.oracle.kinds.values()}
        return [
            (part, week) for part in self.trust.parts(product, metric)
            for told, kind, week in self.ahead
            if told == part[0] and kind in ("*", part[1]) and part[1] in finishes
        ]  # fmt: skip

    def _too_wide(self) -> dict[tuple[str, str, date], str]:
        """Return the best grade, C, of weeks whose bounds are wider than a margin of theirs."""
        found = {}
        products = {row["kpi_id"]: row["product_id"] for row in self.oracle.registry["kpis"]}
        for row in self.oracle.registry["balances"]:
            mine = (products[row["kpi_id"]], row["metric_id"])
            for key, (low, high) in self.found.items():
                value = self.readings[key].value
                if key[:2] != mine or key[2] != "week" or high is None or value is None:
                    continue
                is_share = row["margin_scale"] != "absolute"
                margin = float(row["margin"]) * (abs(value) if is_share else 1)
                if high - low > margin * (1 + 1e-9):
                    found[*mine, key[3]] = "C"
        return found

    def _all(self) -> Iterable[tuple[Key, Bounds]]:
        for product, name in sorted(self.oracle.product_metrics):
            metric = self.oracle.metrics[name]
            weeks = {
                week for source, event_type, _ in self.trust.parts(product, metric)
                for told, kind, week in self.fired if (told, kind) == (source, event_type)
            } | {week for _, week in self._parts_ahead(product, metric)}  # fmt: skip
            is_share = self._is_share_of_ends(metric)
            if not weeks or not (is_share or metric["kind"] == "duration"):
                continue
            for period in periods(self.oracle.weeks(product, name)):
                if period.has_ripe_week:
                    of_period = self._share if is_share else self._times
                    yield from of_period(product, metric, period, weeks)

    # durations

    def _times(
        self, product: str, metric: Row, period: Period, fired: set[date]
    ) -> Iterable[tuple[Key, Bounds]]:
        cohorts, name = self.oracle.cohorts(product, metric), metric["metric_id"]
        tasks = [(week, task) for week in period.weeks for task in cohorts.get(week, [])]
        missing = [t for week, t in tasks if week in fired and t.state == "open"]
        if not missing:
            return
        key = (product, name, period.grain, period.start)
        mean = self.readings[key]
        self.missing[key] = len(missing) / len(tasks)
        if mean.value is not None and mean.numerator is not None:
            lost = math.fsum(self.oracle.restricted(metric, task) for task in missing)
            lost = min(lost, mean.numerator)
            yield key, ((mean.numerator - lost) / len(tasks), mean.numerator / len(tasks))
        key = (product, f"{name}_median", period.grain, period.start)
        told = self.readings[key]
        if told.value is not None or told.reason == "median_not_reached":
            low = _median_with_ended(metric, [task for _, task in tasks], missing)
            if low < math.inf:
                yield key, (low * PER_HOUR.get(metric["unit"], 1.0), told.value)

    # shares of tasks by how they ended

    def _is_share_of_ends(self, metric: Row) -> bool:
        mine = sides(self.oracle, metric)
        if metric["kind"] != "proportion" or len(mine) < 2:
            return False
        above, below = mine["numerator"], mine["denominator"]
        asked = {rule["dimension"] for rule in self.oracle.filters[above["measure_id"]]}
        return (
            above["item_kind"] == below["item_kind"] == "task"
            and above["item_type"] == below["item_type"]
            and above["aggregate"] == below["aggregate"] == "count"
            and bool(asked & ENDS)
        )

    def _share(
        self, product: str, metric: Row, period: Period, fired: set[date]
    ) -> Iterable[tuple[Key, Bounds]]:
        key = (product, metric["metric_id"], period.grain, period.start)
        told = self.readings[key]
        if told.value is None or told.numerator is None or not told.denominator:
            return
        counts = {}
        for side, measure in sides(self.oracle, metric).items():
            flow = self.oracle.flow(product, measure)
            counts[side] = sum(
                item.facts["state"] == "open"
                and self.oracle.calendar.week(item.occurred_at) in fired
                for week in period.weeks
                for item, _ in flow.get(week, [])
            )
        if missing := counts["denominator"]:
            met = told.numerator - counts["numerator"]
            self.missing[key] = missing / told.denominator
            yield key, (met / told.denominator, (met + missing) / told.denominator)


def _is_loss(check: int, name: str, is_few: bool | None) -> bool:
    """Tell whether a check that fails says that events of some type are lost."""
    is_of_source = name == "*"
    return check in LOST or (check == VOLUME and (is_of_source or is_few is True)) or (
        check == SCHEMA and is_of_source
    )  # fmt: skip


def _median_with_ended(metric: Row, tasks: list[Task], ended: list[Task]) -> float:
    """Return the median in hours if some of the tasks had ended at once; the others never did."""
    at_once = set(map(id, ended))
    times = []
    for task in tasks:
        time = 0.0 if id(task) in at_once else time_of(metric, task)
        times.append(math.inf if time is None else time)
    return sorted(times)[math.ceil(len(times) / 2) - 1]
