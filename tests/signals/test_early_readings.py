"""Durations of weeks that are not ripe yet are read by Kaplan-Meier, where that says something."""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.judge.early_readings import READING_COLUMNS, write_early_readings
from tests.method.models import table

WEEK = date(2024, 1, 1)
SEEN = datetime(2024, 1, 20)
FINISHED, OPEN, CANCELLED = "finished", "open", "cancelled"
# of the worked case `km_rmst`: days, and whether they ended in a finish
WORKED = [(d, FINISHED) for d in (1, 2, 4, 6, 9)] + [(d, OPEN) for d in (5, 8, 10)]


def read(
    folder: Path,
    items: list[tuple[float, str]],
    *,
    tau_days: float = 10,
    followed_days: float | None = None,
    metric: dict | None = None,
    is_ripe: bool = False,
    grade: str = "A",
    is_suppressed: bool = False,
) -> dict | None:
    """Return the reading of a week of items (days to the end or the last look, how it ended)."""
    keys = {"product_id": "p", "metric_id": "m"}
    period = keys | {"period_grain": "week", "period_start_date": WEEK}
    database = folder / "early.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        columns = (
            "metric_id varchar, kind varchar, subject_kind varchar, tau_hours double, "
            "minimum_n integer, clock varchar"
        )
        row = {"metric_id": "m", "kind": "duration", "subject_kind": "item"}
        table(
            connection,
            "registry.metrics",
            columns,
            [row | {"tau_hours": tau_days * 24} | (metric or {})],
        )
        columns = (
            "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
        )
        hidden = [period] if is_suppressed else []
        table(connection, "metrics.int_metric_periods_suppressed", columns, hidden)
        rows = [period | {"segment_type": "all", "is_ripe": is_ripe}]
        columns += ", segment_type varchar, is_ripe boolean"
        table(connection, "metrics.int_metric_periods", columns, rows)
        columns = "product_id varchar, metric_id varchar, week_start_date date, grade varchar"
        columns += ", check_id integer"
        rows = [keys | {"week_start_date": WEEK, "grade": grade}]
        table(connection, "guard.metric_trust", columns, rows)
        durations, tasks = [], []
        for number, (days, state) in enumerate(items):
            length = timedelta(days=days)
            followed = timedelta(
                days=days if followed_days is None or state == OPEN else followed_days
            )
            start = SEEN - followed
            task = {"task_id": f"t{number}", "state": state, "started_at": start}
            task |= {"observed_until_at": SEEN, "week_start_date": WEEK}
            task |= {"cancelled_at": start + length if state == CANCELLED else None}
            tasks.append(task)
            item = keys | {
                "task_id": f"t{number}",
                "week_start_date": WEEK,
                "units_per_hour": 1 / 24,
            }
            durations.append(item | {"duration_hours": days * 24 if state == FINISHED else None})
        columns = (
            "product_id varchar, metric_id varchar, task_id varchar, week_start_date date, "
            "duration_hours double, units_per_hour double"
        )
        table(connection, "metrics.int_duration_items", columns, durations)
        columns = (
            "task_id varchar, state varchar, started_at timestamp, cancelled_at timestamp, "
            "observed_until_at timestamp, week_start_date date"
        )
        table(connection, "core.int_tasks", columns, tasks)
    write_early_readings(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(f"select {', '.join(READING_COLUMNS)} from guard.early_readings")
        rows = [dict(zip(READING_COLUMNS, row, strict=True)) for row in found.fetchall()]
    return rows[0] if rows else None


def test_the_worked_week_is_read_as_the_method_reads_it(tmp_path: Path) -> None:
    found = read(tmp_path, WORKED)
    assert found is not None
    assert (found["item_count"], found["finished_count"], found["open_count"]) == (8, 5, 3)
    assert (found["restricted_mean"], found["median"]) == pytest.approx((6.265625, 6))
    # the upper limit of the method, 8.654, lies below tau
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((3.877679699, 8.653570301))
    assert found["followed_to"] == pytest.approx(10)
    assert found["no_value_reason"] is None


def test_a_week_that_nobody_was_followed_through_has_a_share_and_no_mean(tmp_path: Path) -> None:
    found = read(tmp_path, WORKED, tau_days=14)
    assert found is not None
    assert (found["restricted_mean"], found["ci_low"]) == (None, None)
    assert found["no_value_reason"] == "follow_up_too_short"
    assert (found["followed_to"], found["finished_share"]) == pytest.approx((10, 1 - 0.234375))


def test_all_finished_is_known_before_tau(tmp_path: Path) -> None:
    found = read(tmp_path, [(1, FINISHED), (3, FINISHED)])
    assert found is not None
    assert (found["restricted_mean"], found["finished_share"]) == (2, 1)


def test_a_finish_after_tau_is_none_yet(tmp_path: Path) -> None:
    found = read(tmp_path, [(1, FINISHED), (3, FINISHED), (11, FINISHED), (12, OPEN)])
    assert found is not None
    assert found["restricted_mean"] == pytest.approx((1 + 3 + 10 + 10) / 4)
    assert found["finished_share"] == pytest.approx(0.5)


def test_a_cancelled_item_never_finishes(tmp_path: Path) -> None:
    items = [(2, FINISHED), (4, FINISHED), (1, CANCELLED), (3, CANCELLED)]
    found = read(tmp_path, items, followed_days=10)
    assert found is not None
    assert found["cancelled_count"] == 2
    # not the mean of the finished, 3, nor a curve on which the cancelled would have finished
    assert found["restricted_mean"] == pytest.approx((2 + 4 + 10 + 10) / 4)
    assert found["finished_share"] == pytest.approx(0.5)


def test_the_share_of_the_worked_competing_ends_is_aalens_and_johansens(tmp_path: Path) -> None:
    ends = [(2, FINISHED), (3, CANCELLED), (5, FINISHED), (7, FINISHED), (8, OPEN), (8, OPEN),
            (8, OPEN), (4, FINISHED)]  # fmt: skip
    found = read(tmp_path, ends, tau_days=8)
    assert found is not None
    assert found["finished_share"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "more",
    [
        {"is_ripe": True},
        {"grade": "D"},
        {"is_suppressed": True},
        {"metric": {"subject_kind": "person"}},
        {"metric": {"clock": "working"}},
        {"metric": {"kind": "stock"}},
    ],
    ids=["ripe", "withheld", "suppressed", "about people", "in working time", "no duration"],
)
def test_what_may_not_be_read_early_has_no_row(tmp_path: Path, more: dict) -> None:
    assert read(tmp_path, WORKED) is not None
    assert read(tmp_path, WORKED, **more) is None


def test_too_few_items_give_counts_only(tmp_path: Path) -> None:
    found = read(tmp_path, WORKED, metric={"minimum_n": 9})
    assert found is not None
    assert (found["item_count"], found["no_value_reason"]) == (8, "too_few")
    assert found["median"] is found["finished_share"] is None
    enough = read(tmp_path, WORKED, metric={"minimum_n": 8})
    assert enough is not None and enough["no_value_reason"] is None
