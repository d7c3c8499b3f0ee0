"""What failed holds until a week tells that it is over."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.defs.judge.trust import Checks
from orchestration.defs.judge.trust_causes import TAKEN_AWAY
from orchestration.defs.judge.trust_doubts import (
    FAILS_NEXT,
    FOUND_IN,
    least_events,
    week_under_way,
    weeks_checked,
    with_doubts,
)

FIRST = date(2026, 3, 2)
LEAST = {4: 10, 5: 3, 6: 10, 8: 5, 9: 10, 11: 0, 12: 10, 14: 0, 17: 1, 20: 10}
OPEN = 9
"""The week under way, in weeks since FIRST."""


def monday(number: int) -> date:
    return FIRST + timedelta(weeks=number)


def result(number: int, check_id: int, severity: int, n: int, statistic: float, **changes) -> dict:
    return {
        "source_id": "s", "event_type": "t", "week_start_date": monday(number),
        "check_id": check_id, "severity": severity, "statistic": statistic, "n": n,
        "expected": 40.0, "defect": "a defect", "finding": None, "is_secret": False, **changes,
    }  # fmt: skip


SEEN = [result(number, 1, 0, 5, 0.0, event_type="u") for number in range(OPEN + 1)]
"""Another type of the source comes in every week."""


def doubted(*results: dict, under_way: int | None = OPEN) -> list[int]:
    """Return the weeks for which a finding of another is carried on."""
    rows = pd.DataFrame([*SEEN, *results])
    last = monday(under_way) if under_way is not None else None
    told = with_doubts(rows, LEAST, last, weeks_checked(rows))
    carried = told[told[FOUND_IN].notna()]
    assert len(told) == len(rows) + len(carried)
    return sorted((week - FIRST).days // 7 for week in carried["week_start_date"])


def thin(check_id: int, weeks: range, n: int, share: float = 0.0) -> list[dict]:
    return [result(number, check_id, 0, n, share) for number in weeks]


def test_a_share_holds_until_as_many_events_as_the_check_needs_have_come() -> None:
    failed = result(0, 6, 2, 100, 0.06)
    # 3, 6, 9 and 12 events since
    assert doubted(failed, *thin(6, range(1, 6), 3)) == [1, 2, 3]
    assert doubted(failed, *thin(6, range(1, 3), 10)) == []
    # without an event there is nothing to doubt, nor anything that tells
    assert doubted(failed, *thin(6, range(3, 4), 9)) == [3]
    # another finding begins anew
    assert doubted(failed, result(2, 6, 3, 50, 0.2), *thin(6, range(3, 4), 9)) == [3]
    # what only warned is not carried on
    assert doubted(result(0, 6, 1, 100, 0.06), *thin(6, range(1, 3), 3)) == []


@pytest.mark.parametrize(
    ("share", "n", "faults", "holds"),
    # at 80 % two sound events have a chance of 4 %, at 70 % of 9 %; one fault of four at 75 %, 5 %
    [(0.8, 2, 0, False), (0.7, 2, 0, True), (0.75, 4, 1, True), (0.76, 4, 1, False),
     (1, 1, 0, False)],
)  # fmt: skip
def test_so_few_faults_as_are_unlikely_where_it_goes_on_tell_earlier(
    share: float, n: int, faults: int, holds: bool
) -> None:
    told = doubted(result(0, 6, 3, 100, share), result(1, 6, 0, n, faults / n))
    assert told == ([1] if holds else [])


def test_the_week_under_way_tells_by_its_chance_alone() -> None:
    failed = result(OPEN - 1, 6, 2, 102, 0.05)
    # 0.95 to the 58th is 5.1 %, to the 59th 4.8 %
    assert doubted(failed, *thin(6, range(OPEN, OPEN + 1), 58)) == [OPEN]
    assert doubted(failed, *thin(6, range(OPEN, OPEN + 1), 59)) == []
    # once it is over ten are enough
    assert doubted(failed, *thin(6, range(OPEN, OPEN + 1), 58), under_way=None) == []
    # what is no share needs no more than its least n
    skewed = result(OPEN - 1, 9, 2, 102, -30.0)
    assert doubted(skewed, *thin(9, range(OPEN, OPEN + 1), 9)) == [OPEN]
    assert doubted(skewed, *thin(9, range(OPEN, OPEN + 1), 10)) == []


@pytest.mark.parametrize("check_id", [0, 11, 14, 17])
def test_what_judges_whole_weeks_holds_for_the_one_under_way(check_id: int) -> None:
    assert doubted(result(OPEN - 1, check_id, 2, 0, 0.0)) == [OPEN]
    assert doubted(result(OPEN - 1, check_id, 2, 0, 0.0), under_way=None) == []
    passed = result(OPEN - 1, check_id, 0, 40, 1.0)
    assert doubted(result(OPEN - 2, check_id, 2, 0, 0.0), passed) == []
    # other checks judge it: no result is no event
    assert doubted(result(OPEN - 1, 6, 2, 100, 0.06)) == []
    # a type that is back is missing no more; of how many came one under way tells nothing
    back = result(OPEN, 1, 0, 1, 0.0)
    told = doubted(result(OPEN - 1, check_id, 2, 0, 0.0), back)
    assert told == ([] if check_id == 17 else [OPEN])


def test_missing_finishes_hold_while_later_weeks_wait_for_theirs() -> None:
    assert doubted(result(6, 5, 2, 30, 0.2)) == [7, 8, 9]
    # for eight weeks: starts that come are ripe by then
    assert doubted(result(0, 5, 2, 30, 0.2)) == list(range(1, 9))
    # a week without starts amid judged ones waits for nothing
    assert doubted(result(0, 5, 2, 30, 0.2), result(2, 5, 0, 30, 0.9)) == []
    assert doubted(result(0, 5, 2, 30, 0.2), result(1, 5, 0, 2, 1.0)) == list(range(1, 10))
    # a warning: a loss of one week is often followed by several that can't be judged
    rows = pd.DataFrame([*SEEN, result(0, 5, 3, 30, 0.2)])
    checks = Checks(with_doubts(rows, LEAST, None, weeks_checked(rows)))
    assert [checks.worst("s", monday(number), "t").grade for number in (0, 1)] == ["D", "B"]


def test_what_was_lost_was_lost_in_its_own_week() -> None:
    gone = result(0, 20, 3, 50, 0.5, defect=TAKEN_AWAY)
    assert doubted(gone, *thin(20, range(1, 3), 4)) == []
    torn = result(OPEN - 1, 12, 2, 50, 0.5, defect="lines that can't be read")
    assert doubted(torn, *thin(12, range(OPEN, OPEN + 1), 4)) == []


def test_the_grade_names_what_was_found_and_its_week() -> None:
    rows = pd.DataFrame([*SEEN, result(0, 6, 2, 100, 0.06), *thin(6, range(1, 2), 3)])
    checks = Checks(with_doubts(rows, LEAST, None, weeks_checked(rows)))
    found = checks.worst("s", monday(1), "t")
    assert (found.grade, found.check_id) == ("C", 6)
    assert found.reason == (
        "no later week tells yet that it is over: a defect (t): 6 of 100 finishes, "
        "in the week of 2026-03-02"
    )
    assert checks.worst("s", FIRST, "t").reason == "a defect (t): 6 of 100 finishes"


def test_nothing_found_is_nothing_carried_on() -> None:
    empty = pd.DataFrame(SEEN).iloc[:0]
    assert with_doubts(empty, LEAST, None, {}).empty
    assert doubted() == []


@pytest.mark.parametrize(
    ("as_of", "found"),
    # Berlin is an hour ahead of UTC: the week ends at 23:00
    [("2026-03-08 22:59:59", FIRST), ("2026-03-08 23:00:00", None),
     ("2026-03-08 23:00:01", monday(1)), ("2026-03-11 12:00:00", monday(1))],
)  # fmt: skip
def test_a_week_is_under_way_from_its_first_instant_to_its_last(as_of: str, found: Any) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema registry")
        connection.execute(
            "create table registry.run_context as select ?::timestamp as as_of_at, "
            "'Europe/Berlin' as reporting_time_zone",
            [as_of],
        )
        connection.execute(
            "create table registry.check_thresholds as "
            "select * from (values (6, 10), (11, null), (12, 1)) as t (check_id, minimum_n)"
        )
        assert week_under_way(connection) == found
        assert least_events(connection) == {0: 10, 6: 10, 11: 0, 12: 10}


def warned(number: int, severity: int, **changes) -> dict:
    """A result of check 12 on amounts."""
    words = "`minutes` about 60 times larger than usual"
    return result(number, 12, severity, 240, 0.1, **{"finding": words, **changes})


@pytest.mark.parametrize(
    ("changes", "weeks"),
    [({}, [1]), ({"finding": "`minutes` about 100 times larger than usual"}, [1]),
     ({"finding": "`minutes` about 60 times smaller than usual"}, []),
     ({"finding": "`miles` about 60 times larger than usual"}, []),
     ({"finding": None, "defect": "required"}, []), ({"event_type": "u"}, [])],
)  # fmt: skip
def test_a_week_that_warned_of_what_failed_in_the_next_costs_the_verdict(
    changes: dict, weeks: list[int]
) -> None:
    rows = pd.DataFrame([*SEEN, warned(0, 1), warned(1, 1, **changes), warned(2, 3)])
    told = with_doubts(rows, LEAST, None, weeks_checked(rows))
    begun = told[told[FAILS_NEXT].notna()]
    assert [(week - FIRST).days // 7 for week in begun["week_start_date"]] == weeks
    assert begun["severity"].tolist() == [2] * len(weeks)
    found = Checks(told).worst("s", monday(1), "t")
    assert found.grade == ("C" if weeks else "B" if "event_type" not in changes else "A")
    if weeks:
        assert (found.reason or "").endswith("24 of 240 events; the week after it fails")


@pytest.mark.parametrize("check_id", range(1, 21))
def test_what_has_fixed_limits_had_not_failed_before(check_id: int) -> None:
    rows = pd.DataFrame([*SEEN, result(0, check_id, 1, 40, 0.04), result(1, check_id, 2, 40, 0.06)])
    told = with_doubts(rows, LEAST, None, weeks_checked(rows))
    assert told[FAILS_NEXT].notna().sum() == (check_id in (7, 8, 11, 12, 13, 14))


def test_too_many_are_not_the_beginning_of_too_few() -> None:
    for n, begun in ((39, 1), (41, 0)):
        rows = pd.DataFrame([*SEEN, result(0, 11, 1, n, 1.0), result(1, 11, 2, 9, 0.2)])
        told = with_doubts(rows, LEAST, None, weeks_checked(rows))
        assert told[FAILS_NEXT].notna().sum() == begun
