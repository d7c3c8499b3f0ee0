"""People over a limit in four weeks, and what follows a release, worked by hand."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles import golden, golden_limits
from tests.oracles.agreement import disagreements
from tests.oracles.test_worked_figures import FIRST, SECOND, value
from tests.oracles.warehouse import build

WHOLE, LAST_WEEK = date(2025, 3, 24), date(2025, 4, 14)
"""The first four-week period that is seen from its beginning, and the last of its weeks."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a read-only connection to a warehouse of these products alone."""
    home = tmp_path_factory.mktemp("limits") / "workspace"
    database = build(home, golden_limits.registry(), golden_limits.events(), golden.AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def over(warehouse: Warehouse, column: str, week: date, grain: str = "week") -> Any:
    return value(warehouse, "shop", "shop_over", column, week, grain)


def test_people_over_a_limit_are_counted_in_the_last_week_of_four(warehouse: Warehouse) -> None:
    # over: who adds up, who was sampled, who filed in the last minute; not who is at the limit
    found = [over(warehouse, c, LAST_WEEK) for c in ("numerator", "denominator", "person_count")]
    assert found == [3, 6, 6]
    assert over(warehouse, "value", WHOLE, "four_weeks") == 0.5
    assert over(warehouse, "is_ripe", WHOLE, "four_weeks") is True


def test_the_other_weeks_of_four_have_no_value(warehouse: Warehouse) -> None:
    for week in (WHOLE, date(2025, 3, 31), date(2025, 4, 7), date(2025, 4, 21)):
        assert over(warehouse, "value", week) is None
        assert over(warehouse, "no_value_reason", week) == "no_denominator"


def test_a_period_that_began_before_the_first_entry_is_no_period(warehouse: Warehouse) -> None:
    first = "select min(period_start_date) from metrics.int_metric_periods where product_id = ?"
    assert warehouse.execute(f"{first} and period_grain = 'week'", ["shop"]).fetchone() == (WHOLE,)
    assert value(warehouse, "shop_whole", "shop_whole_over", week=LAST_WEEK) == 1


def test_few_people_over_a_limit_are_marked_as_too_few_to_show(warehouse: Warehouse) -> None:
    marked = warehouse.execute(
        "select distinct is_small from metrics.int_custom_weeks where denominator > 0"
    ).fetchall()
    assert marked == [(True,)]


def test_defects_belong_to_the_week_of_their_release_and_each_counts(warehouse: Warehouse) -> None:
    # three of r1, one of r4 that stands for two; r1, r2 and twice r4 were published
    parts = [value(warehouse, "train", "defects_per_release", column)
             for column in ("numerator", "denominator", "ci_low")]  # fmt: skip
    assert parts == [5, 4, None]
    assert value(warehouse, "train", "defective_share") == 3 / 4
    # the week is ripe as its last release's week is over
    ripe = [value(warehouse, "train", "defects_per_release", "is_ripe", week)
            for week in (FIRST, SECOND, date(2025, 4, 14), date(2025, 4, 21))]  # fmt: skip
    assert ripe == [True, True, True, False]


def test_the_oracle_says_the_same_of_every_period(warehouse: Warehouse) -> None:
    registry, events = golden_limits.registry(), golden_limits.events()
    assert not disagreements(warehouse, registry, events, golden.AS_OF)
