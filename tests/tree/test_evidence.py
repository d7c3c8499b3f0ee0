"""Influence edges: what is found, what has to repeat, and what is too little to tell."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.drivers import write_evidence

FIRST = date(2023, 1, 2)
TABLES = """
create schema registry; create schema metrics; create schema guard;
create table registry.tree_edges (
    product_id varchar, parent_metric_id varchar, child_metric_id varchar, edge_type varchar,
    lags_weeks varchar, expected_sign varchar);
create table metrics.int_metric_periods (
    product_id varchar, metric_id varchar, segment_type varchar, period_grain varchar,
    period_start_date date, value double, is_ripe boolean);
create table metrics.int_metric_periods_suppressed (
    product_id varchar, metric_id varchar, period_grain varchar, period_start_date date);
create table guard.metric_trust (
    product_id varchar, metric_id varchar, week_start_date date, grade varchar);
"""


def evidence(
    folder: Path, child: np.ndarray, parent: np.ndarray, sign: str = "positive", bad: int = -1
) -> tuple:
    """Return status, lead, pairs and note; `bad` is a week in which the child is not trusted."""
    path = folder / "drivers.duckdb"
    frames = []
    for name, values in {"child": child, "parent": parent}.items():
        weeks = [FIRST + timedelta(weeks=n) for n in range(len(values))]
        frames.append(pd.DataFrame({"metric": name, "week": weeks, "value": values}))
    rows = pd.concat(frames)  # noqa: F841
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        connection.execute(
            "insert into registry.tree_edges values"
            " ('p', 'parent', 'child', 'influence', '1;2;3', ?)", [sign]
        )  # fmt: skip
        connection.execute(
            "insert into metrics.int_metric_periods"
            " select 'p', metric, 'all', 'week', week, value, true from rows"
        )
        connection.execute(
            "insert into guard.metric_trust"
            " select 'p', metric, week, case when week = ? and metric = 'child' then 'D' else 'A'"
            " end from rows", [FIRST + timedelta(weeks=bad)]
        )  # fmt: skip
    write_evidence(path)
    with duckdb.connect(str(path)) as connection:
        return connection.execute(
            "select status, lag_weeks, pair_count, note from guard.driver_evidence"
        ).fetchall()[0]


@pytest.fixture
def linked() -> tuple[np.ndarray, np.ndarray]:
    """A child that moves two weeks ahead of its parent, sixty weeks long."""
    draw = np.random.default_rng(7)
    child = draw.normal(50, 4, 62)
    return child[2:], child[:-2] * 1.2 + draw.normal(0, 1.5, 60)


def test_a_child_two_weeks_ahead_is_found_and_repeats(
    tmp_path: Path, linked: tuple[np.ndarray, np.ndarray]
) -> None:
    status, lag, pairs, note = evidence(tmp_path, *linked)
    # sixty weeks less thirteen for the repetition, one for the whitening and three of lead
    assert (status, lag, pairs, note) == ("supported", 2, 43, None)


def test_the_other_sign_than_declared_contradicts(
    tmp_path: Path, linked: tuple[np.ndarray, np.ndarray]
) -> None:
    assert evidence(tmp_path, *linked, sign="negative")[0] == "contradicted"


def test_what_the_last_weeks_do_not_repeat_is_not_supported(
    tmp_path: Path, linked: tuple[np.ndarray, np.ndarray]
) -> None:
    child, parent = linked
    parent = np.concatenate([parent[:-15], 120 - parent[-15:]])
    status, _, _, note = evidence(tmp_path, child, parent)
    assert (status, note) == ("not_supported", "the last 13 weeks do not repeat it")


def test_series_without_a_link_are_not_supported(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    assert evidence(tmp_path, draw.normal(size=60), draw.normal(size=60))[0] == "not_supported"


def test_a_gap_leaves_only_the_weeks_after_it(
    tmp_path: Path, linked: tuple[np.ndarray, np.ndarray]
) -> None:
    status, _, pairs, note = evidence(tmp_path, *linked, bad=25)
    assert (status, pairs) == ("untested", 34 - 13 - 4)
    assert note is not None and note.startswith("needs 26 pairs")


def test_no_week_at_all_is_untested(tmp_path: Path) -> None:
    assert evidence(tmp_path, np.array([]), np.array([]))[0] == "untested"
