"""A share above one is withheld, in the weeks that make it so."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from orchestration.defs.judge.trust_impossible import WHY, impossible_weeks

MONDAY = date(2026, 3, 2)
SECOND = MONDAY + timedelta(weeks=1)
PERIODS = """
    product_id varchar, metric_id varchar, period_grain varchar, period_start_date date,
    numerator double, denominator double
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for schema in ("registry", "metrics"):
            connection.execute(f"create schema {schema}")
        for name in ("int_metric_periods", "int_segment_values"):
            connection.execute(f"create table metrics.{name} ({PERIODS})")
        connection.execute(
            "create table registry.metrics as from (values ('share', 'proportion'), "
            "('rate', 'count_rate')) as t (metric_id, kind)"
        )
        connection.execute(
            "create table registry.check_thresholds as "
            "select 14 as check_id, 'a denominator that collapses' as defect"
        )
        connection.execute(
            "create table metrics.int_metric_period_weeks as "
            "select 'p' as product_id, metric_id, period_grain, ?::date as period_start_date, "
            "(?::date + 7 * n::int) as week_start_date, n < 2 as is_added "
            "from registry.metrics, (values ('fortnight')) as g (period_grain), range(3) as r (n) "
            "union all "
            "select 'p', metric_id, 'week', ?::date + 7 * n::int, ?::date + 7 * n::int, true "
            "from registry.metrics, range(3) as r (n)",
            [MONDAY] * 4,
        )
        connection.execute(
            "create table metrics.int_metric_lineage as from (values "
            "('p', 'share', 'denominator', 'roster', true), ('p', 'share', 'numerator', 'a', true),"
            "('p', 'share', 'denominator', 'again', false)) "
            "as t (product_id, metric_id, side, source_id, is_required)"
        )
        yield connection


def weeks(
    connection: duckdb.DuckDBPyConnection, *rows: tuple, table: str = "int_metric_periods"
) -> list[date]:
    """Return which weeks are withheld where a product has these rows."""
    for metric, grain, start, numerator, denominator in rows:
        connection.execute(
            f"insert into metrics.{table} values ('p', ?, ?, ?, ?, ?)",
            [metric, grain, start, numerator, denominator],
        )
    found = impossible_weeks(connection, {"roster": "Ask."})
    assert {unsure.grade for unsure in found.values()} <= {"D"}
    return [week for _, _, week in found]


@pytest.mark.parametrize(
    ("row", "is_found"),
    [(("share", "week", MONDAY, 11, 10), True), (("share", "week", MONDAY, 10, 10), False),
     (("rate", "week", MONDAY, 11, 10), False), (("share", "week", MONDAY, 1, 0), True),
     (("share", "week", MONDAY, None, 10), False), (("share", "week", MONDAY, 1, None), False)],
)  # fmt: skip
def test_a_share_above_one_is_withheld(
    connection: duckdb.DuckDBPyConnection, row: tuple, is_found: bool
) -> None:
    assert weeks(connection, row) == ([MONDAY] if is_found else [])


def test_a_longer_period_speaks_against_its_weeks_or_its_last_one(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert weeks(connection, ("share", "fortnight", MONDAY, 11, 10)) == [SECOND]
    # not where a week of it explains it
    assert weeks(connection, ("share", "week", MONDAY, 11, 10)) == [MONDAY]


def test_a_segment_speaks_against_its_period(connection: duckdb.DuckDBPyConnection) -> None:
    row = ("share", "week", SECOND, 3, 2)
    assert weeks(connection, row, table="int_segment_values") == [SECOND]


def test_it_names_the_source_of_what_is_divided_by_and_what_to_mend(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    weeks(connection, ("share", "week", MONDAY, 11, 10))
    (found,) = impossible_weeks(connection, {"roster": "Ask."}).values()
    assert (found.why, found.source_id) == (WHY, "roster")
    assert found.repair is not None
    assert found.repair[0] == "Repair the tool that sends what is divided by. Ask."
