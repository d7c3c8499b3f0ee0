"""Explain the change of each parent in the metric tree by its children, period after period."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import pandas as pd

from orchestration.defs.judge.series import GRAIN_WEEKS
from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.tree import kitagawa, product_contributions, sum_contributions

GRAINS = ("four_weeks", "thirteen_weeks")

CONTRIBUTION_COLUMNS = {
    "product_id": "varchar",
    "parent_metric_id": "varchar",
    "child_metric_id": "varchar",
    "segment_value": "varchar",
    "edge_type": "varchar",
    "period_grain": "varchar",
    "period_start_date": "date",
    "previous_start_date": "date",
    "parent_before": "double",
    "parent_after": "double",
    "child_before": "double",
    "child_after": "double",
    "weight_before": "double",
    "weight_after": "double",
    "contribution": "double",
    "rate_effect": "double",
    "mix_effect": "double",
    "has_opposite_rates": "boolean",
    "trust_grade": "varchar",
    "no_value_reason": "varchar",
}

# from `parent_before` to `has_opposite_rates`
BLANK = (None,) * 10

EDGES = """
    select product_id, parent_metric_id, child_metric_id, edge_type, segment_type
    from registry.tree_edges
    where edge_type <> 'influence'
    order by product_id, parent_metric_id, child_metric_id
"""

# ripe periods as they may be shown, with the worst trust of their weeks; a node rests on all below
# it through arithmetic edges, and influence edges pass no trust
PERIODS = """
    with recursive grains (period_grain, week_count) as (
        values ('week', 1), ('fortnight', 2), ('four_weeks', 4), ('thirteen_weeks', 13)
    ),
    nodes as (
        select distinct product_id, metric_id, metric_id as below_id from metrics.int_metric_periods
        union
        select n.product_id, n.metric_id, e.child_metric_id as below_id
        from nodes as n
        join registry.tree_edges as e
            on e.product_id = n.product_id and e.parent_metric_id = n.below_id
            and e.edge_type <> 'influence'
    )
    select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
           cast(p.value as double) as value, cast(p.numerator as double) as numerator,
           cast(p.denominator as double) as denominator,
           coalesce(max(t.grade), 'D') as trust_grade,
           case when s.metric_id is not null then 'suppressed' else p.no_value_reason end
               as no_value_reason
    from metrics.int_metric_periods as p
    join grains as g using (period_grain)
    left join metrics.int_metric_periods_suppressed as s
        using (product_id, metric_id, period_grain, period_start_date)
    join nodes as n on n.product_id = p.product_id and n.metric_id = p.metric_id
    left join guard.metric_trust as t
        on t.product_id = n.product_id and t.metric_id = n.below_id
        and t.week_start_date >= p.period_start_date
        and t.week_start_date < p.period_start_date + 7 * g.week_count
    where p.segment_type = 'all' and p.is_ripe
    group by all
    order by p.product_id, p.metric_id, p.period_grain, p.period_start_date
"""

# segments of the one grain in which a metric is shown, hidden ones marked
CELLS = """
    select c.product_id, c.metric_id, c.segment_type, c.segment_value, c.period_grain,
           c.period_start_date, cast(c.numerator as double) as numerator,
           cast(c.denominator as double) as denominator, h.metric_id is not null as is_hidden,
           exists (
               select 1 from metrics.int_suppressed_cells as e
               where e.product_id = c.product_id and e.metric_id = c.metric_id
                   and e.period_start_date = c.period_start_date and e.is_pool_end
           ) as has_pool
    from metrics.int_cells as c
    join (
        select distinct product_id, metric_id, segment_type, period_grain
        from metrics.int_segment_periods
    ) as g using (product_id, metric_id, segment_type, period_grain)
    left join metrics.int_suppressed_cells as h
        using (product_id, metric_id, segment_type, segment_value, period_grain, period_start_date)
    where c.is_ripe and c.has_denominator
    order by all
