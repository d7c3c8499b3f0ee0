"""Hold the warehouse of a workspace against the oracle, week by week."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.workspace import Workspace
from tests.oracles.oracle_events import read_events, read_registry
from tests.oracles.oracle_metrics import Oracle

WEEKS_OF_OWN_METRICS = """
    select periods.product_id, periods.metric_id, period_start_date, numerator, denominator
    from metrics.int_metric_periods as periods
    join registry.metrics as metrics using (metric_id)
    where period_grain = 'week' and kind not in ('derived', 'quantile')
    and (is_ripe or kind <> 'duration')
"""


@dataclass(frozen=True)
class Difference:
    """A week in which SQL and oracle disagree; values are (numerator, denominator)."""

    product_id: str
    metric_id: str
    week: date
    sql: tuple[float, float | None]
    oracle: tuple[float, float | None]


def differences(home: Path) -> tuple[int, list[Difference]]:
    """Return how many weeks of metrics were compared, and where they differ beyond 1e-9."""
    workspace = Workspace(home)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        rows = connection.execute(WEEKS_OF_OWN_METRICS).fetchall()
        as_of = connection.execute("select as_of_at from registry.run_context").fetchall()[0][0]
    registry = read_registry(workspace.seeds)
    return compare(Oracle(registry, read_events(workspace.landing, registry), as_of), rows)


def compare(oracle: Oracle, rows: list[tuple]) -> tuple[int, list[Difference]]:
    """Compare rows of (product, metric, week, numerator, denominator) with the oracle."""
    metrics: dict[tuple[str, str], dict[date, tuple[float, float | None]]] = defaultdict(dict)
    for product, metric, week, numerator, denominator in rows:
        metrics[product, metric][week] = (numerator or 0.0, denominator or None)
    found = []
    for (product, metric), sql in metrics.items():
        expected = oracle.week_parts(product, metric, sorted(sql))
        found += [
            Difference(product, metric, week, parts, expected[week])
            for week, parts in sorted(sql.items())
            if not _is_same(parts, expected[week])
        ]
    return len(rows), found


def _is_same(left: tuple[float, float | None], right: tuple[float, float | None]) -> bool:
    return all(
        math.isclose(a or 0.0, b or 0.0, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(left, right, strict=True)
    )
