"""Grade sources by their checks, and metrics by the sources that they rest on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from expectations.suites.remedies import RENAMED
from orchestration.defs.judge import metric_bounds, metric_losses
from orchestration.defs.judge.contributions import (
    SENT,
    Contribution,
    Shares,
    contribution_grade,
    contributors,
)
from orchestration.defs.judge.instrument_renames import is_renamed
from orchestration.defs.judge.repairs import of_source, repair
from orchestration.defs.judge.trust_causes import (
    CAUSES,
    OF_TASKS,
    REUSED_ID,
    Renames,
    cause_of,
    gone_files,
    products_of,
    starts_of,
    with_files,
)
from orchestration.defs.judge.trust_doubts import (
    least_events,
    week_under_way,
    weeks_checked,
    with_doubts,
)
from orchestration.defs.judge.trust_impossible import impossible_weeks
from orchestration.defs.judge.trust_losses import with_losses
from orchestration.defs.judge.trust_overrides import Override, Overrides
from orchestration.defs.judge.trust_reasons import describe
from orchestration.engine import connect

GRADES = "ABCD"
"""By severity 0 to 3: A and B are used, C gives no verdict, D shows no number."""
CHECKS = """
    with people as (
        select source_id, event_type,
            max(least_people) as least_people, bool_or(is_hidden) as is_hidden
        from metrics.int_person_event_types
        group by all
    ),
    -- of which one type is not told: the whole source, less its other types, would tell it
    few as (
        select distinct source_id, '*' as event_type, week_start_date
        from guard.instrument_checks join people using (source_id, event_type)
        where check_id = 1 and n < least_people
        union
        -- nor does one check tell of a type and week what another hides
        select distinct source_id, event_type, week_start_date
        from guard.instrument_checks join people using (source_id, event_type)
        where check_id in (1, 11, 20) and event_type <> '*' and n < least_people
    )
    select checks.*,
        coalesce(is_hidden or n < least_people, false) or check_id in (13, 15)
            or (source_id, event_type, week_start_date) in (from few) as is_secret
    from (
        select source_id, event_type, week_start_date, check_id, severity, statistic, n, expected,
            defect, finding
        from guard.instrument_checks
        union all
        select source_id, event_type, week_start_date, 0 as check_id, severity,
            broken_count / event_count as statistic, event_count as n, null as expected, defect,
            null as finding
        from guard.contract_checks
        -- what no check of the method looks at; a warning costs no grade
        where severity >= 2 and clause in ('property_type', 'time', 'known_product')
    ) as checks
    left join people using (source_id, event_type)
"""
"""Reasons are served: like the table of the checks, they give no counts of few people away."""
OF_METRICS = (14, 19)
"""Checks that look at one metric's values: they say nothing of others that read the same events."""
METRIC_CHECKS = """
    with found as (
        select checks.product_id, checks.metric_id, source_id, event_type, week_start_date,
            check_id, severity, checks.statistic, n, expected, defect, finding,
            -- the unit of a denominator: what is counted, and what its sum is made up of
            measures.description as measured, measures.unit_key,
            metrics.kind = 'ratio_of_sums' and measures.aggregate = 'sum' as is_of_amounts
        from guard.metric_checks as checks
        left join registry.metrics as metrics on checks.metric_id = metrics.metric_id
        left join registry.measures as measures
            on checks.check_id = 14 and metrics.denominator_measure_id = measures.measure_id
        where severity > 0
    ),
    reached as (
        select * from found
        union
        -- a denominator is a measure: whatever else counts the same things has lost them too
        select found.* replace (others.metric_id as metric_id)
        from found
        join metrics.int_metric_sides as mine
            on found.product_id = mine.product_id and found.metric_id = mine.metric_id
            and mine.side = 'denominator'
        join metrics.int_metric_sides as others
            on mine.product_id = others.product_id and mine.measure_id = others.measure_id
        where found.check_id = 14
    ),
    people as (
        select source_id, event_type,
            max(least_people) as least_people, bool_or(is_hidden) as is_hidden
        from metrics.int_person_event_types
        group by all
    )
    select reached.*, coalesce(is_hidden or n < least_people, false) as is_secret
    from reached
    left join people using (source_id, event_type)
"""