"""


@dataclass(frozen=True)
class Branch:
    """A parent with its children of one arithmetic type."""

    product_id: str
    parent: str
    edge_type: str
    children: tuple[str, ...]
    segment_type: str | None


def write_contributions(database: Path) -> None:
    """Write `guard.tree_contributions` anew: one row per edge (or segment) and pair of periods.

    Args:
        database: The private warehouse, after the measure step and the trust grades.

    Both periods of a pair are ripe and follow each other. Where a part has no value that may be
    shown, or one of the two periods isn't trusted, the row says why and has no contribution.
    """
    with connect(database) as connection:
        periods = connection.execute(PERIODS).df()
        cells = connection.execute(CELLS).df()
        branches = read_branches(connection)
        rows = [row for branch in branches for row in _contributions(branch, periods, cells)]
        write_table(connection, "tree_contributions", CONTRIBUTION_COLUMNS, rows)


def read_branches(connection: duckdb.DuckDBPyConnection) -> list[Branch]:
    """Return the arithmetic part of the tree; the registry's rules allow one type a parent."""
    branches: dict[tuple[str, str], list[tuple]] = {}
    for row in connection.execute(EDGES).fetchall():
        branches.setdefault((row[0], row[1]), []).append(row)
    return [
        Branch(product, parent, rows[0][3], tuple(row[2] for row in rows), rows[0][4])
        for (product, parent), rows in branches.items()
    ]


def _contributions(branch: Branch, periods: pd.DataFrame, cells: pd.DataFrame) -> Iterator[tuple]:
    own = periods[periods.product_id == branch.product_id]
    if branch.segment_type is not None:
        yield from _by_segment(branch, own, cells)
        return
    for grain in GRAINS:
        of_grain = own[own.period_grain == grain]
        values = {
            name: of_grain[of_grain.metric_id == name].set_index("period_start_date")
            for name in (branch.parent, *branch.children)
        }
        starts = list(values[branch.parent].index)
        for before, after in _neighbours(starts, grain):
            pair = {name: (_at(rows, before), _at(rows, after)) for name, rows in values.items()}
            yield from _split(branch, grain, before, after, pair)


def _neighbours(starts: list[pd.Timestamp], grain: str) -> list[tuple]:
    """Return the pairs of periods that follow each other without a gap."""
    length = timedelta(weeks=GRAIN_WEEKS[grain])
    return [(before, after) for before, after in pairwise(starts) if after - before == length]


def _at(rows: pd.DataFrame, start: pd.Timestamp) -> pd.Series | None:
    # a period has one row
    return cast(pd.Series, rows.loc[start]) if start in rows.index else None


def _split(
    branch: Branch, grain: str, before: pd.Timestamp, after: pd.Timestamp, pair: dict
) -> Iterator[tuple]:
    """Return one row per child for a pair of periods."""
    key = (branch.product_id, branch.parent)
    when = (grain, after.date(), before.date())
    both = [value for values in pair.values() for value in values]
    grade = max("D" if value is None else value.trust_grade for value in both)
    reason = _missing(both, grade)
    parent = pair[branch.parent]
    if reason is not None:
        for child in branch.children:
            yield (*key, child, None, branch.edge_type, *when, *BLANK, grade, reason)
        return
    children = [pair[child] for child in branch.children]
    old, new = (np.array([child[side].value for child in children]) for side in (0, 1))
    if branch.edge_type == "weighted_rate":
        weights = [np.array([c[side].denominator for c in children]) for side in (0, 1)]
        if not _is_whole(weights, parent):
            for child in branch.children:
                yield (*key, child, None, branch.edge_type, *when, *BLANK, grade, "parts_overlap")
            return
        names = [(child, None) for child in branch.children]
        yield from _weighted(branch, when, names, parent, weights, (old, new), grade)
        return
    split = sum_contributions if branch.edge_type == "sum" else product_contributions
    total = float(old.sum()), float(new.sum())
    if branch.edge_type == "product":
        total = float(old.prod()), float(new.prod())
    is_whole = np.allclose(total, [p.value for p in parent], rtol=1e-9, atol=1e-12)
    parts = split(old, new)
    for number, child in enumerate(branch.children):
        yield (
            *key, child, None, branch.edge_type, *when, parent[0].value, parent[1].value,
            old[number], new[number], None, None, parts[number] if is_whole else None, None, None,
            None, grade, None if is_whole else "parts_do_not_make_the_parent",
        )  # fmt: skip


