"""Somebody who has every served table subtracts what is shown, and finds no hidden cell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from orchestration.workspace import Workspace

LENGTHS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}
SERVED = """
    select product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        numerator is not null or value is not null or unit_count is not null
        or person_count is not null or ci_low is not null or ci_high is not null
    from marts.fct_metric_values
    where is_ripe and (product_id, metric_id) in (
        select product_id, metric_id from marts.fct_metric_values where is_suppressed
    )
"""


@dataclass(frozen=True)
class Row:
    """One served row; `is_shown` where any figure of it can be read."""

    product: str
    metric: str
    segment_type: str
    segment: str
    grain: str
    start: date
    is_shown: bool


Unknown = tuple[str, date]
"""A segment (`all` where a metric has none) in a week."""


def weeks_of(grain: str, start: date) -> list[date]:
    """Return the Mondays of a period; a week belongs to the month and quarter of its Thursday."""
    if grain in LENGTHS:
        return [start + timedelta(weeks=n) for n in range(LENGTHS[grain])]
    thursdays = [start + timedelta(weeks=n, days=3) for n in range(15)]
    size = 3 if grain == "quarter" else 1
    of_period = [(day.year, (day.month - 1) // size) for day in thursdays]
    return [
        day - timedelta(days=3)
        for day, period in zip(thursdays, of_period, strict=True)
        if period == of_period[0]
    ]


def attack(rows: Iterable[Row]) -> set[tuple[str, str, str, date]]:
    """Return hidden segment-weeks that follow from shown rows: (product, metric, segment, week).

    Every shown row is the sum of segment-weeks; a week is found out if its unit vector lies in
    the space of these sums.
    """
    found = set()
    metrics: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        metrics.setdefault((row.product, row.metric), []).append(row)
    for (product, metric), served in metrics.items():
        hidden, sums = equations(served)
        unknowns = sorted({cell for cells in sums for cell in cells})
        number = {cell: n for n, cell in enumerate(unknowns)}
        matrix = np.zeros((len(sums), len(unknowns)))
        for line, cells in enumerate(sums):
            matrix[line, [number[cell] for cell in cells]] = 1
        if not unknowns:
            continue
        # the diagonal of the projection on the row space is 1 exactly where a cell is determined
        _, sizes, rows_of = np.linalg.svd(matrix, full_matrices=False)
        base = rows_of[sizes > 1e-8]
        known = np.flatnonzero((base * base).sum(axis=0) > 1 - 1e-6)
        found |= {(product, metric, *unknowns[n]) for n in known if unknowns[n] in hidden}
    return found


def equations(served: list[Row]) -> tuple[set[Unknown], list[set[Unknown]]]:
    """Return the hidden segment-weeks of a metric, and what each shown row is the sum of."""
    divided = [row for row in served if row.segment_type != "all"]
    names = {row.segment for row in divided} - {"other"} or {"all"}
    by_period: dict[tuple[str, date], dict[str, bool]] = {}
    for row in divided:
        by_period.setdefault((row.grain, row.start), {})[row.segment] = row.is_shown
    hidden: set[Unknown] = set()
    sums: list[set[Unknown]] = []
    for row in served:
        weeks = weeks_of(row.grain, row.start)
        inside = {row.segment}
        if row.segment == "other":
            shown = by_period[row.grain, row.start]
            inside = {name for name, is_shown in shown.items() if not is_shown} - {"other"}
        elif row.segment_type == "all":
            inside = names
        cells = {(name, week) for name in inside for week in weeks}
        if row.is_shown:
            sums.append(cells)
        elif row.grain == "week":
            hidden |= cells
    return hidden, sums


@pytest.fixture(scope="module")
def served(published_sample: Workspace) -> list[Row]:
    """Return the ripe rows of every metric of which something is hidden."""
    with duckdb.connect(str(published_sample.publish / "marts.duckdb"), read_only=True) as marts:
        return [Row(*row) for row in marts.execute(SERVED).fetchall()]


def test_no_hidden_cell_follows_from_all_that_is_served(served: list[Row]) -> None:
    hidden = {row.metric for row in served if not row.is_shown and row.segment_type != "all"}
    whole = {row.metric for row in served if not row.is_shown and row.segment_type == "all"}
    assert hidden >= {"error_fixing_share", "time_to_decision"}, "nothing is hidden by segment"
    assert whole >= {"adoption_rate", "details_corrected_share"}, "nothing is hidden by period"
    assert attack(served) == set()


def shows_siblings(row: Row) -> bool:
    """Show what is hidden beside the small one only: as if there were no complementary rule."""
    return row.is_shown or row.segment in ("food", "north", "south", "west")


def shows_periods(row: Row) -> bool:
    """Show longer periods whatever weeks of theirs are hidden."""
    return row.is_shown or (row.segment_type == "all" and row.grain != "week")


@pytest.mark.parametrize(
    ("breaks", "metric"), [(shows_siblings, "error_fixing_share"),
                           (shows_siblings, "time_to_decision"), (shows_periods, "adoption_rate"),
                           (shows_periods, "details_corrected_share")]
)  # fmt: skip
def test_without_one_of_the_rules_the_attack_finds_hidden_cells(
    served: list[Row], breaks: Callable[[Row], bool], metric: str
) -> None:
    rows = [replace(row, is_shown=breaks(row)) for row in served]
    assert metric in {found[1] for found in attack(rows)}


def test_what_is_hidden_in_a_period_is_of_enough_people_together(
    published_sample: Workspace,
) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        sizes = connection.execute(
            """
            select hidden.metric_id, hidden.period_start_date, any_value(cells.least_people),
                count(distinct hidden.segment_value), count(distinct people.person_id)
            from metrics.int_suppressed_cells as hidden
            join metrics.int_cells as cells
                using (product_id, metric_id, segment_type, segment_value, period_grain,
                       period_start_date)
            left join metrics.int_cell_people as people
                using (product_id, metric_id, segment_type, segment_value, period_grain,
                       period_start_date)
            group by all
            """
        ).fetchall()
    assert sizes
    for metric, start, least_people, segments, people in sizes:
        assert segments >= 2 and people >= least_people, (metric, start)


def test_a_derived_metric_about_people_is_hidden_exactly_where_a_parent_is(
    published_sample: Workspace,
) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        rows = connection.execute(
            """
            with served as (
                select product_id, metric_id, period_grain, period_start_date, is_suppressed
                from marts.fct_metric_values
                where segment_type = 'all'
            )
            select derived.metric_id, derived.period_grain, derived.period_start_date,
                derived.is_suppressed, bool_or(parents.is_suppressed)
            from registry.metrics
            inner join served as derived on metrics.metric_id = derived.metric_id
            inner join served as parents
                on derived.product_id = parents.product_id
                and derived.period_grain = parents.period_grain
                and derived.period_start_date = parents.period_start_date
                and ';' || metrics.derived_metric_ids || ';' like '%;' || parents.metric_id || ';%'
            where metrics.kind = 'derived' and metrics.subject_kind = 'person'
            group by all
            """
        ).fetchall()
    assert {grain for _, grain, *_ in rows} >= set(LENGTHS)
    assert [row for row in rows if row[3] != row[4]] == []


def test_a_product_of_seven_people_keeps_its_scorecard(published_sample: Workspace) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        cards = connection.execute(
            """
            select kpi_id, count(*) filter (where value is not null and is_ripe) as value_count,
                bool_or(is_suppressed) as is_hidden
            from registry.products
            join marts.dim_kpis using (product_id)
            join marts.fct_metric_values using (product_id, metric_id)
            where user_count = 7 and period_grain = 'week' and segment_type = 'all'
            group by all
            """
        ).fetchall()
        verdicts = connection.execute(
            "select distinct kpi_id from marts.kpi_scorecard "
            "join registry.products using (product_id) where user_count = 7"
        ).fetchall()
    assert cards and {kpi for kpi, *_ in cards} == {kpi for (kpi,) in verdicts}
    assert all(values >= 16 and not is_hidden for _, values, is_hidden in cards)


def test_no_served_table_holds_a_person(published_sample: Workspace) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        people = connection.execute(
            "select distinct actor_id from core.int_events "
            "where actor_id is not null and actor_kind = 'human'"
        ).fetchall()
    ids = {person for (person,) in people}
    with duckdb.connect(str(published_sample.publish / "marts.duckdb"), read_only=True) as marts:
        columns = marts.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where data_type = 'VARCHAR'"
        ).fetchall()
        for schema, table, column in columns:
            values = marts.execute(f'select distinct "{column}" from {schema}."{table}"').fetchall()
            assert not ids & {value for (value,) in values}, f"{table}.{column}"
