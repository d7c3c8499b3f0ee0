"""The oracle's people: who stands behind a figure, and how much of it is one person's."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_grid import Period, sides

if TYPE_CHECKING:
    from tests.oracles.oracle_metrics import Oracle

OPEN = "open_at_period_end"
NOBODYS = (OPEN, "distinct_subjects", "distinct_actors")
"""Counts of which nobody can be told to have added a part."""


@dataclass
class Cell:
    """One segment, or the whole, in one period; amounts by person, None for nobody."""

    numerators: dict[str | None, float] = field(default_factory=lambda: defaultdict(float))
    denominators: dict[str | None, float] = field(default_factory=lambda: defaultdict(float))
    has_denominator: bool = True
    is_union: bool = False
    """Whether people are counted anew when weeks are added."""
    times: list[float] = field(default_factory=list)
    counts: tuple[int, int] = (0, 0)
    """Items above and below the line."""

    @property
    def people(self) -> set[str]:
        """Return everybody who is behind either side."""
        return {person for person in {*self.numerators, *self.denominators} if person}

    @property
    def parts(self) -> tuple[float, float | None]:
        """Return numerator and denominator; the latter None where the metric has none."""
        below = sum(self.denominators.values()) if self.has_denominator else None
        return sum(self.numerators.values()), below

    @property
    def top_share(self) -> float:
        """Return the largest part of one person; nobody's part is in the whole only."""
        shared = self.denominators if self.has_denominator else self.numerators
        whole = sum(shared.values())
        top = max((amount for person, amount in shared.items() if person), default=0.0)
        return top / whole if whole else 0.0

    def plus(self, other: "Cell") -> "Cell":
        both = Cell(has_denominator=self.has_denominator, is_union=self.is_union)
        both.times = self.times + other.times
        both.counts = (self.counts[0] + other.counts[0], self.counts[1] + other.counts[1])
        for cell in (self, other):
            for mine, theirs in (
                (both.numerators, cell.numerators),
                (both.denominators, cell.denominators),
            ):
                for person, amount in theirs.items():
                    mine[person] += amount
                    if self.is_union:
                        mine[person] = min(mine[person], 1.0)
        return both

    def may_be_shown(self, least_people: int, is_share: bool) -> bool:
        """Return whether the primary rules let the cell stand for itself."""
        numerator, denominator = self.parts
        is_extreme = is_share and numerator in (0.0, denominator)
        return passes(len(self.people), least_people, is_extreme, self.top_share)


def passes(people: int, least_people: int, is_extreme: bool, top_share: float) -> bool:
    """Return whether a figure of so many people may stand for itself."""
    return not reason_of(people, least_people, is_extreme, top_share)


def reason_of(people: int, least_people: int, is_extreme: bool, top_share: float) -> str | None:
    """Return the first primary rule that hides a figure, None where it may be shown."""
    if people < least_people:
        return "few people"
    if is_extreme and people < 2 * least_people:
        return "nobody or everybody"
    if least_people and top_share > 0.6:
        return "one person makes it"
    return None


def is_small(part: float, whole: float, least: int) -> bool:
    """Return whether a part of some people, or the rest of them, tells of a few of them."""
    if whole == 0:
        return False
    is_extreme = part in (0, whole) and whole < 2 * least
    return whole < least or is_extreme or 0 < part < least or 0 < whole - part < least


def least_people(oracle: "Oracle", metric: Row, suffix: str = "") -> int:
    """Return k of a metric: none for systems, more for sums and for what the settings name."""
    settings, kind = oracle.settings, metric["subject_kind"]
    if kind == "system":
        return 0
    named = [name.strip() for name in settings.get("suppression_sensitive_metrics", "").split(";")]
    is_sensitive = metric["kind"] == "ratio_of_sums" or metric["metric_id"] + suffix in named
    if kind == "person" and is_sensitive:
        return int(settings.get("suppression_k_sensitive", 10))
    return int(settings.get("suppression_k", 5))


def behind(oracle: "Oracle", product: str, metric: Row, period: Period, suffix: str) -> int:
    """Return how many distinct people stand behind a metric of its own: `person_count`."""
    weeks = period.weeks
    if metric["kind"] == "reliability" or not weeks:
        return 0
    if metric.get("custom_model"):
        # the same people come in several weeks: at least so many they are
        parts = oracle.custom.parts(product, metric)
        is_of_people = metric["custom_model"] != "forecast_error"
        return is_of_people * max((parts[w].people for w in weeks if w in parts), default=0)
    if metric["kind"] == "duration":
        tasks = _tasks(oracle, product, metric, period, suffix)
        return len({task.first.actor for task in tasks} - {None})
    of_sides = [
        _people_of(oracle, product, metric, side, weeks)
        for name, side in sides(oracle, metric).items()
        if metric["kind"] != "quantile" or name == "numerator"
    ]
    return max(map(len, of_sides), default=0)


def still_open(
    oracle: "Oracle", product: str, metric: Row, period: Period, suffix: str
) -> int | None:
    """Return how many tasks behind a duration have no end yet, None of other kinds."""
    if metric["kind"] != "duration":
        return None
    tasks = _tasks(oracle, product, metric, period, suffix)
    return sum(task.state == "open" for task in tasks)


def _tasks(oracle: "Oracle", product: str, metric: Row, period: Period, suffix: str) -> list:
    # the mean names those of an unripe week beforehand; what stands beside it waits
    weeks = period.weeks if period.has_ripe_week or not suffix else ()
    cohorts = oracle.cohorts(product, metric)
    return [task for week in weeks for task in cohorts.get(week, [])]


def _people_of(
    oracle: "Oracle", product: str, metric: Row, side: Row, weeks: Iterable[date]
) -> set[str]:
    if side["aggregate"] == OPEN:
        tasks = oracle.open_items(product, side, max(weeks))
        return {task.actor for task in tasks if task.actor}
    is_counted = metric["subject_kind"] == "person" or side["aggregate"] == "distinct_people"
    if not is_counted and metric["kind"] != "quantile":
        return set()
    by_week = _people_by_week(oracle, product, side)
    return set().union(*(by_week.get(week, ()) for week in weeks))


def _people_by_week(oracle: "Oracle", product: str, side: Row) -> dict[date, set[str]]:
    key = (product, side["measure_id"])
    if key not in oracle.people:
        oracle.people[key] = {
            week: {item.person for item, _ in counted if item.person}
            for week, counted in oracle.flow(product, side).items()
        }
    return oracle.people[key]
