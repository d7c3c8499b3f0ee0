"""Contributions of a metric tree, from a warehouse made by hand."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.judge.tree import write_contributions

FIRST = date(2024, 1, 1)
TABLES = """
create schema registry; create schema metrics; create schema guard;
create table registry.tree_edges (
    product_id varchar, parent_metric_id varchar, child_metric_id varchar, edge_type varchar,
    segment_type varchar);
create table metrics.int_metric_periods (
    product_id varchar, metric_id varchar, segment_type varchar, period_grain varchar,
    period_start_date date, value double, numerator double, denominator double, is_ripe boolean,
    no_value_reason varchar);
create table metrics.int_metric_periods_suppressed (
    product_id varchar, metric_id varchar, period_grain varchar, period_start_date date);
create table guard.metric_trust (
    product_id varchar, metric_id varchar, week_start_date date, grade varchar);
create table metrics.int_cells (
    product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar,
    period_grain varchar, period_start_date date, numerator double, denominator double,
    is_ripe boolean, has_denominator boolean);
create table metrics.int_suppressed_cells (
    product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar,
    period_grain varchar, period_start_date date, is_pool_end boolean);
create table metrics.int_segment_periods (
    product_id varchar, metric_id varchar, segment_type varchar, period_grain varchar);
"""
Pair = tuple[tuple[float, float], tuple[float, float]]
"""Numerator and denominator before and after."""


class Tree:
    """A small warehouse with two neighbouring periods of four weeks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = duckdb.connect(str(path))
        self.connection.execute(TABLES)

    def run(self, sql: str, values: Iterable[object] = ()) -> list[tuple]:
        return self.connection.execute(sql, list(values)).fetchall()

    def metric(self, metric_id: str, pair: Pair, grade: str = "A", reason: str = "") -> None:
        for number, (x, n) in enumerate(pair):
            start = FIRST + timedelta(weeks=4 * number)
            value = None if reason or not n else x / n
            self.run(
                "insert into metrics.int_metric_periods values"
                " ('p', ?, 'all', 'four_weeks', ?, ?, ?, ?, true, ?)",
                [metric_id, start, value, x, n, reason or None],
            )
            for week in range(4):
                day = start + timedelta(weeks=week)
                self.run(
                    "insert into guard.metric_trust values ('p', ?, ?, ?)", [metric_id, day, grade]
                )

    def edges(self, kind: str, *children: str) -> None:
        for child in children:
            self.run(
                "insert into registry.tree_edges values ('p', 'whole', ?, ?, null)", [child, kind]
            )

    def segments(self, name: str, pair: Pair, hidden: tuple[bool, bool] = (False, False)) -> None:
        for number, (x, n) in enumerate(pair):
            key = ["whole", "region", name, "four_weeks", FIRST + timedelta(weeks=4 * number)]
            if n:
                self.run(
                    "insert into metrics.int_cells values ('p', ?, ?, ?, ?, ?, ?, ?, true, true)",
                    [*key, x, n],
                )
            if hidden[number]:
                self.run(
                    "insert into metrics.int_suppressed_cells values ('p', ?, ?, ?, ?, ?, true)",
                    key,
                )

    def contributions(self) -> list[tuple]:
        self.connection.close()
        write_contributions(self.path)
        self.connection = duckdb.connect(str(self.path))
        return self.run(
            "select coalesce(segment_value, child_metric_id), contribution, rate_effect,"
            " mix_effect, has_opposite_rates, no_value_reason"
            " from guard.tree_contributions order by 1"
        )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "tree.duckdb")


def test_the_worked_mix_is_split_and_the_whole_moves_against_its_parts(tree: Tree) -> None:
    tree.metric("whole", ((82, 100), (71, 100)))
    tree.metric("a", ((72, 80), (38, 40)))
    tree.metric("b", ((10, 20), (33, 60)))
    tree.edges("weighted_rate", "a", "b")
    rows = tree.contributions()
    assert [row[2] for row in rows] == pytest.approx([0.03, 0.02])
    assert [row[3] for row in rows] == pytest.approx([-0.064, -0.096])
    assert sum(row[1] for row in rows) == pytest.approx(0.71 - 0.82, abs=1e-12)
    assert [row[4] for row in rows] == [True, True]


def test_the_worked_product_is_split_by_logarithmic_means(tree: Tree) -> None:
    tree.metric("whole", ((20, 1), (36, 1)))
    for name, pair in {"f": (10, 12), "g": (4, 5), "h": (0.5, 0.6)}.items():
        tree.metric(name, ((pair[0], 1), (pair[1], 1)))
    tree.edges("product", "f", "g", "h")
    rows = tree.contributions()
    assert [row[1] for row in rows] == pytest.approx([4.9629, 6.0741, 4.9629], abs=5e-5)
    assert sum(row[1] for row in rows) == pytest.approx(16, abs=1e-9)


