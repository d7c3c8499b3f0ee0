"""A warehouse made by hand: measured periods, grades and registry, as the judge step finds them."""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
from scipy import stats

from orchestration.defs.judge.limits import update_limits
from orchestration.defs.judge.period_ratio_intervals import write_period_intervals
from orchestration.defs.judge.ratio_intervals import compute
from tests.sql import render_model

FIRST_MONDAY = date(2024, 1, 1)
MODELS = [
    *("int_chart_rules", "int_chart_signals", "int_signals", "int_lost_weeks"),
    "int_metric_readiness",
    *("int_baselines", "int_ripe_weeks", "int_balance_periods", "int_balance_sides"),
    "int_balance_estimates",
    *("int_chart_spreads", "int_balance_intervals", "int_balance_windows"),
    *("int_active_tripwires", "int_pair_states", "int_verdicts"),
]
GRAINS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}

TABLES = """
create schema registry; create schema metrics; create schema guard; create schema core;
create schema reference; create schema signals; create schema state;
create table registry.run_context (
    as_of_at timestamp, run_id varchar, code_version varchar, reporting_time_zone varchar);
create table registry.settings (setting varchar, value varchar, reason varchar);
create table registry.calendars (calendar_id varchar, weekday integer);
create table registry.holidays (calendar_id varchar, date date);
create table registry.metrics (
    metric_id varchar, kind varchar, statistic varchar, unit varchar, direction varchar,
    tau_hours double, numerator_measure_id varchar, denominator_measure_id varchar,
    natural_period varchar, metric_version integer);
create table registry.annotations (
    annotation_id varchar, product_id varchar, metric_id varchar, annotation_kind varchar,
    from_date date, to_date date, what_happened varchar, is_accepted boolean, is_lasting boolean);
create table registry.kpis (kpi_id varchar, product_id varchar, metric_id varchar);
create table registry.balances (
    kpi_id varchar, metric_id varchar, margin double, margin_scale varchar, pool_periods integer);
create table registry.tripwires (tripwire_id varchar, kpi_id varchar, metric_id varchar);
create table metrics.int_metric_periods (
    product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar,
    period_grain varchar, period_start_date date, value double, numerator double,
    denominator double, sum_squares double, unit_count bigint, person_count bigint, is_ripe boolean,
    no_value_reason varchar, metric_version integer, is_provisional boolean);
create table metrics.int_metric_periods_suppressed (
    product_id varchar, metric_id varchar, period_grain varchar, period_start_date date);
create table metrics.int_measure_values (
    measure_id varchar, product_id varchar, item_id varchar, week_start_date date,
    unit_key varchar, amount double);
create table metrics.int_tripwire_levels (
    tripwire_id varchar, kpi_id varchar, product_id varchar, week_start_date date,
    observed_value double, observed_n bigint, is_crossed boolean);
create table guard.metric_trust (
    product_id varchar, metric_id varchar, week_start_date date, grade varchar, check_id integer);
create table metrics.int_metric_lineage (product_id varchar, metric_id varchar, source_id varchar);
create table guard.instrument_checks (
    source_id varchar, week_start_date date, check_id integer, severity integer);
create table core.int_outages (
    product_id varchar, source_id varchar, outage_number integer, started_at timestamp,
    ended_at timestamp, observed_until_at timestamp);
create table core.int_interruptions (
    product_id varchar, interruption_kind varchar, started_at timestamp, ended_at timestamp);
create table reference.ref_t_quantile (
    degrees_of_freedom integer, confidence_level double, quantile double);
create table reference.ref_poisson_limits (
    event_count integer, confidence_level double, lower_limit double, upper_limit double);
"""


@dataclass
class Week:
    """Parts of one week of a metric."""

    numerator: float
    denominator: float = 1.0
    sum_squares: float | None = None
    is_ripe: bool = True
    is_provisional: bool = False
    """Over and not complete: only late events may still come."""
    grade: str = "A"
    is_suppressed: bool = False
    reason: str | None = None
    check_id: int | None = None


