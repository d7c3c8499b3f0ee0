"""The oracle's `fct_metric_values`: every row of it, hidden, withheld or shown, and its segments.

| Column | Compared |
|---|---|
| product, metric, segment, grain, start | as keys: a row too many or too few is a difference |
| value | within 1e-9 relative; NULL only with NULL |
| numerator, denominator | within 1e-9; NULL is 0 unless it is hidden: no row adds up to nothing |
| unit_count, person_count, open_count | exactly, NULL included |
| ci_low, ci_high | within 1e-6 relative; BCa bootstraps within 5e-4 |
| ci_method, unit, metric_version | exactly |
| is_ripe, is_provisional, is_suppressed, no_value_reason, trust_grade | exactly |
| bound_low, bound_high, bound_reason | within 1e-9 relative; exactly |
| last_trusted_value, last_trusted_period_start_date | within 1e-9 relative; exactly |
| as_of_at | one instant in all rows, the run's |

No column is left out. The severities of instrument checks are read from `fct_instrument_checks`,
which has tests of its own; everything else comes from registry and landing files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from tests.oracles.oracle_bounds import BoundsOracle
from tests.oracles.oracle_doubts import CONTRACT, Result, doubts, doubts_on_metrics
from tests.oracles.oracle_grid import bounds, periods
from tests.oracles.oracle_hiding import COMPANIONS, Hiding
from tests.oracles.oracle_intervals import bootstrap
from tests.oracles.oracle_metrics import Key, Oracle, Reading
from tests.oracles.oracle_resampled import with_bca
from tests.oracles.oracle_segments import SegmentOracle
from tests.oracles.oracle_trust import Check, OnMetric, Trust

Place = tuple[str, str, str, str, str, date]
"""Product, metric, type of segment, segment, grain, first day."""


@dataclass(frozen=True)
class Served(Reading):
    """A row as it is served; where it is suppressed no count of it is."""

    is_suppressed: bool = False
    grade: str = "D"
    unit: str = ""
    bound_low: float | None = None
    bound_high: float | None = None
    bound_reason: str | None = None
    last_value: float | None = None
    last_start: date | None = None
    version: int = 1

    @property
    def is_hidden(self) -> bool:
        """Whether it has no number."""
        return self.is_suppressed or self.grade == "D"


class ServedOracle:
    """All rows of `fct_metric_values`."""

    def __init__(
        self,
        oracle: Oracle,
        readings: Mapping[Key, Reading],
        checks: Iterable[Check],
        on_metrics: Iterable[OnMetric] = (),
        results: Iterable[Result] = (),
    ) -> None:
        checks, on_metrics, under_way = list(checks), list(on_metrics), _under_way(oracle)
        least = {
            int(row["check_id"]): int(row["minimum_n"] or 0)
            for row in oracle.registry["check_thresholds"]
        }
        results = list(results)
        doubted = doubts(results, least, under_way)
        doubted += [(*r[:5], None, None) for r in results if r.check == CONTRACT]
        on_metrics += doubts_on_metrics(on_metrics, under_way)
        self.oracle, self.readings = oracle, readings
        self.hiding = Hiding(oracle, readings)
        self.trust = Trust(oracle, [*checks, *doubted], on_metrics=on_metrics)
        self.bounds = BoundsOracle(oracle, readings, self.trust, checks)
        self.trust.unsure = self.bounds.unsure()
        self.root = {
            name + suffix: name for name, metric in oracle.metrics.items()
            for suffix in (COMPANIONS if metric["kind"] == "duration" else COMPANIONS[:1])
        }  # fmt: skip
        self.grades = self.trust.of_periods(readings, self.root, _weeks_in)

    def rows(self) -> dict[Place, Served]:
        """Return every row by its key."""
        shown = {key: told for key, told in self.readings.items() if not self._is_hidden(key)}
        drawn = with_bca(self.oracle, shown)
        whole = dict(self.readings) | self._bootstrapped(shown)
        whole |= {
            key: replace(told, method=_drawn("bca_bootstrap", told.ci_low))
            for key, told in drawn.items()
        }
        found: dict[Place, Served] = {
            (*key[:2], "all", "all", *key[2:]): self._serve(key, reading)
            for key, reading in whole.items()
        }
        found |= self._with_bounds(found)
        found |= self._with_last_trusted(found)
        for row in self.oracle.registry["segmented_metrics"]:
            for place, reading in self.segments(**row).items():
                key = (*place[:2], *place[4:])
                hidden = reading or Reading(is_ripe=True)
                found[place] = self._serve(key, hidden, reading is None)
        return found

    def segments(
        self, product_id: str, metric_id: str, segment_type: str
    ) -> dict[Place, Reading | None]:
        """Return the segments of a metric in its one grain, None where they are hidden."""
        segments = SegmentOracle(self.oracle, product_id, metric_id, segment_type)
        weeks = [w.start for w in self.oracle.weeks(product_id, metric_id) if w.is_ripe]
        grain = segments.grain(weeks)
        found: dict[Place, Reading | None] = {}
        for (name, start), reading in segments.served(grain, weeks).items():
            place = (product_id, metric_id, segment_type, name, grain, start)
            # what is hidden as a whole has no parts to show, and no pool of them
            if (product_id, metric_id, grain, start) not in self.hiding.rules:
                found[place] = reading
            elif name != "other":
                found[place] = None
        return found

    def _serve(self, key: Key, reading: Reading, is_hidden_segment: bool = False) -> Served:
        metric = self.oracle.metrics[self.root[key[1]]]
        is_hidden = is_hidden_segment or key in self.hiding.rules
        told = {field.name: getattr(reading, field.name) for field in fields(Reading)}
        served = Served(
            **told, is_suppressed=is_hidden, grade=self.grades[key], unit=metric["unit"],
            version=int(metric["metric_version"]),
        )  # fmt: skip
        if served.method == "modified_cox" and not self._is_around(served):
            # times whose mean lies outside of their log-normal interval aren't log-normal
            served = replace(served, ci_low=None, ci_high=None, method=None)
        if served.is_hidden:
            served = replace(
                served, value=None, numerator=None, denominator=None, ci_low=None, ci_high=None,
                unit_count=None, person_count=None, open_count=None, method=None,
                reason="suppressed" if is_hidden else "withheld",
            )  # fmt: skip
        return served

    @staticmethod
    def _is_around(served: Served) -> bool:
        value, low, high = served.value, served.ci_low, served.ci_high
        return value is not None and low is not None and high is not None and low <= value <= high

    def _is_hidden(self, key: Key) -> bool:
        return key in self.hiding.rules or self.grades[key] == "D"

    def _with_bounds(self, rows: Mapping[Place, Served]) -> dict[Place, Served]:
        found: dict[Place, Served] = {}
        for key, (low, high) in self.bounds.found.items():
            place: Place = (*key[:2], "all", "all", *key[2:])
            if not rows[place].is_hidden:
                found[place] = replace(
                    rows[place], bound_low=low, bound_high=high, bound_reason="missing_finishes"
                )
        return found

    def _with_last_trusted(self, rows: Mapping[Place, Served]) -> dict[Place, Served]:
        """Return rows of grade C or D with the latest ripe value before them that is A or B."""
        found: dict[Place, Served] = {}
        last: dict[tuple[str, str, str], tuple[float, date]] = {}
        for place in sorted(rows, key=lambda p: (*p[:2], p[4], p[5])):
            row, series = rows[place], (*place[:2], place[4])
            if row.grade in "CD" and not row.is_suppressed and series in last:
                value, start = last[series]
                found[place] = replace(row, last_value=value, last_start=start)
            if row.is_ripe and row.value is not None and row.grade in "AB":
                last[series] = row.value, place[5]
        return found

    def _bootstrapped(self, shown: Mapping[Key, Reading]) -> dict[Key, Reading]:
        """Return ratios of sums with their clusters' intervals, by week and natural period."""
        found = {}
        for product, name in self.oracle.product_metrics:
            metric = self.oracle.metrics[name]
            if metric["kind"] != "ratio_of_sums" or metric.get("custom_model"):
                continue
            for period in periods(self.oracle.weeks(product, name)):
                key = (product, name, period.grain, period.start)
                if period.grain not in ("week", metric["natural_period"]):
                    continue
                if key not in shown or shown[key].value is None:
                    continue
                clusters = self.oracle.clusters(product, metric, period.weeks)
                low, high = bootstrap(clusters, "|".join(map(str, key)))
                method = _drawn("cluster_bootstrap", low)
                found[key] = replace(self.readings[key], ci_low=low, ci_high=high, method=method)
        return found


def _drawn(method: str, low: float | None) -> str | None:
    return None if low is None else method


def _weeks_in(key: Key) -> list[date]:
    """Return the Mondays of a period."""
    length = 1 if key[2] == "week" else bounds(key[2], key[3])[1]
    return [key[3] + number * timedelta(weeks=1) for number in range(length)]


def _under_way(oracle: Oracle) -> date | None:
    """Return the Monday of the week that isn't over; a week that ends at as-of is."""
    week = oracle.calendar.week(oracle.as_of)
    ended = oracle.calendar.week(oracle.as_of - timedelta(microseconds=1))
    return week if ended == week else None