def test_a_factor_that_was_zero_is_split_by_shapley(tree: Tree) -> None:
    tree.metric("whole", ((0, 1), (30, 1)))
    for name, pair in {"f": (10, 12), "g": (4, 5), "h": (0, 0.5)}.items():
        tree.metric(name, ((pair[0], 1), (pair[1], 1)))
    tree.edges("product", "f", "g", "h")
    parts = [row[1] for row in tree.contributions()]
    assert parts == pytest.approx([2.333, 2.833, 24.833], abs=1e-3)


def test_children_that_overlap_or_miss_something_are_not_split(tree: Tree) -> None:
    tree.metric("whole", ((82, 100), (71, 100)))
    tree.metric("a", ((72, 80), (38, 40)))
    tree.metric("b", ((10, 21), (33, 60)))
    tree.edges("weighted_rate", "a", "b")
    assert {(row[1], row[5]) for row in tree.contributions()} == {(None, "parts_overlap")}


def test_factors_that_do_not_make_the_parent_are_not_split(tree: Tree) -> None:
    tree.metric("whole", ((20, 1), (36, 1)))
    tree.metric("f", ((4, 1), (6, 1)))
    tree.metric("g", ((5, 1), (7, 1)))
    tree.edges("product", "f", "g")
    assert {row[5] for row in tree.contributions()} == {"parts_do_not_make_the_parent"}


@pytest.mark.parametrize("grade", ["C", "D"])
def test_a_child_that_is_not_trusted_leaves_nothing_to_split(tree: Tree, grade: str) -> None:
    tree.metric("whole", ((3, 1), (4, 1)))
    tree.metric("f", ((1, 1), (1, 1)))
    tree.metric("g", ((2, 1), (3, 1)), grade=grade)
    tree.edges("sum", "f", "g")
    assert {(row[1], row[5]) for row in tree.contributions()} == {(None, "withheld")}


def test_a_period_without_items_leaves_nothing_to_split(tree: Tree) -> None:
    tree.metric("whole", ((3, 1), (4, 1)))
    tree.metric("f", ((1, 1), (1, 1)))
    tree.metric("g", ((0, 0), (0, 0)), reason="no_items")
    tree.edges("sum", "f", "g")
    assert {row[5] for row in tree.contributions()} == {"no_items"}


@pytest.fixture
def by_region(tree: Tree) -> Tree:
    tree.run("insert into registry.tree_edges values"
             " ('p', 'whole', 'whole', 'weighted_rate', 'region')")  # fmt: skip
    tree.run("insert into metrics.int_segment_periods values"
             " ('p', 'whole', 'region', 'four_weeks')")  # fmt: skip
    return tree


def test_segments_hidden_in_either_period_are_one_part_in_both(by_region: Tree) -> None:
    by_region.metric("whole", ((60, 100), (66, 110)))
    by_region.segments("north", ((30, 60), (30, 60)))
    by_region.segments("south", ((20, 25), (26, 35)), hidden=(False, True))
    by_region.segments("west", ((10, 15), (10, 15)), hidden=(True, True))
    by_region.run("update metrics.int_suppressed_cells set is_pool_end = true")
    rows = by_region.contributions()
    assert [row[0] for row in rows] == ["north", "other"]
    assert sum(row[1] for row in rows) == pytest.approx(66 / 110 - 60 / 100, abs=1e-12)


def test_a_segment_that_appears_is_all_mix(by_region: Tree) -> None:
    by_region.metric("whole", ((30, 60), (56, 95)))
    by_region.segments("north", ((30, 60), (30, 60)))
    by_region.segments("south", ((0, 0), (26, 35)))
    south = by_region.contributions()[1]
    assert (south[0], south[2]) == ("south", 0)
    assert south[3] != 0


def test_hidden_segments_without_a_pool_leave_nothing_to_split(by_region: Tree) -> None:
    by_region.metric("whole", ((60, 100), (66, 110)))
    by_region.segments("north", ((45, 85), (56, 95)))
    by_region.segments("west", ((15, 15), (10, 15)), hidden=(True, True))
    by_region.run("update metrics.int_suppressed_cells set is_pool_end = false")
    assert [row[5] for row in by_region.contributions()] == ["suppressed"]


@pytest.mark.parametrize(
    ("kind", "reason"), [("sum", "withheld"), ("influence", None)], ids=["arithmetic", "influence"]
)
def test_a_node_is_trusted_as_far_as_all_below_it_through_arithmetic_edges(
    tree: Tree, kind: str, reason: str | None
) -> None:
    tree.metric("whole", ((3, 1), (5, 1)))
    tree.metric("f", ((1, 1), (2, 1)))
    tree.metric("g", ((2, 1), (3, 1)))
    tree.metric("below_f", ((1, 1), (2, 1)), grade="D")
    tree.edges("sum", "f", "g")
    tree.run("insert into registry.tree_edges values ('p', 'f', 'below_f', ?, null)", [kind])
    found = {row[0]: row[5] for row in tree.contributions()}
    assert (found["f"], found["g"]) == (reason, reason)
