"""Growth, retention, churn and adoption together: what one hides, no other gives away."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from orchestration.workspace import Workspace
from tests.suppression.test_attack import weeks_of

WEEK = timedelta(weeks=1)
Cell = tuple[str, date, str]
"""A product, a week and what was counted: a state of growth, or `cohort <Monday>`."""
Equation = tuple[dict[Cell, float], float | None]
"""Coefficients, and the sum where it is served; None where two sums of cells are the same."""

GROWTH = """
    select product_id, week_start_date, active_people, new_people, retained_people,
        resurrected_people, churned_people, departed_people
    from {} order by all
"""
RETENTION = """
    select product_id, cohort_week_start_date, week_number, cohort_people, retained_people
    from {} order by all
"""
SHARES = """
    select product_id, metric_id, period_grain, period_start_date, numerator, denominator
    from marts.fct_metric_values
    where metric_id in ('churn_rate', 'adoption_rate') and is_ripe and numerator is not null
        and segment_type = 'all' and (metric_id = 'churn_rate' or period_grain = 'week')
"""


def growth_equations(rows: Iterable[tuple]) -> list[Equation]:
    """Whoever is active is new, retained or back; whoever was is retained, churned or gone."""
    found: list[Equation] = []
    for product, week, *counts in rows:
        cells = {
            name: (product, week, name)
            for name in ("active", "new", "retained", "resurrected", "churned", "departed")
        }
        found += [
            ({cell: 1.0}, count) for cell, count in zip(cells.values(), counts, strict=True)
            if count is not None
        ]  # fmt: skip
        now = dict.fromkeys((cells["new"], cells["retained"], cells["resurrected"]), 1.0)
        found.append((now | {cells["active"]: -1.0}, 0.0))
        before = dict.fromkeys((cells["retained"], cells["churned"], cells["departed"]), 1.0)
        found.append((before | {(product, week - WEEK, "active"): -1.0}, 0.0))
    return found


def retention_equations(rows: Iterable[tuple]) -> list[Equation]:
    """The people of a week are those of all cohorts; cohorts over twelve weeks old are one sum."""
    found: list[Equation] = []
    diagonals: dict[tuple[str, date], list[Cell]] = defaultdict(list)
    for product, cohort, number, cohort_people, retained in rows:
        week = cohort + number * WEEK
        cell = (product, week, f"cohort {cohort}")
        diagonals[product, week].append(cell)
        if retained is not None:
            found += [({cell: 1.0}, retained), ({(product, cohort, "new"): 1.0}, cohort_people)]
    for (product, week), cells in diagonals.items():
        parts = dict.fromkeys([*cells, (product, week, "new"), (product, week, "older")], 1.0)
        found.append((parts | {(product, week, "active"): -1.0}, 0.0))
    return found


def share_equations(rows: Iterable[tuple]) -> list[Equation]:
    """Adoption prints the active, churn the churned and who of the week before is still there."""
    found: list[Equation] = []
    for product, metric, grain, start, numerator, denominator in rows:
        weeks = weeks_of(grain, start)
        if metric == "adoption_rate":
            found.append(({(product, start, "active"): 1.0}, numerator))
            continue
        found.append(({(product, week, "churned"): 1.0 for week in weeks}, numerator))
        base = {(product, week - WEEK, "active"): 1.0 for week in weeks}
        base |= {(product, week, "departed"): -1.0 for week in weeks}
        found.append((base, denominator))
    return found


def determined(equations: list[Equation]) -> dict[Cell, float]:
    """Cells that follow from the equations, with their values."""
    cells = sorted({cell for parts, _ in equations for cell in parts})
    number = {cell: n for n, cell in enumerate(cells)}
    matrix = np.zeros((len(equations), len(cells)))
    totals = np.array([total for _, total in equations])
    for line, (parts, _) in enumerate(equations):
        for cell, weight in parts.items():
            matrix[line, number[cell]] = weight
    left, sizes, right = np.linalg.svd(matrix, full_matrices=False)
    keep = sizes > 1e-8
    values = right[keep].T @ ((left[:, keep].T @ totals) / sizes[keep])
    known = np.flatnonzero((right[keep] ** 2).sum(axis=0) > 1 - 1e-6)
    return {cells[n]: float(values[n]) for n in known}


def found_out(
    growth: Iterable[tuple], retention: Iterable[tuple], shares: Iterable[tuple]
) -> dict[Cell, float]:
    """Counts of one to four people that follow from what is served, product by product."""
    by_product: dict[str, list[Equation]] = defaultdict(list)
    for equation in [
        *growth_equations(growth), *retention_equations(retention), *share_equations(shares)
    ]:  # fmt: skip
        by_product[next(iter(equation[0]))[0]].append(equation)
    return {
        cell: value
        for equations in by_product.values()
        for cell, value in determined(equations).items()
        if 0.5 < value < 4.5
    }


@pytest.fixture(scope="module")
def served(published_sample: Workspace) -> tuple[list[tuple], list[tuple], list[tuple]]:
    with duckdb.connect(str(published_sample.publish / "marts.duckdb"), read_only=True) as marts:
        growth = marts.execute(GROWTH.format("marts.fct_growth_accounting")).fetchall()
        retention = marts.execute(RETENTION.format("marts.fct_retention")).fetchall()
        return growth, retention, marts.execute(SHARES).fetchall()


def test_no_count_of_few_people_follows_from_the_tables_of_usage(
    served: tuple[list[tuple], list[tuple], list[tuple]],
) -> None:
    growth, retention, shares = served
    assert any(row[3] is None for row in growth) and any(row[4] is None for row in retention)
    assert found_out(growth, retention, shares) == {}


def test_the_attack_succeeds_where_the_rules_are_left_out(published_sample: Workspace) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        growth = connection.execute(GROWTH.format("metrics.int_growth_weeks")).fetchall()
    # one state left out of each week, as if hiding the small one alone were enough
    spoilt = [
        tuple(None if 0 < count < 5 else count for count in row[2:]) for row in growth
    ]  # fmt: skip
    rows = [(*row[:2], *counts) for row, counts in zip(growth, spoilt, strict=True)]
    assert found_out(rows, [], [])
