"""SQL and the oracle, two ways from the same definitions, agree on every week of every metric."""

from collections import Counter
from datetime import datetime
from typing import Any

import duckdb
import pytest

from orchestration.dbt_runner import PROJECT
from tests.oracles import golden, golden_usage
from tests.oracles import oracle_usage as use_of
from tests.oracles.compare import WEEKS_OF_OWN_METRICS, compare
from tests.oracles.golden_registry import registry
from tests.oracles.oracle_events import Event, read_registry
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.warehouse import ZONE, Row


def as_text(value: Any) -> str:
    """Return a registry value as its CSV would hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def oracle_rows() -> dict[str, list[dict[str, str]]]:
    """Return the golden registry as texts, absent columns blank."""
    columns = {
        name: [*rows[0], "custom_model", "custom_parameter"]
        for name, rows in read_registry(PROJECT / "seeds/sample").items()
        if rows
    }
    rows = {
        name: [{c: as_text(row.get(c)) for c in columns.get(name, row)} for row in table]
        for name, table in registry().items()
    }
    rows["settings"].append({"setting": "reporting_time_zone", "value": ZONE.key})
    return rows


def oracle_event(number: int, row: Row) -> Event:
    """Return a golden event as the oracle's own."""
    return Event(
        source=row["source_id"], id=row["event_id"] or f"e{number:05d}", type=row["event_type"],
        product=row["product_id"], subject=row["subject_id"], occurred_at=row["occurred_at"],
        received_at=row["received_at"], actor=row["actor_id"], actor_kind=row["actor_kind"],
        environment=row.get("environment"), causation=row.get("causation_id"),
        weight=row["sampled_rate"], is_heartbeat=row["is_heartbeat"], data=row.get("data") or {},
    )  # fmt: skip


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """Return the oracle over the golden events."""
    events = [
        oracle_event(number, row)
        for number, row in enumerate(golden.events() + golden_usage.events())
    ]
    return Oracle(oracle_rows(), events, golden.AS_OF)


def test_sql_and_oracle_agree_on_worked_and_drawn_events(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    rows = golden_warehouse.execute(WEEKS_OF_OWN_METRICS).fetchall()
    count, found = compare(oracle, rows)
    drawn = {row[1] for row in rows if row[0] == "disorder" and row[3]}
    assert count == len(rows) > 150
    assert len(drawn) >= 14, f"drawn events leave metrics empty: {sorted(drawn)}"
    assert not found, Counter((d.product_id, d.metric_id) for d in found)


def test_quantiles_of_every_period_are_those_of_its_items(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    rows = golden_warehouse.execute(
        "select p.product_id, p.metric_id, m.statistic, p.period_start_date, p.period_grain, "
        "  list(w.week_start_date) filter (where w.is_added), p.value, p.unit_count, p.ci_low, "
        "  p.ci_high, p.no_value_reason "
        "from metrics.int_metric_periods p join registry.metrics m using (metric_id) "
        "join metrics.int_metric_period_weeks w "
        "  using (product_id, metric_id, period_grain, period_start_date) "
        "where m.kind = 'quantile' group by all"
    ).fetchall()
    assert len({row[:2] for row in rows}) >= 7 and len(rows) > 60
    for product, metric, statistic, *period, weeks, value, count, low, high, reason in rows:
        items = oracle.quantities(product, metric)
        found = [item for week in weeks or [] for item in items.get(week, [])]
        values, rates = [v for v, _ in found], {rate for _, rate in found}
        share = int(statistic[1:]) / 100
        where = (product, metric, period)
        assert count == len(values), where
        if len(rates) > 1 or not values:
            assert (value, low, high) == (None, None, None), where
            assert reason == ("mixed_sampling" if rates else "no_items") or not weeks, where
            continue
        assert value == pytest.approx(use_of.quantile(values, share), rel=1e-9), where
        interval = use_of.order_interval(values, share)
        assert (low, high) == (interval or (None, None)), where


def test_the_comparison_finds_a_number_that_is_off(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    rows = golden_warehouse.execute(WEEKS_OF_OWN_METRICS).fetchall()
    spoilt = [(p, m, w, n + (p == "ripe" and m == "job_time" and bool(n)), d)
              for p, m, w, n, d in rows if n is not None]  # fmt: skip
    _, found = compare(oracle, spoilt)
    assert [(d.product_id, d.metric_id, d.week) for d in found] == [
        ("ripe", "job_time", golden.BASE.date().replace(day=3))
    ]
