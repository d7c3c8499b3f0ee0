"""Sessions, quantiles and the other facts of use give the worked figures of the method."""

from datetime import date

import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles.test_worked_figures import FIRST, SECOND, value


def lengths(warehouse: Warehouse, person: str, product: str = "visits") -> list[tuple[int, float]]:
    """Return (events, minutes) of a person's sessions, in order."""
    return warehouse.execute(
        "select event_count, length_us / 6e7 from core.int_sessions "
        "where person_id = ? and product_id = ? order by session_number",
        [person, product],
    ).fetchall()


def test_a_session_goes_on_for_half_an_hour_and_not_a_second_longer(
    golden_warehouse: Warehouse,
) -> None:
    assert lengths(golden_warehouse, "worked") == [(3, 39), (4, 61)]
    assert lengths(golden_warehouse, "stays") == [(2, 30)]
    assert lengths(golden_warehouse, "splits") == [(1, 0), (1, 0)]


def test_midnight_breaks_no_session_and_a_week_holds_those_that_begin_in_it(
    golden_warehouse: Warehouse,
) -> None:
    (owl,) = lengths(golden_warehouse, "owl")
    assert owl == (4, pytest.approx(36))
    weeks = golden_warehouse.execute(
        "select week_start_date from core.int_sessions where person_id = 'sunday'"
    ).fetchall()
    assert weeks == [(FIRST,)]


def test_machines_probes_and_nobody_have_no_sessions(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select product_id, count(*), count(distinct person_id) from core.int_sessions "
        "where product_id like 'visits%' group by all order by 1"
    ).fetchall()
    assert found == [("visits", 7, 5), ("visits_elsewhere", 1, 1)]


def test_a_session_of_one_event_is_counted_and_has_no_length(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "visits", "sessions_per_person") == pytest.approx(7 / 5)
    # 39 and 61, 30, 36 and 12 minutes; the two of one event are left out
    assert value(golden_warehouse, "visits", "session_mean") == pytest.approx(178 / 5)
    assert value(golden_warehouse, "visits", "session_median") == pytest.approx(36)
    assert value(golden_warehouse, "visits", "session_median", "unit_count") == 5
    reason = value(golden_warehouse, "visits", "session_median", "no_value_reason", SECOND)
    assert reason == "no_items"


def test_a_quantile_lies_between_its_neighbours(golden_warehouse: Warehouse) -> None:
    found = [value(golden_warehouse, "loads", f"load_{name}") for name in ("p50", "p75", "p95")]
    assert found == pytest.approx([650, 925, 1145])


def test_the_interval_of_a_median_is_the_third_and_the_tenth_of_twelve(
    golden_warehouse: Warehouse,
) -> None:
    low, high = (value(golden_warehouse, "loads", "load_p50", c) for c in ("ci_low", "ci_high"))
    assert (low, high) == (300, 1000)
    assert value(golden_warehouse, "loads", "load_p95", "ci_high") is None


def test_a_longer_period_is_recomputed_from_its_items(golden_warehouse: Warehouse) -> None:
    # 10000, and 100 200 300: the mean of the weeks' medians would be 5100
    assert value(golden_warehouse, "loads", "load_p50", week=SECOND) == 10_000
    assert value(golden_warehouse, "loads", "load_p50", week=SECOND, grain="fortnight") == 250


def test_items_sampled_at_several_rates_have_no_quantile(golden_warehouse: Warehouse) -> None:
    fifth = date(2025, 3, 31)
    assert value(golden_warehouse, "loads", "load_p50", week=fifth) is None
    reason = value(golden_warehouse, "loads", "load_p50", "no_value_reason", fifth)
    assert reason == "mixed_sampling"
