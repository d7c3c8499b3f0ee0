"""Buyers that come back and budgets that are left, worked by hand."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles import golden, golden_platforms
from tests.oracles.agreement import disagreements
from tests.oracles.test_worked_figures import FIRST, SECOND, value
from tests.oracles.warehouse import build

FORTNIGHT = date(2025, 3, 10)
"""Holds the second and the third week."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a read-only connection to a warehouse of these products alone."""
    home = tmp_path_factory.mktemp("platforms") / "workspace"
    registry, events = golden_platforms.registry(), golden_platforms.events()
    database = build(home, registry, events, golden.AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def test_buyers_are_counted_once_though_they_are_no_people(warehouse: Warehouse) -> None:
    # a thrice, b, c twice and d; an order of nobody has no buyer, a probe is none
    assert value(warehouse, "shop", "buyers_back", "denominator") == 4
    assert value(warehouse, "shop", "buyers_back", "person_count") == 0
    # a came back within three days and so did d, in the next week; c came a second too late
    assert value(warehouse, "shop", "buyers_back") == 2 / 4


def test_buyers_of_a_longer_period_are_counted_anew(warehouse: Warehouse) -> None:
    four = [value(warehouse, "shop", "buyers_back", column, date(2025, 2, 24), "four_weeks")
            for column in ("numerator", "denominator")]  # fmt: skip
    assert four == [2, 4], "a and d once, though they bought in both weeks"


def test_buyers_beside_what_adds_up_are_buyer_weeks(warehouse: Warehouse) -> None:
    assert value(warehouse, "shop", "orders_per_buyer") == 8 / 4
    four = value(warehouse, "shop", "orders_per_buyer", "denominator", date(2025, 2, 24),
                 "four_weeks")  # fmt: skip
    assert four == 6


def test_a_budget_left_falls_below_nothing_once_it_is_overspent(warehouse: Warehouse) -> None:
    # 5 and 20 % down of the 10 that the goal allows, then none
    weeks = [FIRST, SECOND, date(2025, 3, 17)]
    found = [value(warehouse, "cluster", "budget_left", week=week) for week in weeks]
    assert found == pytest.approx([0.5, -1, 1])
    both = value(warehouse, "cluster", "budget_left", week=FORTNIGHT, grain="fortnight")
    assert both == pytest.approx(0), "10 % of the fortnight, all there is"


def test_the_oracle_says_the_same_of_every_period(warehouse: Warehouse) -> None:
    registry, events = golden_platforms.registry(), golden_platforms.events()
    assert not disagreements(warehouse, registry, events, golden.AS_OF)
