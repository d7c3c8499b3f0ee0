"""Each defect of an instrument fires its own check, and a sound instrument fires none."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.unit.instruments_defects import BROKEN_AT, DEFECTS
from tests.unit.instruments_warehouse import MONDAY


@pytest.fixture(scope="module")
def checks(judged_defects: Path) -> Iterator[pd.DataFrame]:
    """Return `guard.instrument_checks`."""
    with duckdb.connect(str(judged_defects), read_only=True) as connection:
        yield connection.execute("from guard.instrument_checks").df()


@pytest.mark.parametrize("source_id", DEFECTS)
def test_defect_fires_only_its_own_checks(checks: pd.DataFrame, source_id: str) -> None:
    fired = checks[(checks.source_id == source_id) & (checks.severity > 0)]
    assert fired.groupby("check_id").severity.max().to_dict() == DEFECTS[source_id][1]


@pytest.mark.parametrize("source_id", DEFECTS)
def test_no_check_fires_before_the_source_broke(checks: pd.DataFrame, source_id: str) -> None:
    before = checks[(checks.source_id == source_id) & (checks.week_start_date < BROKEN_AT)]
    # what was opened on the last evening before closes in the first broken week
    assert before[before.severity > 1].empty


def test_source_type_week_and_check_name_one_row(checks: pd.DataFrame) -> None:
    grain = ["source_id", "event_type", "week_start_date", "check_id"]
    assert not checks.duplicated(grain).any()


def test_weeks_whose_finishes_are_not_due_yet_are_not_counted(checks: pd.DataFrame) -> None:
    missing = checks[(checks.source_id == "closings not sent") & (checks.check_id == 5)]
    assert missing.week_start_date.max() == pd.Timestamp(MONDAY + timedelta(weeks=18))


def test_silent_source_is_checked_in_the_weeks_in_which_it_is_silent(checks: pd.DataFrame) -> None:
    silent = checks[(checks.source_id == "silent") & (checks.check_id == 11)]
    silent = silent[silent.event_type == "*"]
    # three whole weeks and the one that as-of has just begun
    assert list(silent.sort_values("week_start_date").severity) == [0] * 17 + [3] * 4


def test_finding_names_events_as_evidence(checks: pd.DataFrame) -> None:
    found = checks[(checks.source_id == "redelivered") & (checks.severity == 3)]
    assert found.evidence.str.contains('"redelivered-').all()


def test_a_clock_is_judged_by_type_where_any_event_was_received_before_it_occurred(
    checks: pd.DataFrame,
) -> None:
    fast = checks[(checks.source_id == "openings a minute ahead") & (checks.check_id == 9)]
    broken = fast[fast.week_start_date >= BROKEN_AT]
    worst = broken.groupby("event_type").severity.max().to_dict()
    # most of the source's events are right
    assert worst == {"*": 1, "ticket.opened": 2}
    assert set(fast[fast.week_start_date < BROKEN_AT].event_type) == {"*"}
    # all of them are ahead: the type blocks as the source does
    ahead = checks[(checks.source_id == "three hours ahead") & (checks.check_id == 9)]
    worst = ahead[ahead.week_start_date >= BROKEN_AT].groupby("event_type").severity.max().to_dict()
    assert worst == {"*": 3, "ticket.opened": 3, "ticket.closed": 3}