@dataclass(frozen=True)
class Finding:
    """A grade and why it is not A."""

    grade: str
    source_id: str | None = None
    check_id: int | None = None
    """Check of method 7 that found it; 0 where a promise of the contract is broken."""
    reason: str | None = None
    is_by_hand: bool = False
    """Whether people lowered it: then nothing is known of what to mend in which tool."""
    defect: str | None = field(default=None, compare=False)


class Checks:
    """What the checks found, by source and week."""

    def __init__(
        self,
        rows: pd.DataFrame,
        overrides: Overrides | None = None,
        of_metrics: pd.DataFrame | None = None,
        starts: Mapping[str, Collection[str]] | None = None,
        products: Mapping[str, str] | None = None,
    ) -> None:
        """Take the rows of `CHECKS`, what people lowered, and the rows of `METRIC_CHECKS`.

        Of the registry: which types start what each type ends, and the product of each source.
        """
        self.overrides = overrides or Overrides([])
        weeks = rows[["source_id", "week_start_date"]].drop_duplicates()
        self.source_weeks = sorted(
            (source_id, _day(week)) for source_id, week in weeks.itertuples(index=False)
        )
        """Source and Monday wherever a check ran."""
        self.first_weeks: dict[str, date] = {}
        """First week of each source; before it the source isn't known."""
        for source_id, week in self.source_weeks:
            self.first_weeks.setdefault(source_id, week)
        self._observed = set(self.source_weeks)
        self._found: dict[tuple[str, date], list[dict]] = defaultdict(list)
        found = rows[rows["severity"] > 0].sort_values(["check_id", "event_type"])
        for row in found.to_dict("records"):
            self._found[row["source_id"], _day(row["week_start_date"])].append(row)
        self._renames = Renames(rows, starts or {}, products or {})
        self._worst: dict[tuple[str, date, str | None], Finding] = {}
        self._of_metrics: dict[tuple[str, str, date], list[dict]] = defaultdict(list)
        if of_metrics is not None:
            order = ["check_id", "source_id", "event_type", "severity", "statistic"]
            for row in of_metrics.sort_values(order).to_dict("records"):
                key = row["product_id"], row["metric_id"], _day(row["week_start_date"])
                self._of_metrics[key].append(row)

    def worst(self, source_id: str, week: date, event_type: str | None = None) -> Finding:
        """Return the grade of a source in a week and the check that gives it.

        With an event type only what was checked on that type or on the whole source counts, and
        nothing that was found on the values of some metric.
        """
        key = source_id, week, event_type
        if key not in self._worst:
            # asked once for each metric that counts the type
            found = self._checked(*key)
            override = self.overrides.of_source(source_id, week)
            self._worst[key] = lowered(found, override, source_id)
        return self._worst[key]

    def _checked(self, source_id: str, week: date, event_type: str | None) -> Finding:
        if source_id not in self.first_weeks:
            return Finding("D", source_id, reason=f"{source_id} has not sent anything yet")
        if (source_id, week) not in self._observed:
            return Finding("D", source_id, reason="no check ran")
        found = [
            row
            for row in self._found.get((source_id, week), [])
            if event_type is None
            or (row["event_type"] in ("*", event_type) and row["check_id"] not in OF_METRICS)
        ]
        if not found:
            return Finding("A", source_id)
        worst = max(found, key=lambda row: (row["severity"], row["defect"] in CAUSES))
        finding, cause = self._named(worst), cause_of(worst, found)
        if cause is None:
            return finding
        words = f"{describe(cause)}; {finding.reason}"
        return replace(finding, check_id=cause["check_id"], defect=cause["defect"], reason=words)

    def _named(self, row: dict) -> Finding:
        """Return the grade of a finding; where a type seems to have another name, with that."""
        found = _finding(row)
        name = self._renames.of(row)
        if name is None:
            return found
        words = found.reason if is_renamed(row.get("finding")) else f"{name}; {found.reason}"
        return replace(found, defect=RENAMED, reason=words)

    def of_metric(
        self, product_id: str, metric_id: str, week: date, parts: list[Contribution]
    ) -> list[Finding]:
        """Return what was found on a metric's own values, as far as the senders count for it."""
        findings = []
        for row in self._of_metrics.get((product_id, metric_id, week), []):
            found, place = self._named(row), (row["source_id"], row["event_type"])
            counted = [
                contribution_grade(found.grade, part.is_required, part.share)
                for part in parts
                if (part.source_id, part.event_type) == place
            ]
            findings.append(replace(found, grade=max(counted, default=found.grade)))
        return findings