def _missing(values: list, grade: str) -> str | None:
    """Say why a pair of periods can't be split, None where it can."""
    if any(value is None for value in values):
        return "no_items"
    if grade in ("C", "D"):
        return "withheld"
    if any(value.no_value_reason == "suppressed" for value in values):
        return "suppressed"
    return next((value.no_value_reason for value in values if pd.isna(value.value)), None)


def _is_whole(weights: list[np.ndarray], parent: tuple) -> bool:
    """Tell whether the children's denominators add up to the parent's."""
    return all(
        np.isclose(weight.sum(), side.denominator, rtol=1e-9)
        for weight, side in zip(weights, parent, strict=True)
    )


def _weighted(
    branch: Branch,
    when: tuple,
    names: Sequence[tuple[str, str | None]],
    parent: tuple,
    weights: list[np.ndarray],
    rates: tuple[np.ndarray, np.ndarray],
    grade: str,
) -> Iterator[tuple]:
    """Return the rows of a weighted mean: each part's own change, and the change of the mix."""
    split = kitagawa(weights[0], weights[1], *rates)
    shares = [weight / weight.sum() for weight in weights]
    for number, (child, segment) in enumerate(names):
        old, new = (
            float(rate[number]) if weight[number] > 0 else None
            for rate, weight in zip(rates, weights, strict=True)
        )
        rate, mix = float(split.rate_effects[number]), float(split.mix_effects[number])
        yield (
            branch.product_id, branch.parent, child, segment, branch.edge_type, *when,
            parent[0].value, parent[1].value, old, new, shares[0][number], shares[1][number],
            rate + mix, rate, mix, split.is_simpson, grade, None,
        )  # fmt: skip


def _by_segment(branch: Branch, own: pd.DataFrame, cells: pd.DataFrame) -> Iterator[tuple]:
    """Split a metric by its own segments, in the one grain in which they are shown."""
    is_own = (cells.product_id == branch.product_id) & (cells.metric_id == branch.parent)
    mine = cells[is_own & (cells.segment_type == branch.segment_type)]
    for grain, rows in mine.groupby("period_grain"):
        whole = own[(own.metric_id == branch.parent) & (own.period_grain == grain)]
        whole = whole.set_index("period_start_date")
        starts = list(whole.index)
        of_period = dict(tuple(rows.groupby("period_start_date")))
        for before, after in _neighbours(starts, str(grain)):
            parent = (whole.loc[before], whole.loc[after])
            parts = [of_period.get(start) for start in (before, after)]
            when = (str(grain), after.date(), before.date())
            yield from _segments_of_pair(branch, when, parent, parts)


def _segments_of_pair(
    branch: Branch, when: tuple, parent: tuple, parts: list[pd.DataFrame | None]
) -> Iterator[tuple]:
    key = (branch.product_id, branch.parent, branch.parent)
    grade = max(side.trust_grade for side in parent)
    reason = _missing(list(parent), grade)
    present = [part for part in parts if part is not None]
    if reason is None and len(present) < len(parts):
        reason = "no_items"
    hidden = {name for part in present for name in part.segment_value[part.is_hidden]}
    if reason is None and hidden and not all(
        part.has_pool.any() or not part.is_hidden.any() for part in present
    ):  # fmt: skip
        reason = "suppressed"
    if reason is not None:
        yield (*key, None, branch.edge_type, *when, *BLANK, grade, reason)
        return
    # what is hidden in either period is one part in both
    pooled = [
        part.assign(name=part.segment_value.where(~part.segment_value.isin(hidden), "other"))
        .groupby("name")[["numerator", "denominator"]].sum()
        for part in present
    ]  # fmt: skip
    names = sorted(set(pooled[0].index) | set(pooled[1].index))
    sides = [side.reindex(names, fill_value=0.0) for side in pooled]
    weights = [side.denominator.to_numpy(float) for side in sides]
    if not _is_whole(weights, parent):
        yield (*key, None, branch.edge_type, *when, *BLANK, grade, "parts_overlap")
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        old, new = (side.numerator.to_numpy(float) / w for side, w in zip(sides, weights))  # noqa: B905
    labels = [(branch.parent, str(name)) for name in names]
    yield from _weighted(branch, when, labels, parent, weights, (old, new), grade)
