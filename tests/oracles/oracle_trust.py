"""The oracle's trust: what the checks' severities mean for metrics and their periods.

Written from docs/suppression.md, *Withheld*. The severities themselves are the guard's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_grid import WEEK, required_types, sides
from tests.oracles.oracle_metrics import Key, Oracle, Reading, parents_of

GRADES = "ABCD"
MINOR = 0.05
RECENT, PAST = 8, 26
"""Weeks over which a source's share of a type's events is looked at, beside the week itself."""
TASK_EXTRAS = ("cancel", "reopen", "pause", "resume")
# what may, but need not, ever happen to a release, a change or an item of an iteration
EXTRAS = {
    "release": ("release.rolled_back", "devops_activity.logged", "coverage.measured"),
    "change": ("tag.created",),
    "iteration_item": ("workitem.withdrawn", "workitem.completed"),
}
Check = tuple[str, str, date, int, int, bool | None, int | None]
"""Source, event type or `*` for the whole source, Monday, check, severity from 0 to 3.

And whether there was less of what is counted than expected (None where nothing was expected); how
many lines are known to be lost.
"""
OnMetric = tuple[str, str, str, str, date, int, int]
"""Product and metric on whose values it was found, and then as above."""
COLLAPSE, MIXTURE = 14, 19
NAMED = ("product_id", "metric_id", "source_id", "grade", "from_week_date")


class Trust:
    """Grades by source and week, by metric and week, and by period."""

    def __init__(
        self,
        oracle: Oracle,
        checks: Iterable[Check],
        overrides: Iterable[Row] | None = None,
        on_metrics: Iterable[OnMetric] = (),
    ) -> None:
        """Take the severities, and what people lowered if it isn't the registry's."""
        self.oracle = oracle
        self.overrides = list(overrides or oracle.registry.get("trust_overrides", []))
        self.severities: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
        self.first: dict[str, date] = {}
        # of a source all counts; of an event type only what is not about one metric's values
        self.of_types: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
        for source, name, week, check, severity, *_ in checks:
            mine = self.severities[source, week]
            mine[name] = max(severity, mine.get(name, 0))
            if check not in (COLLAPSE, MIXTURE):
                mine = self.of_types[source, week]
                mine[name] = max(severity, mine.get(name, 0))
            self.first[source] = min(week, self.first.get(source, week))
        self.sent: dict[tuple[str, str, str], Counter[date]] = defaultdict(Counter)
        for e in oracle.events:
            self.sent[e.product, e.type, e.source][oracle.calendar.week(e.occurred_at)] += 1
        self._parts: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
        self._large: dict[tuple[str, str, str, date], bool] = {}
        self.unsure: dict[tuple[str, str, date], str] = {}
        """The best grade of weeks of metrics for whose tasks finishes may be missing."""
        self._grades: dict[tuple[str, str, date], str] = {}
        self.on_values: dict[tuple[str, str, date], list[tuple[str, str, int]]] = defaultdict(list)
        for product, name, source, event_type, week, check, severity in on_metrics:
            for reached in self._reached(product, name) if check == COLLAPSE else {name}:
                self.on_values[product, reached, week].append((source, event_type, severity))

    def _reached(self, product: str, name: str) -> set[str]:
        """Return the metrics that count on either side what this one's denominator counts."""
        measure = self.oracle.metrics[name]["denominator_measure_id"]
        return {name} | {
            other for owner, other in self.oracle.product_metrics if owner == product and measure
            and measure in (self.oracle.metrics[other]["numerator_measure_id"],
                            self.oracle.metrics[other]["denominator_measure_id"])
        }  # fmt: skip

    def of_source(self, source: str, week: date, event_type: str | None = None) -> str:
        """Return a source's grade, of one event type (and of the source as a whole) if it is named.

        What was not checked is a D.
        """
        found = self.severities.get((source, week))
        if found is None:
            return "D"
        if event_type is not None:
            found = self.of_types[source, week]
        wanted = found if event_type is None else {"*", event_type} & found.keys()
        grade = GRADES[max((found[name] for name in wanted), default=0)]
        return max(grade, self._lowered(week, source_id=source))

    def _lowered(self, week: date, **what: str) -> str:
        """Return to what people lowered a source, a product or a metric of it; A if they didn't."""
        # row by row as they were written; what takes one back ends the row of the line it names
        rows: list[Row] = []
        for row in self.overrides:
            if not (restored := row.get("restored_from_week_date")):
                rows.append(row | {"gone": "9999"})
                continue
            line = row.get("restored_line")
            same = [
                r for r in rows
                if all(r[n] == row[n] for n in NAMED) and (not line or r["registry_line"] == line)
            ]  # fmt: skip
            same[-1]["gone"] = restored
        return max(
            (
                row["grade"] for row in rows
                if row["from_week_date"] <= str(week) <= (row["to_week_date"] or "9999")
                and str(week) < row["gone"] and all(row[n] == v for n, v in what.items())
            ),
            default="A",
        )  # fmt: skip

    def of_use(self, product: str, types: Iterable[str], *weeks: date) -> str:
        """Return the worst grade of all sources that ever sent one of some event types.

        Of several weeks those count in which anything was checked.
        """
        wanted = set(types)
        sources = {s for owner, name, s in self.sent if owner == product and name in wanted}
        checked = [(s, week) for s in sources for week in weeks if (s, week) in self.severities]
        by_hand = (self._lowered(w, product_id=product, metric_id="") for _, w in checked)
        return max([self.of_source(*place) for place in checked] + [*by_hand], default="D")

    def of_week(self, product: str, name: str, week: date) -> str:
        """Return a metric's grade: the worst of what stands behind either side, or its parents."""
        key = (product, name, week)
        if key not in self._grades:
            metric = self.oracle.metrics[name]
            if metric["kind"] == "derived":
                grades = [self.of_week(product, parent, week) for parent in parents_of(metric)]
            else:
                grades = [
                    self._of_part(product, part, week) for part in self.parts(product, metric)
                    if self.first.get(part[0], week) <= week
                ]  # fmt: skip
            grades += self._of_values(key, metric)
            by_hand = (self._lowered(week, product_id=product, metric_id=n) for n in ("", name))
            of_bounds = self.unsure.get(key, "A")
            self._grades[key] = max(max(grades, default="D"), of_bounds, *by_hand)
        return self._grades[key]

    def _of_values(self, key: tuple[str, str, date], metric: Row) -> Iterator[str]:
        """Return the grades of what was found on the metric's own values."""
        for source, event_type, severity in self.on_values.get(key, []):
            full = {
                self.counts_fully(key[0], part, key[2]) for part in self.parts(key[0], metric)
                if part[:2] == (source, event_type)
            }  # fmt: skip
            yield GRADES[severity] if full != {False} else min(GRADES[severity], "B")

    def _of_part(self, product: str, part: tuple[str, str, bool], week: date) -> str:
        grade = self.of_source(part[0], week, part[1])
        return grade if self.counts_fully(product, part, week) else min(grade, "B")

    def parts(self, product: str, metric: Row) -> list[tuple[str, str, bool]]:
        """Return source, event type and whether the metric can't be known without the type."""
        key = (product, metric["metric_id"])
        if key not in self._parts:
            required = set(required_types(self.oracle, product, metric))
            self._parts[key] = [
                (source, name, name in required)
                for name in required | set(self._extra_types(metric))
                for source in self.oracle.grid.senders.get((product, name), set())
            ]
        return self._parts[key]

    def counts_fully(self, product: str, part: tuple[str, str, bool], week: date) -> bool:
        """Tell whether a source's grade counts as it is, at most as B otherwise.

        It does where the type is required and the source sends 5 % or more of such events.
        """
        source, name, is_required = part
        return is_required and self._is_large(product, name, source, week)

    def _is_large(self, product: str, name: str, source: str, week: date) -> bool:
        """Tell whether a source sends 5 % or more of a type's events around a week.

        In the week, in the eight weeks to its end, or in the half year to the end of the last week
        in which it sent any. What nobody has sent yet rests on all of them.
        """
        key = product, name, source, week
        if key not in self._large:
            senders = self.oracle.grid.senders.get((product, name), set())
            sent = {
                other: {
                    w: n for w, n in self.sent.get((product, name, other), {}).items() if w <= week
                }
                for other in senders
            }
            heard = max(sent[source], default=None)
            spans = [(week, 1), (week, RECENT)] + ([(heard, PAST)] if heard else [])
            found = []
            for last, length in spans:
                counts = {
                    other: sum(n for w, n in weeks.items() if last - length * WEEK < w <= last)
                    for other, weeks in sent.items()
                }
                found.append(counts[source] / max(sum(counts.values()), 1) >= MINOR)
            self._large[key] = any(found) or not any(sent.values())
        return self._large[key]

    def _extra_types(self, metric: Row) -> Iterator[str]:
        kinds, tasks = self.oracle.kinds, []
        if metric["kind"] == "duration":
            tasks.append(metric["task_type_id"])
        if metric["kind"] == "reliability":
            tasks.append("incident")
        for measure in sides(self.oracle, metric).values():
            if measure["item_kind"] in ("task", "outage"):
                tasks.append(measure["item_type"] if measure["item_kind"] == "task" else "incident")
            yield from EXTRAS.get(measure["item_kind"], ())
        for name in tasks:
            types = (kinds[name].get(f"{extra}_event_type") for extra in TASK_EXTRAS)
            yield from (event_type for event_type in types if event_type)

    def of_periods(
        self,
        readings: Mapping[Key, Reading],
        root: Mapping[str, str],
        weeks_of: Callable[[Key], Iterable[date]],
    ) -> dict[Key, str]:
        """Return the grade of each period: the worst of its weeks in use.

        `root` names the metric whose trust a companion shares, `weeks_of` tells the Mondays of a
        period.
        """
        found: dict[Key, str] = {}
        for key in readings:
            product, name, grain, _ = key
            inside = [(product, name, "week", w) for w in weeks_of(key)]
            told = [k for k in inside if k in readings]
            ripe = [k for k in told if readings[k].is_ripe]
            used = told if grain == "week" or not ripe else ripe
            found[key] = max((self.of_week(product, root[name], k[3]) for k in used), default="D")
        return found
