"""Iterations, deadlines, conditions, pauses and working time give figures worked by hand."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles import golden_tasks
from tests.oracles.golden import AS_OF
from tests.oracles.test_worked_figures import FIRST, SECOND, value
from tests.oracles.warehouse import build


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a read-only connection to the warehouse of these products."""
    home = tmp_path_factory.mktemp("tasks") / "workspace"
    database = build(home, golden_tasks.registry(), golden_tasks.events(), AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def parts(warehouse: Warehouse, product: str, metric: str, week: date) -> tuple[float, float]:
    """Return numerator and denominator of one week."""
    numerator, denominator = (
        value(warehouse, product, metric, column, week) for column in ("numerator", "denominator")
    )
    return numerator, denominator


def test_scope_is_what_was_committed_as_the_iteration_started(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select work_item_id, is_committed_at_start, is_withdrawn, is_delivered "
        "from core.int_iterations where iteration_id = 'sprint' order by work_item_id"
    ).fetchall()
    assert found == [
        ("added", False, False, True),
        ("added_at_end", False, False, False),
        ("at_start", True, False, True),
        ("back", True, False, False),
        ("earlier", True, False, False),
        ("kept", True, False, True),
        ("late", True, False, False),
        ("rescoped", True, True, False),
        ("resumed", True, False, True),
        ("tie", True, False, True),
    ]


def test_say_do_is_of_what_was_said_and_belongs_to_the_end(warehouse: Warehouse) -> None:
    # of eight committed at the start four were delivered in time; two of ten came later
    assert parts(warehouse, "iterate", "say_do", SECOND) == (4, 8)
    assert parts(warehouse, "iterate", "scope_added", SECOND) == (2, 10)
    assert parts(warehouse, "iterate", "completed_share", SECOND) == (1, 10)


def test_an_iteration_without_both_ends_has_no_items(warehouse: Warehouse) -> None:
    found = warehouse.execute("select distinct iteration_id from core.int_iterations").fetchall()
    assert found == [("sprint",)]


def test_a_deadline_of_ones_own_is_met_to_the_second(warehouse: Warehouse) -> None:
    # met and offset in time; missed, open, cancelled and naive late; due exactly at as-of counts
    assert parts(warehouse, "due", "on_time", FIRST) == (2, 6)
    assert parts(warehouse, "due", "on_time", SECOND) == (1, 1)