def _finding(row: dict) -> Finding:
    """Return the grade that one finding of a check gives."""
    grade = source_grade([row["severity"]])
    return Finding(grade, row["source_id"], row["check_id"], describe(row), defect=row["defect"])


def source_grade(severities: Iterable[int]) -> str:
    """Return the grade of the worst severity; D where no check ran. Source: method 7.3."""
    return GRADES[max(severities, default=3)]


def lowered(finding: Finding, override: Override | None, source_id: str | None = None) -> Finding:
    """Return the worse of what was found and what people lowered it to; never the better.

    A person may lower a grade with a reason, never raise it. Source: method 7.3.
    """
    if override is None or override.grade <= finding.grade:
        return finding
    return Finding(override.grade, source_id, reason=override.words, is_by_hand=True)


def metric_grade(contributions: Iterable[tuple[str, bool, float]]) -> str:
    """Return the worst of what the sources' grades (grade, is required, share) count for."""
    return max((contribution_grade(*part) for part in contributions), default="D")


def grade(database: Path) -> None:
    """Replace the tables of trust and of bounds from the checks and the lineage."""
    with connect(database) as connection:
        found = connection.execute(CHECKS).df()
        limits = least_events(connection), week_under_way(connection), weeks_checked(found)
        checks = Checks(
            with_files(with_doubts(found, *limits), gone_files(connection)),
            Overrides.read(connection),
            with_doubts(connection.execute(METRIC_CHECKS).df(), *limits),
            starts_of(connection),
            products_of(connection),
        )
        lineage = connection.execute(
            "select product_id, metric_id, side, source_id, event_type, is_required "
            "from metrics.int_metric_lineage"
        ).df()
        shares = Shares(connection.execute(SENT).df())
        periods = connection.execute(
            "select distinct product_id, metric_id, period_start_date as week_start_date "
            "from metrics.int_metric_periods where period_grain = 'week' order by all"
        ).df()
        parents = dict(
            connection.execute(
                "select metric_id, derived_metric_ids from registry.metrics where kind = 'derived'"
            ).fetchall()
        )
        hints = of_source(connection)
        connection.execute("create schema if not exists guard")
        metric_bounds.write_bounds(connection)
        _write(connection, "source_trust", SOURCE_COLUMNS, source_trust(checks))
        _write(
            connection,
            "metric_trust",
            METRIC_COLUMNS,
            metric_bounds.lowered_where_unsure(
                metric_trust(checks, lineage, shares, periods, parents, hints),
                metric_bounds.too_wide_weeks(connection),
                with_losses(
                    metric_losses.read_losses(connection),
                    shares,
                    hints,
                    metric_losses.read_block(connection),
                )
                | impossible_weeks(connection, hints),
                parents,
            ),
        )


SOURCE_COLUMNS = {
    "source_id": "varchar",
    "week_start_date": "date",
    "grade": "varchar",
    "worst_check_id": "integer",
    "reason": "varchar",
}
METRIC_COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "week_start_date": "date",
    "grade": "varchar",
    "source_id": "varchar",
    "reason": "varchar",
    "repair_hint": "varchar",
    "catch_up_hint": "varchar",
    "check_id": "integer",
}


def source_trust(checks: Checks) -> list[tuple]:
    """Return the rows of `guard.source_trust`, one per source and week with a check."""
    findings = ((week, checks.worst(source_id, week)) for source_id, week in checks.source_weeks)
    return [(f.source_id, week, f.grade, f.check_id, f.reason) for week, f in findings]


