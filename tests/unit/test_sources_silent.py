"""A needed source of which few events come costs no verdict when it is silent: cards name it."""

from datetime import date, datetime, timedelta

import duckdb
import pytest

from tests.sql import render_model

AS_OF = datetime(2026, 5, 4)
LAST = date(2026, 4, 27)
HEARD = datetime(2026, 4, 9, 23, 30)
TABLES = """
    create schema registry; create schema signals; create schema metrics; create schema instruments;
    create table registry.run_context as select 'Europe/Berlin' as reporting_time_zone;
    create table signals.int_verdicts as
        select 'p' as product_id, 'k' as kpi_id, 'm' as metric_id, $grade as trust_grade,
            unnest($weeks::date[]) as week_start_date;
    create table metrics.int_metric_lineage as
        select 'p' as product_id, 'm' as metric_id, unnest(['few', 'many', 'none']) as source_id,
            unnest([$is_required, true, true]) as is_required;
    create table instruments.int_source_watermarks as from (values
        ('few', $heard, $heard, $as_of),
        ('many', $as_of - interval 1 hour, $as_of, $as_of),
        ('none', null, null, $as_of)
    ) as _(source_id, latest_received_at, watermark_at, observed_until_at);
"""


def told(grade: str | None = "B", heard: datetime = HEARD, is_required: bool = True) -> list[tuple]:
    """Return week and sentence of the KPI's last eight weeks."""
    given = {"grade": grade, "heard": heard, "is_required": is_required, "as_of": AS_OF,
             "weeks": [LAST - timedelta(weeks=back) for back in range(8)]}  # fmt: skip
    with duckdb.connect() as connection:
        for statement in TABLES.split(";")[:-1]:
            named = {name: value for name, value in given.items() if f"${name}" in statement}
            connection.execute(statement, named)
        query = render_model("int_kpi_sources_silent")
        return connection.execute(f"select week_start_date, silence from ({query})").fetchall()


@pytest.mark.parametrize("grade", ["A", "B", None])
def test_it_is_named_from_the_week_after_it_was_heard_of(grade: str | None) -> None:
    # half past one on the 10th in Berlin
    said = (
        "No later week is complete until few is heard of again, which is silent since 2026-04-10."
    )
    weeks = [LAST - timedelta(weeks=back) for back in range(3)]
    assert sorted(told(grade)) == sorted((week, said) for week in weeks)


@pytest.mark.parametrize("grade", ["C", "D"])
def test_a_verdict_that_is_withheld_says_so_itself(grade: str) -> None:
    assert told(grade) == []


def test_nothing_is_said_of_what_is_heard_of_or_not_needed() -> None:
    assert told(heard=AS_OF) == [] and told(is_required=False) == []
