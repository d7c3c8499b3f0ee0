"""The oracle by segment: what each person added, and which segments may be shown.

Written from the definitions; the hiding walks from rule to rule as a person would on paper.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tests.oracles import oracle_intervals as interval_of
from tests.oracles.oracle_grid import GRAINS, bounds, sides
from tests.oracles.oracle_metrics import COUNTS, Oracle, Reading, enough, rate
from tests.oracles.oracle_people import NOBODYS, Cell, least_people


class SegmentOracle:
    """Segments of one product's metric, from the first week that each of them was seen in."""

    is_union = False

    def __init__(
        self, oracle: Oracle, product: str, metric_id: str, segment_type: str | None
    ) -> None:
        """Divide a metric by a type of segment; without one the product is one segment, `all`."""
        self.oracle, self.product = oracle, product
        self.metric, self.segment_type = oracle.metrics[metric_id], segment_type
        rows = oracle.registry["segments"]
        self.property = next((r["property"] for r in rows if r["segment_type"] == segment_type), "")
        self.weekly: dict[tuple[str, date], Cell] = {}
        self.has_denominator = self.metric["kind"] == "duration" or bool(
            self.metric["denominator_measure_id"]
        )
        mine = sides(oracle, self.metric).values()
        self.is_union = bool(mine) and all(m["aggregate"] == "distinct_people" for m in mine)
        if self.metric["kind"] == "duration":
            self._add_tasks()
        else:
            self._add_side("numerator")
            self._add_side("denominator")

    def _add_tasks(self) -> None:
        for week, tasks in self.oracle.cohorts(self.product, self.metric).items():
            for task in tasks:
                first, time = task.first, self.oracle.restricted(self.metric, task)
                own = first.segment or first.data.get("segment_id")
                cell = self._cell(first.data.get(self.property) if self.property else own, week)
                cell.numerators[first.actor] += time
                cell.denominators[first.actor] += 1
                cell.times.append(time)
                cell.counts = (cell.counts[0] + 1, cell.counts[1] + 1)

    def _add_side(self, side: str) -> None:
        name = self.metric[f"{side}_measure_id"]
        if not name:
            return
        measure = self.oracle.measures[name]
        if measure["aggregate"] in NOBODYS:
            return
        for week, counted in self.oracle.flow(self.product, measure).items():
            for item, amount in counted:
                cell = self._cell(item.facts.get(self.property or "segment_id"), week)
                sums = cell.numerators if side == "numerator" else cell.denominators
                above, below = cell.counts
                cell.counts = (above + 1, below) if side == "numerator" else (above, below + 1)
                person = item.person
                is_new = measure["aggregate"] != "distinct_people" or not sums.get(person)
                sums[person] += amount * is_new

    def _cell(self, segment: str | None, week: date) -> Cell:
        name = "all" if self.segment_type is None else segment or "unknown"
        if self.segment_type and name in ("all", "other"):
            # the names of the whole and of the pool
            name += " (so named)"
        return self.weekly.setdefault((name, week), self._empty())

    @property
    def least_people(self) -> int:
        """Return how many people must stand behind a segment."""
        return least_people(self.oracle, self.metric)

    def cell(self, segment: str, weeks: Iterable[date]) -> Cell:
        """Return a segment over some weeks."""
        cell = self._empty()
        for week in weeks:
            cell = cell.plus(self.weekly.get((segment, week), self._empty()))
        return cell

    def _empty(self) -> Cell:
        return Cell(has_denominator=self.has_denominator, is_union=self.is_union)

    def cells(self, grain: str, ripe_weeks: Iterable[date]) -> dict[date, dict[str, Cell]]:
        """Return the segments of each period all of whose weeks are ripe."""
        weeks: dict[date, list[date]] = defaultdict(list)
        for week in ripe_weeks:
            weeks[bounds(grain, week)[0]].append(week)
        firsts: dict[str, date] = {}
        for segment, week in self.weekly:
            firsts[segment] = min(week, firsts.get(segment, week))
        found: dict[date, dict[str, Cell]] = {}
        for start, inside in weeks.items():
            if len(inside) < GRAINS[grain]:
                continue
            for segment, first in firsts.items():
                if first <= max(inside):
                    found.setdefault(start, {})[segment] = self.cell(segment, inside)
        return found

    def grain(self, ripe_weeks: list[date]) -> str:
        """Return the finest grain at which four of five periods of each segment can be shown."""
        passing: dict[str, list[bool]]
        finest: dict[str, str] = {}
        for grain in GRAINS:
            passing = defaultdict(list)
            for segments in self.cells(grain, ripe_weeks).values():
                for segment, cell in segments.items():
                    passing[segment].append(self._passes(cell))
            for segment, passed in passing.items():
                if sum(passed) >= 0.8 * len(passed):
                    finest.setdefault(segment, grain)
        return max(finest.values(), key=lambda grain: GRAINS[grain])

    def served(
        self, grain: str, ripe_weeks: Iterable[date]
    ) -> dict[tuple[str, date], Reading | None]:
        """Return each segment's readings, None where it is hidden; `other` pools."""
        found: dict[tuple[str, date], Reading | None] = {}
        for start, segments in self.cells(grain, ripe_weeks).items():
            hidden = {name for name, cell in segments.items() if not self._passes(cell)}
            rest = sorted(set(segments) - hidden, key=lambda n: (len(segments[n].people), n))
            while hidden and rest and not self._is_enough([segments[n] for n in hidden]):
                hidden.add(rest.pop(0))
            for name, cell in segments.items():
                found[name, start] = None if name in hidden else self._read(cell, grain)
            if hidden and rest:
                found["other", start] = self._read(
                    _pooled([segments[name] for name in hidden]), grain
                )
        return found

    def _read(self, cell: Cell, grain: str) -> Reading:
        """Return a segment's reading with the interval of its kind."""
        above, below = cell.parts
        count = cell.counts[1 if self.has_denominator else 0]
        if below is None:
            # a rate per period has the time of the whole product below it
            below = GRAINS[grain] / GRAINS[self.metric["natural_period"]]
        if self.metric["kind"] == "duration":
            low, high = interval_of.mean(cell.times)
            reading = Reading(above / below, above, below, count, low, high)
        else:
            measure = self.oracle.measures[self.metric["numerator_measure_id"]]
            is_count = measure["aggregate"] in COUNTS
            reading = rate(self.metric["kind"], above, below, count, is_count)
        told = enough(replace(reading, is_ripe=True, person_count=len(cell.people)), self.metric)
        method = interval_of.method(self.metric, "", told.numerator, told.ci_low, told.ci_high)
        return replace(told, method=method)

    def _passes(self, cell: Cell) -> bool:
        is_share = self.metric["kind"] in ("proportion", "ratio_of_sums")
        return cell.may_be_shown(self.least_people, is_share)

    def _is_enough(self, hidden: list[Cell]) -> bool:
        return len(hidden) >= 2 and self._passes(_pooled(hidden))


def _pooled(cells: list[Cell]) -> Cell:
    first, *others = cells
    for cell in others:
        first = first.plus(cell)
    return first
