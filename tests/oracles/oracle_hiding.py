"""The oracle's hiding: which periods of whole products may not be shown, and by which rule.

Written from docs/suppression.md. Nothing here looks at the warehouse.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_grid import Period, periods, sides
from tests.oracles.oracle_metrics import Key, Oracle, Reading, parents_of
from tests.oracles.oracle_people import OPEN, is_small, least_people, reason_of
from tests.oracles.oracle_segments import SegmentOracle
from tests.oracles.oracle_tables import growth_is_small, has_small_step, small_cells

LONGER = ("fortnight", "four_weeks", "month", "thirteen_weeks", "quarter")
COMPANIONS = ("", "_finished_mean", "_finished_p90", "_median")
RULES = ("few people", "nobody or everybody", "small part", "weeks within", "roster")
"""Rules that the sample needs; the golden products need all that there are."""
SHARES = ("proportion", "ratio_of_sums")
Weeks = frozenset[date]
Place = tuple[str, date]
"""Grain and first day."""
Roster = dict[str, frozenset[str]]
"""Sides on which each person is."""


def telling(
    told: Mapping[Place, Period], hidden: set[Place], is_crowd: Callable[[Weeks], bool]
) -> set[Place]:
    """Return the longer periods that give hidden weeks away, from the shortest to the longest.

    A block is a set of hidden weeks whose sum follows from what is shown.
    """
    secret = {start for grain, start in hidden if grain == "week"}
    found: set[Place] = set()
    blocks: list[Weeks] = []
    for grain in LONGER:
        new: list[Weeks] = []
        for place, period in told.items():
            if place[0] != grain or place in hidden:
                continue
            inside = secret.intersection(period.weeks)
            touched = [block for block in blocks if block & inside]
            free = frozenset(inside.difference(*touched))
            is_whole = all(block <= inside for block in touched)
            if is_whole and (not free or (len(free) >= 2 and is_crowd(free))):
                new += [free] if free else []
            else:
                found.add(place)
        blocks += new
    return found


def going_out(rosters: Mapping[date, Roster], least: int) -> set[date]:
    """Return the weeks whose roster is published after the last one that was."""
    shown: set[date] = set()
    last: Roster | None = None
    for week, roster in sorted(rosters.items()):
        before = last or {}
        changed = sum(roster.get(who) != before.get(who) for who in roster | before)
        is_far = last is None or changed == 0 or changed >= least
        if len(roster) >= max(least, 1) and is_far:
            shown.add(week)
            last = roster
    return shown


class Hiding:
    """Walks from rule to rule; `rules` tells for each hidden period which one hid it first."""

    def __init__(self, oracle: Oracle, readings: Mapping[Key, Reading]) -> None:
        self.oracle, self.readings = oracle, readings
        self.rules: dict[Key, str] = {}
        self._by_metric: dict[tuple[str, str], list[tuple[Key, Reading]]] = defaultdict(list)
        for key, reading in readings.items():
            self._by_metric[key[:2]].append((key, reading))
        for product, name in sorted(oracle.product_metrics):
            metric = oracle.metrics[name]
            if metric["subject_kind"] == "person":
                self._hide_people(product, metric)
            elif (metric.get("subjects_are_people") or "").lower() == "true":
                self._hide_records(product, metric)
        self._hide_relatives()

    @property
    def counts(self) -> Counter[str]:
        """Return how many periods each rule hides."""
        return Counter(self.rules.values())

    def _hide(self, key: Key, rule: str | None) -> None:
        if rule:
            self.rules.setdefault(key, rule)

    # metrics about people

    def _hide_people(self, product: str, metric: Row) -> None:
        if metric["kind"] == "derived":
            for key, reading in self._judged(product, metric["metric_id"]).items():
                self._hide(key, self._few(metric, reading, 0.0))
            return
        mine = sides(self.oracle, metric).values()
        is_open = any(side["aggregate"] == OPEN for side in mine)
        whole = None
        if not metric.get("custom_model"):
            whole = SegmentOracle(self.oracle, product, metric["metric_id"], None)
        told = {(p.grain, p.start): p for p in periods(self._weeks(product, metric))}
        rosters = self._rosters_that_go_out(product, metric) if is_open else set()
        for suffix in COMPANIONS if metric["kind"] == "duration" else COMPANIONS[:1]:
            judged = self._judged(product, metric["metric_id"] + suffix)
            for key, reading in judged.items():
                period = told[key[2:]]
                top = whole.cell("all", period.weeks).top_share if whole else 0.0
                if is_open and (not period.weeks or max(period.weeks) not in rosters):
                    self._hide(key, "roster")
                if self._has_small_part(product, metric, period):
                    self._hide(key, "small part")
                self._hide(key, self._few(metric, reading, top, suffix))
            if not is_open:
                self._hide_longer(
                    {key: told[key[2:]] for key in judged},
                    self._is_crowd(product, metric, whole, suffix),
                )

    def _weeks(self, product: str, metric: Row) -> list:
        return self.oracle.weeks(product, metric["metric_id"])

    def _judged(self, product: str, name: str) -> dict[Key, Reading]:
        """Return the periods that say anything: of nobody and nothing there is nothing to hide."""
        return {
            key: reading for key, reading in self._by_metric[product, name]
            if reading.value is not None or reading.person_count > 0
        }  # fmt: skip

    def _few(self, metric: Row, reading: Reading, top: float, suffix: str = "") -> str | None:
        is_extreme = (
            metric["kind"] in SHARES
            and bool(reading.denominator)
            and reading.numerator in (0, reading.denominator)
        )
        return reason_of(
            reading.person_count, least_people(self.oracle, metric, suffix), is_extreme, top
        )

    def _is_crowd(
        self, product: str, metric: Row, whole: SegmentOracle | None, suffix: str
    ) -> Callable[[Weeks], bool]:
        """Return whether some weeks together hold people enough to be told as one sum."""
        least = least_people(self.oracle, metric, suffix)
        if whole:
            return lambda weeks: len(whole.cell("all", weeks).people) >= least
        if metric["custom_model"] not in ("retention", "activation"):
            # nobody knows how many of them are the same
            return lambda weeks: False
        parts = self.oracle.custom.parts(product, metric)

        def is_enough(weeks: Weeks) -> bool:
            mine = [parts[week] for week in weeks if week in parts]
            above, below = sum(p.numerator for p in mine), sum(p.denominator for p in mine)
            return bool(below) and not is_small(above, below, least)

        return is_enough

    def _hide_longer(self, told: Mapping[Key, Period], is_crowd: Callable[[Weeks], bool]) -> None:
        places = {key[2:]: period for key, period in told.items()}
        hidden = {key[2:] for key in told if key in self.rules}
        given_away = telling(places, hidden, is_crowd)
        for key in told:
            self._hide(key, "weeks within" if key[2:] in given_away else None)

    def _rosters_that_go_out(self, product: str, metric: Row) -> set[date]:
        rosters = {
            week.start: self._roster(product, metric, week.start)
            for week in self._weeks(product, metric)
            if week.is_ripe
        }
        return going_out(rosters, least_people(self.oracle, metric))

    def _roster(self, product: str, metric: Row, week: date) -> Roster:
        """Return who is in a metric that counts what is open, and on which sides."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, side in sides(self.oracle, metric).items():
            if side["aggregate"] == OPEN:
                for task in self.oracle.open_items(product, side, week):
                    if task.actor:
                        found[task.actor].add(name)
        return {who: frozenset(names) for who, names in found.items()}

    # custom metrics

    def _has_small_part(self, product: str, metric: Row, period: Period) -> bool:
        """Return whether few did, or few did not, what a custom share of people counts."""
        model = metric.get("custom_model")
        if not model or metric["kind"] != "proportion":
            return False
        parts = self.oracle.custom.parts(product, metric)
        mine = [parts[week] for week in period.weeks if week in parts]
        usual = int(self.oracle.settings.get("suppression_k", 5))
        above, below = sum(p.numerator for p in mine), sum(p.denominator for p in mine)
        if is_small(above, below, usual):
            return True
        if period.grain != "week" or not mine:
            return False
        week, name = period.start, metric["custom_parameter"]
        if model == "churn":
            return growth_is_small(self.oracle, product, week)
        if model == "retention":
            return (week, int(name)) in small_cells(self.oracle, product)
        if model == "funnel":
            entries = self.oracle.custom.entries(product, name).get(week, [])
            return has_small_step(self.oracle, self.oracle.custom.funnel(name), entries)
        if model == "people_over_limit":
            return is_small(above, below, int(self.oracle.settings["suppression_k_sensitive"]))
        return False

    # records that are people

    def _hide_records(self, product: str, metric: Row) -> None:
        mine = sides(self.oracle, metric)
        counted = mine.get("denominator") or mine["numerator"]
        least = int(self.oracle.settings.get("suppression_k_sensitive", 10))

        def subjects(weeks: Iterable[date]) -> set[str | None]:
            if counted["aggregate"] == OPEN:
                items = [x for w in weeks for x in self.oracle.open_items(product, counted, w)]
            else:
                flow = self.oracle.flow(product, counted)
                items = [item for w in weeks for item, _ in flow.get(w, [])]
            return {item.subject for item in items} - {None}

        told: dict[Key, Period] = {}
        by_place = {(p.grain, p.start): p for p in periods(self._weeks(product, metric))}
        for key, reading in self._by_metric[product, metric["metric_id"]]:
            if reading.value is not None or reading.unit_count > 0 or reading.numerator:
                told[key] = by_place[key[2:]]
                weeks = told[key].weeks
                used = weeks[-1:] if counted["aggregate"] == OPEN else weeks
                if len(subjects(used)) < least:
                    self._hide(key, "few records")
        if any(side["aggregate"] != OPEN for side in mine.values()):
            self._hide_longer(told, lambda weeks: len(subjects(weeks)) >= least)

    # what else would tell it

    def _hide_relatives(self) -> None:
        """Hide metrics on the same counts, and then all that is derived from what is hidden."""
        measured: dict[tuple[str, str], set[str]] = defaultdict(set)
        children: dict[tuple[str, str], set[str]] = defaultdict(set)
        for product, name in self.oracle.product_metrics:
            metric = self.oracle.metrics[name]
            for side in sides(self.oracle, metric).values():
                measured[product, side["measure_id"]].add(name)
            for parent in parents_of(metric):
                children[product, parent].add(name)
        for key in list(self.rules):
            product, name, *place = key
            if name not in self.oracle.metrics:
                continue
            for side in sides(self.oracle, self.oracle.metrics[name]).values():
                for other in measured[product, side["measure_id"]]:
                    self._hide_if_told((product, other, *place), "same counts")
        for key in list(self.rules):
            for child in children[key[:2]]:
                self._hide_if_told((key[0], child, *key[2:]), "derived")

    def _hide_if_told(self, key: tuple, rule: str) -> None:
        if key in self.readings:
            self._hide(key, rule)
