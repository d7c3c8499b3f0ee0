"""A week is over when it is over in the reporting zone, whatever day it is in UTC."""

from datetime import date, datetime

import pytest

from orchestration.defs.judge.checks import BROKEN, FINDINGS
from orchestration.defs.judge.contract_checks import WHOLE_WEEKS
from orchestration.defs.judge.instrument_days import read_days
from orchestration.defs.judge.instrument_values import LINEAGE
from orchestration.export.results import INSTRUMENTS
from orchestration.pages.marts import Marts
from tests.unit.mart_world import KEY, World

WEEK, NEXT = date(2026, 6, 1), date(2026, 6, 8)
# Sunday evening in New York, early on Monday in Berlin
EARLY = datetime(2026, 6, 8, 1)
# Monday, half past midnight in Berlin, Sunday still in UTC
LATE = datetime(2026, 6, 7, 22, 30)
CASES = pytest.mark.parametrize(
    ("zone", "as_of_at", "is_whole"),
    [
        ("UTC", EARLY, True), ("Europe/Berlin", EARLY, True), ("America/New_York", EARLY, False),
        ("UTC", LATE, False), ("Europe/Berlin", LATE, True), ("America/New_York", LATE, False),
        ("America/New_York", datetime(2026, 6, 8, 4), True),
    ],
)  # fmt: skip


def begin(world: World, zone: str, as_of_at: datetime, table: str = "registry.run_context") -> None:
    world.table(
        table,
        "as_of_at timestamp, reporting_time_zone varchar",
        [{"as_of_at": as_of_at, "reporting_time_zone": zone}],
    )


@CASES
def test_promises_are_judged_of_weeks_that_are_over_there(
    world: World, zone: str, as_of_at: datetime, is_whole: bool
) -> None:  # fmt: skip
    begin(world, zone, as_of_at)
    world.table(
        "instruments.int_contract_statistics",
        "source_id varchar, event_type varchar, week_start_date date, clause varchar, "
        "property varchar, event_count bigint, broken_count bigint, evidence varchar",
        [{"week_start_date": WEEK}, {"week_start_date": NEXT}],
    )
    weeks = [row[2] for row in world.connection.execute(WHOLE_WEEKS).fetchall()]
    assert weeks == ([WEEK] if is_whole else [])


@CASES
@pytest.mark.parametrize(
    ("query", "table", "names"),
    [
        (FINDINGS, "guard.instrument_checks", "check_id, source_id, note"),
        (BROKEN, "guard.contract_checks", "clause, source_id, event_type, expectation, note"),
    ],
)
def test_the_last_weeks_of_asset_checks_begin_anew_with_the_week_there(
    world: World, zone: str, as_of_at: datetime, is_whole: bool, query: str, table: str, names: str
) -> None:  # fmt: skip
    begin(world, zone, as_of_at)
    columns = f"{names}, severity, week_start_date".replace(",", " varchar,")
    columns = columns.replace("severity varchar", "severity integer") + " date"
    # four weeks and the one under way
    world.table(table, columns, [{"week_start_date": date(2026, 5, 4)}])
    assert bool(world.connection.execute(query).fetchall()) == (not is_whole)


@CASES
def test_the_calendar_knows_which_weeks_are_past(
    world: World, zone: str, as_of_at: datetime, is_whole: bool
) -> None:  # fmt: skip
    begin(world, zone, as_of_at)
    week = {"period_grain": "week", "period_start_date": WEEK}
    world.table("metrics.int_metric_periods", KEY, [week])
    (row,) = world.run("dim_weeks")
    assert row["is_past"] == is_whole


@CASES
def test_the_export_tells_of_the_latest_week_that_is_over(
    world: World, zone: str, as_of_at: datetime, is_whole: bool
) -> None:  # fmt: skip
    begin(world, zone, as_of_at, "main.dim_run")
    world.table(
        "main.fct_instrument_checks",
        "source_id varchar, event_type varchar, week_start_date date, check_id integer, "
        "check_name varchar, severity integer, statistic double, n bigint, expected double, "
        "note varchar",
        [{"source_id": "portal", "week_start_date": WEEK}],
    )
    assert len(world.connection.execute(INSTRUMENTS).fetchall()) == is_whole


@CASES
def test_days_of_a_source_are_over_there(
    world: World, zone: str, as_of_at: datetime, is_whole: bool
) -> None:  # fmt: skip
    begin(world, zone, as_of_at)
    source = {"source_id": "portal", "lateness_hours": 0, "observed_until_at": as_of_at}
    marks = "source_id varchar, lateness_hours double, observed_until_at timestamp"
    world.table("instruments.int_source_watermarks", marks, [source])
    world.table("registry.sources", "source_id varchar, lateness_hours double", [source])
    world.table("registry.holidays", "date date", [])
    counts = {"event_count": 3, "heartbeat_count": 0, "sign_count": 3}
    world.table(
        "instruments.int_instrument_days_counted",
        "source_id varchar, event_type varchar, occurred_date date, event_count bigint, "
        "heartbeat_count bigint, sign_count bigint, is_unplanned boolean",
        [
            {"source_id": "portal", "event_type": "t", "occurred_date": WEEK}
            | counts
            | {"is_unplanned": False}
        ],
    )
    days = read_days(world.connection)
    assert days is not None
    assert bool(days.is_over[0, 0].all()) == bool(days.is_complete[0, 0].all()) == is_whole
    world.table(
        "metrics.int_metric_lineage",
        "product_id varchar, metric_id varchar, side varchar, source_id varchar, "
        "event_type varchar, event_count bigint",
        [{"product_id": "p", "metric_id": "m", "side": "x", "event_count": 3} | source],
    )
    ((*_, until),) = world.connection.execute(LINEAGE).fetchall()
    assert (until >= NEXT) == is_whole


@CASES
def test_pages_tell_of_the_latest_week_that_is_over(
    zone: str, as_of_at: datetime, is_whole: bool
) -> None:
    run = {"as_of_at": as_of_at, "reporting_time_zone": zone}
    weeks = [{"week_start_date": week} for week in (date(2026, 5, 25), WEEK, NEXT)]
    marts = Marts({"dim_run": [run], "fct_metric_trust": weeks})
    assert marts.latest_week == (WEEK if is_whole else date(2026, 5, 25))
