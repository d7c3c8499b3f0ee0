"""Which items and counts of a number are told, and which would count people."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from orchestration.explain.items import file_lines, file_rows, item_lines
from tests.e2e.synthetic_warehouse import TABLES

WEEK = date(2026, 3, 2)
ROWS = """
    insert into registry.measures values
        ('filed', 'Tickets filed', 'count', 'event', 'ticket.created'),
        ('active', 'People', 'distinct_people', 'event', 'user.active');
    insert into metrics.int_metric_sides values
        ('desk', 'rate', 'numerator', 'filed'), ('desk', 'rate', 'denominator', 'active');
    insert into metrics.int_metric_lineage
            (product_id, metric_id, side, source_id, event_type, event_count) values
        ('desk', 'rate', 'numerator', 'portal', 'ticket.created', 2),
        ('desk', 'rate', 'denominator', 'portal', 'user.active', 2);
    insert into raw.landing_files values ('f', 'cloudevents/jo@example.org/desk.jsonl');
    insert into core.int_events values
        ('desk', 'portal', 't1', 'ticket.created', '2026-03-02', 'f', 3, null, null, null),
        ('desk', 'portal', 't2', 'ticket.created', '2026-03-09', 'f', 5, null, null, null),
        ('desk', 'portal', 'u1', 'user.active', '2026-03-02', 'f', 7, null, null, null);
    insert into metrics.int_measure_values values
        ('desk', 'filed', 'portal|t1', '2026-03-03 10:00', 1, '2026-03-02'),
        ('desk', 'filed', 'portal|t2', '2026-03-10 10:00', 1, '2026-03-09'),
        ('desk', 'active', 'portal|u1', '2026-03-03 10:00', 1, '2026-03-02');
    insert into signals.int_metric_task_types values ('wait', 'ticket');
    insert into core.int_tasks values
        ('desk', 'k1', 'finished', '2026-03-03 10:00', 'portal', 't1', null, null, null, 'ticket');
    insert into metrics.int_duration_items values
        ('desk', 'wait', 'k1', '2026-03-02', 4, false);
"""


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES + ROWS)
        yield connection


def keys(metric: str, last: date = WEEK) -> dict:
    return {"product": "desk", "metric": metric, "first": WEEK, "last": last, "grain": "week"}


def hide(warehouse: duckdb.DuckDBPyConnection, event_type: str, is_beside: bool) -> None:
    warehouse.execute(
        "insert into metrics.int_person_event_types values ('desk', 'portal', ?, true, ?)",
        [event_type, is_beside],
    )


def test_items_have_their_line_and_people_are_not_listed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    lines = item_lines(warehouse, keys("rate"), "count_rate")
    assert lines == [
        "  numerator: Tickets filed (filed, count): 1 item, together 1",
        "    landing/cloudevents/(address)/desk.jsonl:3  2026-03-03 10:00, 1",
        "  denominator: People (active, distinct_people): not listed, for they would count people",
    ]


def test_a_longer_period_lists_the_items_of_all_its_weeks(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    lines = item_lines(warehouse, keys("rate", date(2026, 3, 9)), "count_rate")
    assert "2 items, together 2" in lines[0]


@pytest.mark.parametrize(("is_beside", "is_listed"), [(False, False), (True, True)])
def test_a_side_that_counts_a_hidden_figure_is_not_listed(
    warehouse: duckdb.DuckDBPyConnection, is_beside: bool, is_listed: bool
) -> None:
    hide(warehouse, "ticket.created", is_beside)
    lines = item_lines(warehouse, keys("rate"), "count_rate")
    assert any("desk.jsonl:3" in line for line in lines) == is_listed


def test_tasks_that_the_served_table_leaves_out_are_not_listed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert len(item_lines(warehouse, keys("wait"), "duration")) == 2
    warehouse.execute("insert into signals.int_secret_task_types values ('desk', 'ticket')")
    assert item_lines(warehouse, keys("wait"), "duration") == [
        "  not listed: they would count people"
    ]


def test_files_are_named_without_the_count_of_events_that_count_people(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    hide(warehouse, "user.active", True)
    place = "  landing/cloudevents/(address)/desk.jsonl"
    (rows,) = file_rows(warehouse, [(keys("rate"), ["rate"])])
    told = file_lines(rows, is_of_people=False)
    assert told == [
        f"{place}: 1 event ticket.created of portal, from line 3",
        f"{place}: events user.active of portal, from line 7",
    ]
    told = file_lines(rows, is_of_people=True)
    assert all(": events " in line for line in told)


@pytest.mark.parametrize(("week", "lines"), [("2026-03-02", [2, 9]), ("2026-03-16", [])])
def test_files_hold_the_events_that_began_and_ended_the_items_at_another_time(
    warehouse: duckdb.DuckDBPyConnection, week: str, lines: list[int]
) -> None:
    warehouse.execute(
        """
        insert into raw.landing_files values ('before', 'before.jsonl'), ('after', 'after.jsonl');
        insert into metrics.int_metric_sides values ('desk', 'in_time', 'denominator', 'due');
        insert into metrics.int_metric_lineage
            (product_id, metric_id, side, source_id, event_type, event_count) values
            ('desk', 'in_time', 'denominator', 'portal', 'job.opened', 1),
            ('desk', 'in_time', 'denominator', 'portal', 'job.closed', 1);
        insert into core.int_events values
            ('desk', 'portal', 'o', 'job.opened', '2026-02-23', 'before', 2, '2026-02-25', 'j',
                null),
            ('desk', 'portal', 'c', 'job.closed', '2026-03-09', 'after', 9, '2026-03-10', 'j',
                null),
            ('desk', 'portal', 'd', 'job.closed', '2026-03-09', 'after', 8, '2026-03-10', 'i',
                null);
        insert into core.int_tasks values
            ('desk', 'j1', 'finished', '2026-02-25', 'portal', 'o', 'portal', '2026-03-10', 'j',
                'job');
        """
    )
    warehouse.execute(
        "insert into metrics.int_measure_values values "
        f"('desk', 'due', 'j1', '2026-03-04 10:00', 1, '{week}')"
    )
    # beside a number of another metric, which is told of by itself
    asked = [(keys("rate"), ["rate"]), (keys("in_time"), ["in_time"])]
    alone, rows = file_rows(warehouse, asked)
    assert alone == file_rows(warehouse, asked[:1])[0] != rows
    told = file_lines(rows, is_of_people=False)
    assert told == [
        f"  landing/{place}.jsonl: 1 event job.{what} of portal, from line {line}"
        for place, what, line in zip(
            ("after", "before"), ("closed", "opened"), lines[::-1], strict=False
        )
    ]
    # of tasks that nobody may count only the events of the period itself are told
    warehouse.execute("insert into signals.int_secret_task_types values ('desk', 'job')")
    assert file_rows(warehouse, asked)[1] == []
