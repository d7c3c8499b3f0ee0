"""The published marts as rows in memory; the pages read nothing else."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

Row = dict[str, Any]

TABLES = (
    "dim_run", "dim_products", "dim_kpis", "dim_metrics", "dim_sources", "dim_metric_sources",
    "kpi_scorecard", "fct_metric_values", "fct_metric_signals", "fct_balance_states",
    "fct_tripwire_states", "fct_instrument_checks", "fct_source_trust", "fct_metric_trust",
    "fct_intake_reconciliation", "fct_quarantined_events", "fct_diagnostics",
    "fct_period_comparisons", "fct_delivery_quarters",
    "fct_tree_contributions", "fct_driver_evidence",
    "fct_impact_estimates", "fct_limit_segments", "fct_early_readings",
    "fct_lateness", "fct_lines_lost", "fct_plan_gaps", "fct_contract_checks", "fct_check_examples",
)  # fmt: skip


@dataclass(frozen=True)
class Marts:
    """Rows per table, in the order in which they were published."""

    tables: dict[str, list[Row]]

    @classmethod
    def read(cls, file: Path) -> "Marts":
        """Read what the pages need from a closed marts file."""
        with duckdb.connect() as connection:
            path = str(file).replace("'", "''")
            connection.execute(f"attach '{path}' as served (read_only)")
            return cls({table: _rows(connection, table) for table in TABLES})

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]

    @property
    def run(self) -> Row:
        return self["dim_run"][0]

    @cached_property
    def products(self) -> list[Row]:
        """Products in the order of the registry."""
        return sorted(
            self["dim_products"], key=lambda row: (row["registry_line"] or 0, row["product_id"])
        )

    @cached_property
    def metrics(self) -> dict[str, Row]:
        return {row["metric_id"]: row for row in self["dim_metrics"]}

    @cached_property
    def companions(self) -> dict[tuple, list[Row]]:
        """Metrics that summarise the items of another one, by (that metric), by name."""
        rows = [row for row in self.metrics.values() if row["companion_of_metric_id"]]
        rows.sort(key=lambda row: row["metric_name"])
        return grouped(rows, "companion_of_metric_id")

    @cached_property
    def graded(self) -> list[Row]:
        """Rows of trust of the metrics that stand for themselves, in their order."""
        companions = {name for name, row in self.metrics.items() if row["companion_of_metric_id"]}
        return [row for row in self["fct_metric_trust"] if row["metric_id"] not in companions]

    @cached_property
    def graded_of(self) -> dict[tuple, list[Row]]:
        """The same by (product)."""
        return grouped(self.graded, "product_id")

    @cached_property
    def sources(self) -> dict[str, Row]:
        return {row["source_id"]: row for row in self["dim_sources"]}

    @cached_property
    def latest_cards(self) -> list[Row]:
        """Latest scorecard row of each KPI, in the order of the registry; never by value."""
        product_order = {row["product_id"]: i for i, row in enumerate(self.products)}
        kpi_order = {row["kpi_id"]: row["registry_line"] or 0 for row in self["dim_kpis"]}
        latest = [row for row in self["kpi_scorecard"] if row["is_latest"]]
        return sorted(
            latest,
            key=lambda row: (
                product_order.get(row["product_id"], 0),
                kpi_order.get(row["kpi_id"], 0),
                row["kpi_id"],
            ),
        )

    @cached_property
    def values(self) -> dict[tuple, list[Row]]:
        """Whole-product values by (product, metric, period grain), by period."""
        whole = (row for row in self["fct_metric_values"] if row["segment_type"] == "all")
        return grouped(whole, "product_id", "metric_id", "period_grain")

    @cached_property
    def points(self) -> dict[tuple, list[Row]]:
        """Chart points by (product, metric), by period; the coarsest grain if there are two."""
        return grouped(self["fct_metric_signals"], "product_id", "metric_id")

    def shown_values(self, product_id: str, metric_id: str) -> list[Row]:
        """Values by the period in which the metric is charted, else by its natural one."""
        key = (product_id, metric_id)
        natural = self.metrics[metric_id]["natural_period"]
        grain = self.points[key][-1]["period_grain"] if key in self.points else natural
        return self.values.get((*key, grain)) or self.values.get((*key, natural), [])

    @cached_property
    def early_readings(self) -> dict[tuple, list[Row]]:
        """Readings of weeks that are not complete by (product, metric), by week."""
        return grouped(self["fct_early_readings"], "product_id", "metric_id")

    @cached_property
    def trust(self) -> dict[tuple, list[Row]]:
        """Trust rows by (product, metric), by week."""
        return grouped(self["fct_metric_trust"], "product_id", "metric_id")

    @cached_property
    def reasons(self) -> dict[tuple, list[Row]]:
        """Rows of trust that have a reason by (source, week)."""
        rows = (row for row in self["fct_metric_trust"] if row["reason"])
        return grouped(rows, "source_id", "week_start_date")

    @cached_property
    def checks(self) -> dict[tuple, list[Row]]:
        """Results of checks by (source), by event type, week and check."""
        return grouped(self["fct_instrument_checks"], "source_id")

    @cached_property
    def promises(self) -> dict[tuple, list[Row]]:
        """What was promised of sources and tables, kept or broken, by (dataset)."""
        return grouped(self["fct_contract_checks"], "dataset")

    @cached_property
    def examples(self) -> dict[tuple, list[Row]]:
        """Lines that show a finding by (source, event type, week, check), by number."""
        keys = ("source_id", "event_type", "week_start_date", "check_id")
        return grouped(self["fct_check_examples"], *keys)

    @cached_property
    def latest_week(self) -> date | None:
        """The latest whole week at the as-of instant that trust was graded for."""
        zone = ZoneInfo(self.run["reporting_time_zone"])
        as_of = self.run["as_of_at"].replace(tzinfo=UTC).astimezone(zone).date()
        weeks = {row["week_start_date"] for row in self["fct_metric_trust"]}
        return max((w for w in weeks if w + timedelta(days=7) <= as_of), default=None)

    @cached_property
    def segments(self) -> dict[tuple, list[Row]]:
        """Stretches with limits of their own by (product, metric), by number."""
        return grouped(self["fct_limit_segments"], "product_id", "metric_id")

    @cached_property
    def launches(self) -> dict[tuple, list[tuple[date, str]]]:
        """Day and words of the launches by (product, metric), by day."""
        days = {
            (row["launch_date"], row["intervention_id"], row["what_launched"]): (
                row["product_id"], row["metric_id"],
            )
            for row in self["fct_impact_estimates"]
        }  # fmt: skip
        found: dict[tuple, list[tuple[date, str]]] = defaultdict(list)
        for (launch_date, _, what), key in sorted(days.items()):
            found[key].append((launch_date, what))
        return dict(found)


def grouped(rows: Iterable[Row], *keys: str) -> dict[tuple, list[Row]]:
    """Rows by the values of some columns; their order within a group is kept."""
    groups: dict[tuple, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[key] for key in keys)].append(row)
    return dict(groups)


def latest_due(values: list[Row]) -> Row | None:
    """The latest period that has had its say, of which cards speak; None where none has."""
    return latest_where(values, lambda row: row["is_due"])


def latest_where(rows: list[Row], condition: Callable[[Row], bool]) -> Row | None:
    """The last row that meets the condition, None where none does."""
    return next((row for row in reversed(rows) if condition(row)), None)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    cursor = connection.execute(f"select * from served.{table} order by rowid")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
