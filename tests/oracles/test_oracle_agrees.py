"""SQL and the oracle, two ways from the same definitions, agree on every week of every metric."""

from collections import Counter
from dataclasses import replace

import duckdb
import pytest

from tests.oracles import golden, golden_intervals, golden_people, golden_usage
from tests.oracles.agreement import oracle_over
from tests.oracles.compare import COMPUTED, differences, rows_of
from tests.oracles.golden_registry import registry
from tests.oracles.oracle_hiding import RULES, Hiding
from tests.oracles.oracle_metrics import Oracle


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """Return the oracle over the golden events."""
    events = golden.events() + golden_usage.events() + golden_intervals.events()
    events += golden_people.events()
    return oracle_over(registry(), events, golden.AS_OF)


def test_sql_and_oracle_agree_on_worked_and_drawn_events(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    computed = rows_of(golden_warehouse.execute(COMPUTED).fetchall())
    drawn = {key[1] for key, told in computed.items() if key[0] == "disorder" and told.numerator}
    assert len(computed) > 1000
    assert len(drawn) >= 14, f"drawn events leave metrics empty: {sorted(drawn)}"
    found = differences(computed, oracle.readings())
    assert not found, (Counter((d.product_id, d.metric_id, d.column) for d in found), found[:3])


HIDDEN = """
    select suppressed.product_id, suppressed.metric_id, period_grain, period_start_date
    from metrics.int_metric_periods_suppressed as suppressed
    inner join metrics.int_metric_periods
        using (product_id, metric_id, period_grain, period_start_date)
"""


def test_sql_and_oracle_hide_the_same_periods_of_worked_and_drawn_events(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    hidden = set(golden_warehouse.execute(HIDDEN).fetchall())
    readings = oracle.readings()
    hiding = Hiding(oracle, readings)
    assert hidden == hiding.rules.keys(), hidden ^ hiding.rules.keys()
    others = {"one person makes it", "few records", "same counts", "derived"}
    assert hiding.counts.keys() == {*RULES, *others}, hiding.counts
    # a value is held back for want of items, its parts are so for want of people
    told = {readings[key].reason for key, rule in hiding.rules.items() if rule == RULES[1]}
    assert "too_few" in told


def test_the_comparison_finds_a_number_that_is_off(
    golden_warehouse: duckdb.DuckDBPyConnection, oracle: Oracle
) -> None:
    computed = rows_of(golden_warehouse.execute(COMPUTED).fetchall())
    key = ("ripe", "job_time", "week", golden.BASE.date().replace(day=3))
    computed[key] = replace(computed[key], numerator=(computed[key].numerator or 0.0) + 1)
    found = differences(computed, oracle.readings())
    assert [(*d[:4], d.column) for d in found] == [(*key, "numerator")]
