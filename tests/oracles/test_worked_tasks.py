"""Iterations, deadlines, conditions, pauses and working time give figures worked by hand."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles import golden_tasks
from tests.oracles.agreement import disagreements
from tests.oracles.test_worked_figures import FIRST, SECOND, value
from tests.oracles.warehouse import build

MARCH = date(2026, 3, 2)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a read-only connection to the warehouse of these products."""
    home = tmp_path_factory.mktemp("tasks") / "workspace"
    database = build(home, golden_tasks.registry(), golden_tasks.events(), golden_tasks.AS_OF)
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


def test_a_task_of_a_condition_starts_and_ends_where_it_is_met(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select subject_id, duration_us / 3600000000 from core.int_tasks "
        "where task_type_id = 'review' order by subject_id, started_at"
    ).fetchall()
    assert found == [("stays", None), ("twice", 4), ("twice", 3.5)]
    assert parts(warehouse, "board", "review_time", FIRST) == (17.5, 3)


def test_waiting_is_kept_apart_and_never_taken_off(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select subject_id, paused_us / 3600000000, duration_us / 3600000000 from core.int_tasks "
        "where task_type_id = 'ticket' order by subject_id"
    ).fetchall()
    assert found == [
        ("after", 0, 10),
        ("around", 10, 10),
        ("before", 2, 10),
        ("dropped", 2, None),
        ("instant", 0, 10),
        ("nested", 3, 10),
        ("none", 0, 10),
        ("open", None, None),
        ("plain", 3, 10),
        ("twice", 1.5, 10),
        ("unanswered", 2, 10),
    ]
    assert parts(warehouse, "wait", "waiting_hours", FIRST) == (23.5, 11)
    # around, nested and plain
    assert parts(warehouse, "wait", "waited_long", FIRST) == (3, 11)
    assert parts(warehouse, "wait", "ticket_time", FIRST) == (9 * 10 + 2 * 20, 11)


def test_working_time_is_the_overlap_with_office_hours(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select subject_id, duration_us / 3600000000, working_us / 3600000000 "
        "from core.int_tasks where product_id = 'office' and task_type_id = 'errand' "
        "order by subject_id"
    ).fetchall()
    assert found == [
        ("fri_mon", 90, 2),
        ("overnight", 13.5, 0),
        ("same_day", 0.75, 0.75),
        ("weekend_open", 69.5, 0.5),
    ]
    # 2, 0, 0.75 and 0.5 hours; the metric by the calendar beside it
    assert parts(warehouse, "office", "errand_work", MARCH) == (3.25, 4)
    assert value(warehouse, "office", "errand_work_median", week=MARCH) == 0.5
    assert value(warehouse, "office", "errand_work_finished_mean", week=MARCH) == 3.25 / 4
    assert parts(warehouse, "office", "errand_time", MARCH) == (173.75, 4)


def test_work_outside_hours_is_nothing_and_its_share_can_be_shown(warehouse: Warehouse) -> None:
    assert parts(warehouse, "office", "errands_unworked", MARCH) == (1, 4)


def test_the_zone_knows_when_the_clocks_change(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select task_type_id, subject_id, duration_us / 3600000000, working_us / 3600000000 "
        "from core.int_tasks where product_id = 'clocks' order by subject_id, task_type_id"
    ).fetchall()
    assert found == [
        ("errand", "lunch", 2, 2),
        ("half", "lunch", 2, 1),
        ("shift", "lunch", 2, 0),
        ("errand", "never", None, None),
        ("half", "never", None, None),
        ("shift", "never", None, None),
        # 65 hours by the clock on the wall; the Sunday has 23
        ("errand", "weekend", 64, 1),
        ("half", "weekend", 64, 1),
        ("shift", "weekend", 64, 23),
    ]
    # lunch 2, weekend 1, and the open one counts eight hours of work
    clocks = date(2026, 3, 23)
    assert parts(warehouse, "clocks", "errand_work", clocks) == (11, 3)
    assert parts(warehouse, "clocks", "errand_halves", clocks) == (60 * (1 + 1 + 8), 3)


def test_a_deadline_in_working_time_is_when_so_many_hours_of_work_have_passed(
    warehouse: Warehouse,
) -> None:
    # an hour from Friday 16:00 ends at 17:00, from a Saturday on Tuesday at 10:00, the Monday being
    # a holiday; from Tuesday evening on Wednesday at 10:00
    assert parts(warehouse, "office", "errands_in_time", MARCH) == (2, 3)
    assert parts(warehouse, "office", "errands_in_time", date(2026, 3, 9)) == (1, 1)
    # half an hour on Friday, half on Monday until 9:30 of summer time, when it was done
    assert parts(warehouse, "clocks", "errands_in_time", date(2026, 3, 30)) == (1, 1)
    assert parts(warehouse, "clocks", "errands_in_time", date(2026, 3, 23)) == (0, 2)


def test_weeks_begin_at_local_midnight_also_after_the_clocks_change(warehouse: Warehouse) -> None:
    found = warehouse.execute(
        "select subject_id, week_start_date, timezone('Europe/Berlin', timezone('UTC', started_at))"
        " from core.int_tasks where product_id = 'midnight' and task_type_id = 'errand'"
    ).fetchall()
    weeks = {subject: week for subject, week, _ in found}
    assert weeks == {
        "last_of_summer_week": date(2025, 10, 20),
        "first_of_winter_week": date(2025, 10, 27),
        "last_of_winter_week": date(2026, 3, 23),
        "first_of_summer_week": date(2026, 3, 30),
    }
    starts = {subject: start.isoformat() for subject, _, start in found}
    assert starts == golden_tasks.MIDNIGHTS


def test_a_week_is_ripe_when_tau_of_work_is_over_and_not_a_second_before(
    warehouse: Warehouse,
) -> None:
    # the Monday after the week is a holiday: eight hours of work end on Tuesday at 17:00
    assert value(warehouse, "office_ripe", "errand_work", "is_ripe", MARCH) is True
    assert parts(warehouse, "office_ripe", "errand_work", MARCH) == (8.5, 2)
    assert value(warehouse, "office_soon", "errand_work", "is_ripe", MARCH) is False
    assert value(warehouse, "office_soon", "errand_work", week=MARCH) is None


def test_the_oracle_says_the_same_of_every_period(warehouse: Warehouse) -> None:
    registry, events = golden_tasks.registry(), golden_tasks.events()
    assert not disagreements(warehouse, registry, events, golden_tasks.AS_OF)