def metric_trust(
    checks: Checks,
    lineage: pd.DataFrame,
    shares: Shares,
    periods: pd.DataFrame,
    parents: dict[str, str],
    hints: dict[str, str | None],
) -> list[tuple]:
    """Return the rows of `guard.metric_trust`, one per product, metric and week of `periods`.

    Args:
        checks: What the checks found.
        lineage: Rows of `metrics.int_metric_lineage`.
        shares: How much of each event type each source sent around each week.
        periods: Product, metric and week to grade.
        parents: Semicolon-separated parents of each derived metric; it gets their worst grade.
        hints: What its owners say of each source.
    """
    contributions = contributors(lineage)
    roots = {metric_id for _, metric_id in contributions} | set(parents)
    findings: dict[tuple[str, str, date], Finding] = {}

    def finding(product_id: str, metric_id: str, week: date) -> Finding:
        key = (product_id, metric_id, week)
        if key not in findings:
            known = [
                Contribution(*part, shares.of(product_id, part[1], part[0], week))
                for part in contributions.get((product_id, metric_id), [])
            ]
            if metric_id in parents:
                names = [name.strip() for name in parents[metric_id].split(";")]
                parts = [finding(product_id, name, week) for name in names]
            else:
                parts = [f for part in known if (f := _part(part, checks, week))]
            parts += checks.of_metric(product_id, metric_id, week, known)
            override = checks.overrides.of_metric(product_id, metric_id, week)
            findings[key] = lowered(_lowest(parts), override)
        return findings[key]

    rows = []
    for product_id, metric_id, start in periods.itertuples(index=False):
        week = _day(start)
        worst = finding(product_id, _root(metric_id, roots), week)
        # of what never sent there is nothing to replay, and what people lowered no tool mends
        has_sent = worst.source_id is None or worst.source_id in checks.first_weeks
        hint = None if worst.is_by_hand else hints.get(str(worst.source_id))
        rows.append(
            (
                product_id,
                metric_id,
                week,
                worst.grade,
                worst.source_id,
                worst.reason,
                *repair(worst.check_id, worst.defect, hint, has_sent),
            )
        )
    return rows


def _root(metric_id: str, roots: set[str]) -> str:
    """Return the duration that a companion metric like `<duration>_median` belongs to."""
    durations = (metric_id.removesuffix(suffix) for suffix in metric_bounds.COMPANIONS)
    return next((d for d in (metric_id, *durations) if d in roots), metric_id)


def _part(part: Contribution, checks: Checks, week: date) -> Finding | None:
    """Return what a source's grade counts for in a metric; None before its first event."""
    if checks.first_weeks.get(part.source_id, date.min) > week:
        return None
    found = checks.worst(part.source_id, week, part.event_type)
    grade = contribution_grade(found.grade, part.is_required, part.share)
    return found if grade == found.grade else replace(found, grade=grade)


def _lowest(findings: list[Finding]) -> Finding:
    """Return the first finding with the worst grade, lost lines first; A names no source."""
    if not findings:
        return Finding("D", reason="no source of it has been observed")
    lowest = max(findings, key=lambda finding: (finding.grade, finding.defect in CAUSES))
    if lowest.check_id in OF_TASKS:
        # what was left out as a repetition is missed by others
        of_reuse = (f for f in findings if (f.grade, f.check_id) == (lowest.grade, REUSED_ID))
        lowest = next(of_reuse, lowest)
    return Finding("A") if lowest.grade == "A" else lowest


def _day(instant: pd.Timestamp | date) -> date:
    """Return the date of what pandas makes of a date column."""
    return pd.Timestamp(instant).date()


def _write(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[tuple]
) -> None:
    """Replace `guard.<name>` by `rows`."""
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    typed = ", ".join(f"{column}::{kind} as {column}" for column, kind in columns.items())
    connection.register("trust_rows", frame)
    connection.execute(
        f"create or replace table guard.{name} as select {typed} from trust_rows order by all"
    )
    connection.unregister("trust_rows")
