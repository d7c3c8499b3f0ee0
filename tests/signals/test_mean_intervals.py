"""Means of many finished times have the interval that a bootstrap comes to."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import stats

from orchestration.defs.judge import tables
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
    assert (low, high) == pytest.approx(oracle_times.bca(times), rel=5e-4)


def test_an_increment_writes_what_changed_as_a_rebuild_would_and_leaves_the_rest(
    database: Path,
) -> None:
    write_mean_intervals(database)
    plan(database, True)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table metrics.int_metric_periods_changed as select 'desk' as product_id,"
            " 'wait' as metric_id, unnest(['week', 'month']) as period_grain,"
            " date '2025-01-13' as period_start_date"
        )
        (before,) = connection.execute("from guard.mean_intervals").fetchall()
    for count in (2, -2):  # one more than is needed, and as few as before
        with duckdb.connect(str(database)) as connection:
            if count > 0:
                connection.executemany(
                    "insert into metrics.int_duration_items values (?,?,?,?,?)",
                    [["desk", "wait", date(2025, 1, 13), n * 10**9, 60.0] for n in (7, 8)],
                )
            else:
                connection.execute(
                    "delete from metrics.int_duration_items where duration_us in (7e9, 8e9)"
                )
        write_mean_intervals(database)
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.execute("from guard.mean_intervals order by all").fetchall()
        assert before in found and len(found) == 1 + (count > 0)
        plan(database, False)
        write_mean_intervals(database)
        with duckdb.connect(str(database), read_only=True) as connection:
            whole = connection.execute("from guard.mean_intervals order by all").fetchall()
        assert found == whole
        plan(database, True)


def test_products_that_are_read_one_after_the_other_have_the_intervals_of_all(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(database)) as connection:
        for table in ("int_duration_items", "int_metric_period_weeks"):
            connection.execute(
                f"insert into metrics.{table} "
                f"select * replace ('shop' as product_id) from metrics.{table}"
            )
    found = []
    for most_rows in (3_000_000, 1):
        monkeypatch.setattr(tables, "MOST_ROWS", most_rows)
        write_mean_intervals(database)
        with duckdb.connect(str(database), read_only=True) as connection:
            found.append(connection.execute("from guard.mean_intervals order by all").fetchall())
    assert found[0] == found[1]
    assert [row[0] for row in found[0]] == ["desk", "shop"]


def plan(database: Path, is_increment: bool) -> None:
    """Say whether the run under way adds to what is there."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists built")
        connection.execute(
            f"create or replace table built.run_plan as select {is_increment} as is_increment"
        )


@pytest.mark.parametrize("count", [30, 250, 1000])
@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
def test_what_is_not_drawn_is_what_many_draws_come_to(count: int, spread: float) -> None:
    random = np.random.default_rng(count)
    times = np.sort(random.lognormal(0, spread, count))
    drawn = stats.bootstrap(
        (times,), np.mean, n_resamples=20_000, method="BCa", rng=random, batch=1_000
    ).confidence_interval
    error = times.std() / np.sqrt(count)
    # three errors of so many draws, where the tail is longest
    assert interval(times) == pytest.approx(tuple(drawn), abs=0.12 * error)
    assert interval(times) == pytest.approx(oracle_times.bca(list(times)), abs=2e-3 * error)


def test_where_one_time_rules_the_limits_lie_in_heaps_of_its_draws() -> None:
    random = np.random.default_rng(4)
    times = np.sort(np.append(random.lognormal(3, 0.5, 79), 13_000.0))
    found = interval(times)
    assert found == pytest.approx(oracle_times.bca(list(times)), rel=5e-4)
    # the low one: the long time is not drawn at all, so that only the others tell the mean
    rest = times[:-1]
    assert abs(found[0] - rest.mean()) < 3 * rest.std() / np.sqrt(len(rest))


def test_few_distinct_times_have_limits_among_the_times() -> None:
    times = np.array([1.0] * 29 + [1000.0])
    low, high = interval(times)
    assert 1.0 <= low <= 1.5 and 160 < high < 175
    assert interval(np.tile([1.0, 2.0, 3.0], 10)) == pytest.approx((1.7, 2.3), abs=0.01)


def test_more_items_than_cells_keep_the_spread_of_their_mean() -> None:
    times = np.random.default_rng(2).normal(10, 1, 40_000)
    low, high = interval(times)
    error = times.std() / np.sqrt(len(times))
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=2e-3)
