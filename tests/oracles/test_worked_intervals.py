"""Intervals and bounds of worked items are those that the method works out."""

import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles.test_worked_figures import value

LIMITS = ("ci_low", "ci_high")


def limits(warehouse: Warehouse, product: str, metric: str) -> tuple[float, float]:
    """Return both ends of the interval of the first week."""
    low, high = (value(warehouse, product, metric, column) for column in LIMITS)
    return low, high


def test_a_median_lies_between_two_of_its_items(golden_warehouse: Warehouse) -> None:
    # nine items: the second and the eighth, of 1 2 2 3 5 8 13 21 34
    assert value(golden_warehouse, "nine", "job_time_median") == 5
    assert limits(golden_warehouse, "nine", "job_time_median") == (2, 21)
    assert limits(golden_warehouse, "nine", "job_minutes_median") == (120, 1260)
    method = value(golden_warehouse, "nine", "job_time_median", "ci_method")
    assert method == "order_statistics"


def test_where_the_upper_item_never_finished_a_median_has_no_upper_end(
    golden_warehouse: Warehouse,
) -> None:
    assert value(golden_warehouse, "half_open", "job_time_median") == 5
    assert limits(golden_warehouse, "half_open", "job_time_median") == (2, None)


def test_the_mean_of_few_skewed_times_has_the_interval_of_cox(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "nine", "job_time_finished_mean") == pytest.approx(89 / 9)
    low, high = limits(golden_warehouse, "nine", "job_time_finished_mean")
    assert (low, high) == pytest.approx((3.264699725, 37.87612302))
    method = value(golden_warehouse, "nine", "job_time_finished_mean", "ci_method")
    assert method == "modified_cox"


def test_too_few_items_have_no_interval_of_median_or_mean(golden_warehouse: Warehouse) -> None:
    for metric in ("median", "finished_mean", "finished_p90"):
        assert limits(golden_warehouse, "skewed", f"job_time_{metric}") == (None, None)
        assert value(golden_warehouse, "skewed", f"job_time_{metric}", "ci_method") is None
