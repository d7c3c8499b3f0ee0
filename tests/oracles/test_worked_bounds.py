"""Where finishes are missing, a value has the bounds that the method works out."""

import math
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.defs.judge import metric_bounds, metric_losses
from orchestration.defs.judge.contributions import Shares
from orchestration.defs.judge.instrument_plan import read_awaited
from orchestration.defs.judge.metric_bounds import Unsure
from orchestration.defs.judge.repairs import repair
from orchestration.defs.judge.trust_losses import AFTER, BEFORE, HERE, with_losses
from tests.oracles.test_worked_figures import FIRST, SECOND

CHECKS = (
    "source_id varchar, event_type varchar, week_start_date date, check_id int, severity int, "
    "n int, expected double, defect varchar, statistic double"
)


@pytest.fixture
def warehouse(golden_database: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a copy of the golden warehouse in which the first week's finishes are missing."""
    copy = tmp_path / "golden.duckdb"
    shutil.copy(golden_database, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema guard")
        connection.execute(f"create table guard.instrument_checks ({CHECKS})")
        connection.execute(
            "insert into guard.instrument_checks "
            "values ('manski', 'job.finished', ?, 5, 1, 9, 9, 'lost', 0.5)",
            [FIRST],
        )
        yield connection


def bounds(warehouse: duckdb.DuckDBPyConnection, metric: str, grain: str = "week") -> list[tuple]:
    """Return the metric's bounds as (number missing, low, high)."""
    metric_bounds.write_bounds(warehouse)
    return warehouse.execute(
        "select missing_count, bound_low, bound_high from guard.metric_bounds"
        " where product_id = 'manski' and metric_id = ? and period_grain = ?"
        " order by period_start_date",
        [metric, grain],
    ).fetchall()


def worst_cases(met: int, late: int, missing: int) -> tuple[float, float]:
    """Return least and greatest share met over every number of the missing that met it."""
    shares = [(met + also) / (met + late + missing) for also in range(missing + 1)]
    return min(shares), max(shares)


def test_a_share_lies_between_all_missing_missed_and_all_met(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert worst_cases(24, 6, 10) == (0.6, 0.85)
    assert bounds(warehouse, "attainment") == [(10, 0.6, 0.85)]
    # the period around it holds no other item
    assert bounds(warehouse, "attainment", "four_weeks") == [(10, 0.6, 0.85)]


def test_a_mean_of_times_lies_between_all_missing_over_at_once_and_never(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # 1 to 10 h, 14 and 6 items of 10 h and more: 255 h, and 100 h of those without a finish
    assert bounds(warehouse, "job_time") == [(10, 255 / 40, 355 / 40)]


def test_a_median_lies_between_the_same_two_cases(warehouse: duckdb.DuckDBPyConnection) -> None:
    times = [0.0] * 10 + [float(hour) for hour in range(1, 25)] + [80.0] * 6
    assert bounds(warehouse, "job_time_median") == [(10, times[19], times[29])]


def test_a_finish_that_never_came_is_bounded_without_a_past(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update guard.instrument_checks set check_id = 17")
    assert bounds(warehouse, "attainment") == [(10, 0.6, 0.85)]
    # where no metric gives the tasks a time nobody waits for their end
    warehouse.execute("create or replace table core.int_task_horizons as select * replace "
                      "(null as horizon_hours) from core.int_task_horizons")  # fmt: skip
    assert bounds(warehouse, "attainment") == []


def test_finishes_that_a_metric_of_the_product_gives_a_time_to_are_awaited(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    awaited = read_awaited(warehouse)
    assert ("manski", "job.finished") in set(
        zip(awaited.source_id, awaited.event_type, strict=True)
    )
    assert awaited.horizon_hours.notna().all()
    warehouse.execute("update registry.metrics set tau_hours = null")
    assert read_awaited(warehouse).empty


def test_without_a_finding_open_items_are_open_and_nothing_is_bounded(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    for change in ("severity = 0", "severity = 1, check_id = 4", "check_id = 5, event_type = 'x'"):
        warehouse.execute(f"update guard.instrument_checks set {change}")
        for metric in ("attainment", "job_time", "job_time_median"):
            assert bounds(warehouse, metric) == []


@pytest.mark.parametrize(
    ("margin", "scale", "grade"),
    [(0.24, "absolute", "C"), (0.25, "absolute", "B"), (0.41, "ratio", "C"), (0.42, "ratio", "B")],
    ids=["wider", "as wide", "wider than the part", "narrower than the part"],
)
def test_bounds_wider_than_the_margin_leave_at_best_a_c(
    warehouse: duckdb.DuckDBPyConnection, margin: float, scale: str, grade: str
) -> None:
    warehouse.execute(
        "insert into registry.kpis (kpi_id, product_id, metric_id) values ('k', 'manski', 'x')"
    )
    warehouse.execute(
        "insert into registry.balances (kpi_id, metric_id, margin, margin_scale)"
        " values ('k', 'attainment', ?, ?)",
        [margin, scale],
    )
    metric_bounds.write_bounds(warehouse)
    rows = [row("attainment", "B"), row("attainment", "D"), row("attainment", "A", SECOND),
            row("job_time", "A"), row("missed", "A"),
            *(row(f"attainment{ending}", "B") for ending in metric_bounds.COMPANIONS)]  # fmt: skip
    found = graded(warehouse, rows, {"missed": "attainment"})
    is_lowered = grade == "C"
    assert [r[3] for r in found[:5]] == [grade, "D", "A", "A", "C" if is_lowered else "A"]
    # what is made beside a metric of the same items lacks the same items
    assert {r[3] for r in found[5:]} == {grade}
    reason = f"few; {metric_bounds.TOO_WIDE}" if is_lowered else "few"
    assert found[0] == ("manski", "attainment", FIRST, grade, "manski", reason, None, None, None)


LOST_FINISHES = ("manski", "job.finished", SECOND)
MENDED = ("manski", AFTER, *repair(5, None, "Ask.", has_sent=True))


def graded(
    warehouse: duckdb.DuckDBPyConnection,
    rows: list[tuple],
    parents: dict[str, str] | None = None,
    share: float = 1.0,
    block: float = 0.4,
) -> list[tuple]:
    """Return the rows as bounds lower them; `share` is that of the source in its events."""
    counts = {"manski": 100 * share, "other": 100 - 100 * share}
    sent = [
        ("manski", source, "job.finished", week, n)
        for source, n in counts.items() for week in (FIRST, SECOND)
    ]  # fmt: skip
    columns = ["product_id", "source_id", "event_type", "week_start_date", "event_count"]
    losses = metric_losses.read_losses(warehouse)
    known = with_losses(
        losses, Shares(pd.DataFrame(sent, columns=columns)), {"manski": "Ask."}, block
    )
    too_wide = metric_bounds.too_wide_weeks(warehouse)
    return metric_bounds.lowered_where_unsure(rows, too_wide, known, parents or {})


@pytest.mark.parametrize(
    ("found", "grade"),
    [("5, 2, 9, 9", "C"), ("11, 2, 3, 9", "C"), ("17, 3, 1, null", "C"), ("20, 2, 9, null", "C"),
     ("5, 1, 9, 9", "A"), ("11, 2, 9, 3", "A"), ("4, 3, 9, 9", "A")],
    ids=["missing", "few", "no more", "gone", "a warning", "many", "orphans"],
)  # fmt: skip
def test_a_week_whose_tasks_end_in_lost_finishes_of_the_next_is_struck_through(
    warehouse: duckdb.DuckDBPyConnection, found: str, grade: str
) -> None:
    warehouse.execute("delete from guard.instrument_checks")
    warehouse.execute(
        f"insert into guard.instrument_checks values (?, ?, ?, {found}, 'lost', 0.5)", LOST_FINISHES
    )
    assert bounds(warehouse, "job_time") == ([(10, 255 / 40, 355 / 40)] if grade == "C" else [])
    rows = [row("job_time", "A"), row("job_time_median", "B"), row("attainment", "A"),
            row("job_time", "D", SECOND)]  # fmt: skip
    # ten of forty may have ended there
    assert [r[3] for r in graded(warehouse, rows)] == [grade, max(grade, "B"), grade, "D"]
    # what a minor source lost costs no verdict, whatever else is wrong in that week
    assert graded(warehouse, rows, share=0.04)[0][3] == min(grade, "B")


def test_what_is_lost_after_a_week_names_its_own_source_and_what_mends_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update guard.instrument_checks set severity = 2, week_start_date = ?",
                      [SECOND])  # fmt: skip
    metric_bounds.write_bounds(warehouse)
    rows = [row("job_time", "A"), row("job_time_median", "B"), row("job_time", "D", SECOND)]
    told = graded(warehouse, rows)
    assert told[0] == ("manski", "job_time", FIRST, "C", *MENDED)
    assert told[1][5] == f"few; {AFTER}"
    # also where nothing is known of the week after
    assert graded(warehouse, rows[:1])[0] == told[0]


def test_a_derived_metric_is_as_unsure_as_the_worst_of_its_parents(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = [row("made", "A"), row("made", "D", SECOND)]
    parents = {"made": "job_time; attainment"}
    places = [("manski", name, FIRST) for name in ("job_time", "attainment")]
    for wide, ahead, grade in ((1, "B", "C"), (0, "B", "B"), (0, "C", "C")):
        before = {places[0]: Unsure(ahead, AFTER, "s", (None, None, 5))}
        too_wide = places[1:] if wide else []
        told = metric_bounds.lowered_where_unsure(rows, too_wide, before, parents)
        assert (told[0][3], told[1][3]) == (grade, "D")
        assert (told[0][5] == metric_bounds.TOO_WIDE) is bool(wide)


GONE = "events that were here and were taken away"
TORN = "lines that can't be read"


@pytest.mark.parametrize(
    ("check_id", "event_type", "lines", "n", "grade"),
    [(20, "job.finished", 1, 40, "B"), (20, "job.finished", 2, 40, "C"),
     (20, "job.finished", 99, 400, "C"), (20, "job.started", 9, 40, "A"),
     (12, "*", 2, 40, "C"), (12, "*", 1, 40, "A"), (12, "*", 2, 41, "A")],
)  # fmt: skip
def test_a_few_finishes_that_are_known_to_be_lost_strike_a_week_through_by_what_they_may_change(
    warehouse: duckdb.DuckDBPyConnection,
    check_id: int, event_type: str, lines: int, n: int, grade: str,
) -> None:  # fmt: skip
    defect = GONE if check_id == 20 else TORN
    for week, why in ((FIRST, HERE), (SECOND, AFTER)):
        warehouse.execute("delete from guard.instrument_checks")
        warehouse.execute(
            "insert into guard.instrument_checks values ('manski', ?, ?, ?, 1, ?, null, ?, ?)",
            [event_type, week, check_id, n, defect, lines / n],
        )
        metric_bounds.write_bounds(warehouse)
        # ten of forty are open, each with 10 of 355 hours: of two 5 % and more may be gone
        told = graded(warehouse, [row("job_time", "A"), row("job_time_finished_p90", "A")])
        assert [r[3] for r in told] == [grade, grade]
        assert told[0][5] == (None if grade == "A" else why)


LOST_IN = (
    "insert into guard.instrument_checks values (?, 'job.finished', ?, ?, ?, 9, 99, 'lost', 0.5)"
)
BEFORE_FIRST = FIRST - timedelta(weeks=1)
EARLIER_CASES = {
    "missing": (FIRST, 5, 2, True), "the week after, as yet unjudged": (BEFORE_FIRST, 5, 2, True),
    "two weeks before": (BEFORE_FIRST - timedelta(weeks=1), 5, 2, False),
    "the week before what is gone": (SECOND, 20, 2, True), "gone": (FIRST, 20, 2, True),
    "not the week after what is gone": (BEFORE_FIRST, 20, 2, False), "few": (FIRST, 11, 2, True),
    "a warning": (FIRST, 5, 1, False), "orphans": (FIRST, 4, 3, False),
}  # fmt: skip


def earlier(warehouse: duckdb.DuckDBPyConnection, metric: str, week: date) -> list[tuple]:
    """Return share and check of what a metric's week counts of weeks that lost finishes."""
    return [
        (loss.share, loss.check_id, loss.event_type)
        for loss in metric_losses.read_losses(warehouse)
        if (loss.metric_id, loss.week, loss.days_later) == (metric, week, None)
    ]


@pytest.mark.parametrize("case", EARLIER_CASES)
def test_a_stock_counts_what_began_in_weeks_that_lost_finishes(
    warehouse: duckdb.DuckDBPyConnection, case: str
) -> None:
    week, check_id, severity, is_found = EARLIER_CASES[case]
    warehouse.execute(LOST_IN, ["stock", week, check_id, severity])
    metric_bounds.write_bounds(warehouse)
    # two of three began in the first week and are open
    found = [(2 / 3, check_id, "job.finished")] if is_found else []
    assert earlier(warehouse, "open_jobs", SECOND) == found
    # of the first week its own checks tell
    assert earlier(warehouse, "open_jobs", FIRST) == []


def test_after_half_a_year_what_is_open_is_how_things_are(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute(LOST_IN, ["stock", FIRST, 5, 2])
    warehouse.execute(LOST_IN, ["stock", SECOND, 5, 0])
    share = [(2 / 3, 5, "job.finished")]
    for before, weeks, found in ((1, 26, share), (26, 27, [])):
        # a later week that counts what the second counts
        for table in ("int_open_items", "int_stock_values"):
            warehouse.execute(
                f"create or replace table metrics.{table} as select * replace ("
                f"?::date as week_start_date) from metrics.{table} "
                "where product_id = 'stock' and week_start_date = ?",
                [FIRST + timedelta(weeks=weeks), FIRST + timedelta(weeks=before)],
            )
        metric_bounds.write_bounds(warehouse)
        assert earlier(warehouse, "open_jobs", FIRST + timedelta(weeks=weeks)) == found


def test_where_the_week_after_was_judged_its_starts_have_ended(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute(LOST_IN, ["stock", BEFORE_FIRST, 5, 2])
    warehouse.execute(LOST_IN, ["stock", FIRST, 5, 0])
    metric_bounds.write_bounds(warehouse)
    assert earlier(warehouse, "open_jobs", SECOND) == []


def test_a_share_counts_open_what_began_before_the_week_of_its_deadline(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("delete from guard.instrument_checks")
    warehouse.execute(LOST_IN, ["manski", BEFORE_FIRST, 5, 2])
    # from now on what is open began a week earlier
    warehouse.execute("create table begun as from core.int_tasks")
    warehouse.execute("drop view core.int_tasks")
    warehouse.execute(
        "create table core.int_tasks as select * replace ("
        "case state when 'open' then week_start_date - 7 else week_start_date end"
        " as week_start_date) from begun"
    )
    metric_bounds.write_bounds(warehouse)
    # ten of forty that were due
    assert earlier(warehouse, "attainment", FIRST) == [(0.25, 5, "job.finished")]
    assert graded(warehouse, [row("attainment", "A")])[0][3:6] == ("C", "manski", BEFORE)
    assert graded(warehouse, [row("attainment", "A")], block=0.25)[0][3] == "D"
    # told before what the week has anyway
    assert graded(warehouse, [row("attainment", "B")])[0][5] == f"{BEFORE}; few"
    assert graded(warehouse, [row("attainment", "A")], share=0.04, block=0.25)[0][3] == "B"
    # what ended since was not lost
    warehouse.execute("update core.int_tasks set state = 'finished' where product_id = 'manski'")
    assert earlier(warehouse, "attainment", FIRST) == []


def test_check_5_tells_from_when_what_is_lost_withholds(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    for block, found in (("0.3", 0.3), ("null", math.inf)):
        warehouse.execute("delete from registry.check_thresholds where check_id = 5")
        warehouse.execute(
            f"insert into registry.check_thresholds (check_id, block) values (5, {block}), (4, 0.1)"
        )
        assert metric_losses.read_block(warehouse) == found


def test_where_less_than_5_percent_may_be_in_what_is_lost_a_week_keeps_a_b(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("update guard.instrument_checks set severity = 2, week_start_date = ?",
                      [SECOND])  # fmt: skip
    metric_bounds.write_bounds(warehouse)
    # of forty items, and of 355 hours over forty
    for missing, hours, grade in ((1, 17, "B"), (2, 17, "C"), (1, 18, "C")):
        warehouse.execute(
            "update guard.metric_bounds set missing_count = ?, bound_low = bound_high - ? / 40",
            [missing, hours],
        )
        assert graded(warehouse, [row("job_time", "A")])[0][3] == grade


def row(metric: str, grade: str, week: date = FIRST) -> tuple:
    """Return a row of metric trust with a reason."""
    reason = "few" if grade == "B" else None
    return ("manski", metric, week, grade, "manski", reason, None, None, None)