@dataclass
class World:
    """Build, judge and query one small warehouse."""

    database: Path
    week_count: int = 0
    kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copyfile(_empty_warehouse(), self.database)

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.database))

    def add_metric(
        self,
        metric_id: str,
        kind: str,
        weeks: list[Week],
        *,
        direction: str = "down",
        unit: str = "hours",
        natural_period: str = "week",
        tau_hours: float | None = None,
    ) -> None:
        """Add a metric of product `p` with one entry a week from 2024-01-01."""
        self.week_count = max(self.week_count, len(weeks))
        self.kinds[metric_id] = kind
        with self.connect() as connection:
            connection.execute(
                "insert into registry.metrics values (?, ?, null, ?, ?, ?, ?, ?, ?, 1)",
                [
                    metric_id,
                    kind,
                    unit,
                    direction,
                    tau_hours,
                    f"{metric_id}_x",
                    f"{metric_id}_y",
                    natural_period,
                ],
            )
            for grain, count in GRAINS.items():
                rows = [
                    self._period(metric_id, grain, i, weeks[i : i + count])
                    for i in range(0, len(weeks), count)
                ]
                insert(connection, "metrics.int_metric_periods", rows)
            hidden = [
                ("p", metric_id, "week", monday(i))
                for i, week in enumerate(weeks)
                if week.is_suppressed
            ]
            if hidden:
                insert(connection, "metrics.int_metric_periods_suppressed", hidden)
            grades = [
                ("p", metric_id, monday(i), week.grade, week.check_id)
                for i, week in enumerate(weeks)
            ]
            insert(connection, "guard.metric_trust", grades)

    def _period(self, metric_id: str, grain: str, start: int, weeks: list[Week]) -> tuple:
        is_ripe = all(w.is_ripe for w in weeks) and len(weeks) == GRAINS[grain]
        numerator = sum(w.numerator for w in weeks)
        denominator = sum(w.denominator for w in weeks)
        squares = [w.sum_squares for w in weeks if w.sum_squares is not None]
        reason = next((w.reason for w in weeks if w.reason), None)
        reason = reason or (None if denominator else "no_items")
        value = numerator / denominator if denominator and not reason else None
        n = int(numerator if self.kinds[metric_id] == "count_rate" else denominator)
        squared = sum(squares) if squares else None
        people = 50
        keys = ("p", metric_id, "all", "all", grain, monday(start))
        is_over = len(weeks) == GRAINS[grain] and all(w.is_ripe or w.is_provisional for w in weeks)
        parts = (value, numerator, denominator, squared, n, people)
        return (*keys, *parts, is_ripe, reason, 1, is_over and not is_ripe)

    def add_kpi(self, metric_id: str, balances: dict[str, tuple] | None = None) -> None:
        """Add a KPI; each balance is (margin, scale, pool_periods)."""
        with self.connect() as connection:
            connection.execute("insert into registry.kpis values ('k', 'p', ?)", [metric_id])
            for balance, terms in (balances or {}).items():
                connection.execute(
                    "insert into registry.balances values ('k', ?, ?, ?, ?)", [balance, *terms]
                )

    def execute(self, sql: str, parameters: list | None = None) -> list[tuple]:
        with self.connect() as connection:
            return connection.execute(sql, parameters or []).fetchall()

    def judge(self, run_id: str = "r1") -> None:
        """Run the two Python steps as of the end of the last week."""
        as_of = datetime.combine(monday(self.week_count), datetime.min.time())
        with self.connect() as connection:
            connection.execute("delete from registry.run_context")
            connection.execute(
                "insert into registry.run_context values (?, ?, 'v', 'Europe/Berlin')",
                [as_of, run_id],
            )
        update_limits(self.database, run_id)
        compute(self.database)
        write_period_intervals(self.database)

    def conclude(self) -> None:
        """Build the models of the layer in order."""
        with self.connect() as connection:
            for name in MODELS:
                sql = render_model(name)
                connection.execute(f"create or replace table signals.{name} as {sql}")


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    """Insert rows at once; a statement a row takes DuckDB a second for a thousand."""
    connection.register("new_rows", pd.DataFrame(rows).astype(object))
    connection.execute(f"insert into {table} select * from new_rows")
    connection.unregister("new_rows")


@cache
def _empty_warehouse() -> Path:
    """Make the tables once; each test gets a copy."""
    path = Path(tempfile.mkdtemp()) / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        quantiles = [(n, 0.9, float(stats.t.ppf(0.95, n))) for n in range(1, 1001)]
        insert(connection, "reference.ref_t_quantile", quantiles)
        limits = [
            (
                count,
                0.9,
                float(stats.chi2.ppf(0.05, 2 * count)) / 2 if count else 0.0,
                float(stats.chi2.ppf(0.95, 2 * count + 2)) / 2,
            )
            for count in range(501)
        ]
        insert(connection, "reference.ref_poisson_limits", limits)
    return path


def monday(number: int) -> date:
    """Return the Monday of week `number`, 0 being 2024-01-01."""
    return FIRST_MONDAY + timedelta(weeks=number)
