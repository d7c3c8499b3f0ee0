"""Means of many finished times have a bootstrap interval that equal input gives again."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from orchestration.defs.judge.mean_intervals import interval, write_mean_intervals
from tests.oracles import oracle_times

WEEKS = {date(2025, 1, 6): 30, date(2025, 1, 13): 29, date(2025, 1, 20): 40}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a warehouse with weeks of skewed hours; those of the last week don't vary."""
    path = tmp_path / "w.duckdb"
    random = np.random.default_rng(3)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema metrics; create schema registry")
        connection.execute(
            "create table registry.metrics as"
            " select 'wait' as metric_id, 'duration' as kind, 'week' as natural_period,"
            " cast(null as integer) as minimum_n"
        )
        connection.execute(
            "create table metrics.int_metric_period_weeks (product_id varchar, metric_id varchar,"
            " period_grain varchar, period_start_date date, week_start_date date,"
            " is_week_ripe boolean)"
        )
        connection.execute(
            "create table metrics.int_duration_items (product_id varchar, metric_id varchar,"
            " week_start_date date, duration_us bigint, units_per_hour double)"
        )
        for week, count in WEEKS.items():
            for grain in ("week", "month"):
                connection.execute(
                    "insert into metrics.int_metric_period_weeks values (?, ?, ?, ?, ?, true)",
                    ["desk", "wait", grain, week, week],
                )
            hours = random.lognormal(1, 1, count) if count < 40 else np.full(count, 2.0)
            rows = [["desk", "wait", week, int(hour * 3.6e9), 60.0] for hour in hours]
            # one that is open is no part of the mean
            rows.append(["desk", "wait", week, None, 60.0])
            connection.executemany(
                "insert into metrics.int_duration_items values (?,?,?,?,?)", rows
            )
    return path


def test_thirty_finished_times_that_vary_have_an_interval_and_fewer_have_none(
    database: Path,
) -> None:
    write_mean_intervals(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("from guard.mean_intervals").fetchall()
        ((times,),) = connection.execute(
            "select list(duration_us / 6e7) from metrics.int_duration_items"
            " where week_start_date = '2025-01-06' and duration_us is not null"
        ).fetchall()
    assert [row[:4] + row[6:] for row in rows] == [
        ("desk", "wait_finished_mean", "week", date(2025, 1, 6), 30)
    ]
    low, high = rows[0][4:6]
    assert low < np.mean(times) < high
    assert (low, high) == pytest.approx(
        oracle_times.bca(times, "desk|wait_finished_mean|week|2025-01-06")
    )


def test_equal_times_and_key_give_an_equal_interval() -> None:
    times = list(np.random.default_rng(1).lognormal(0, 1, 50))
    assert interval(times, "a") == interval(times, "a") != interval(times, "b")
