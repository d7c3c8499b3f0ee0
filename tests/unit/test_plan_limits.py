"""From which day on a planned type is gone, and from which one that never came is sure to be."""

from datetime import timedelta

import pandas as pd
import pytest

from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_silence import Needed, plan_coverage
from tests.unit.test_instrument_volumes import COVERAGE, MONDAY, days

WEEKS = 24


def first_weeks(counts: list[int], planned_from: int = 0) -> dict[int, int]:
    """Return by severity the first week that has it, of a needed type beside one that comes."""
    came = {"other": [5] * 7 * WEEKS, "t": counts + [0] * (7 * WEEKS - len(counts))}
    plan = pd.DataFrame(
        {
            "source_id": "s", "event_type": ["other", "t"],
            "planned_since": [pd.NaT, pd.Timestamp(MONDAY + timedelta(days=planned_from))],
        }
    )  # fmt: skip
    rows = plan_coverage(days(came), plan, Needed(types=frozenset({("s", "t")})), COVERAGE)
    found = judged(rows, [COVERAGE]).query("event_type == 't' and severity > 0")
    weeks = (found["week_start_date"] - pd.Timestamp(MONDAY)).dt.days // 7
    return weeks.groupby(found["severity"]).min().to_dict()


# seen within 28 days of the week's last day, or not: decision as in method 7, check 17
@pytest.mark.parametrize(("last", "week"), [(7 * 16 - 2, 19), (7 * 16 - 1, 19), (7 * 16, 20)])
def test_type_is_gone_after_twenty_eight_days_without_it(last: int, week: int) -> None:
    assert first_weeks([6] * (last + 1)) == {3: week}


@pytest.mark.parametrize(("known", "is_found"), [(83, False), (84, True)])
def test_pauses_are_known_after_twelve_weeks(known: int, is_found: bool) -> None:
    assert bool(first_weeks([6] * known)) is is_found


# warned 28 days and sure 84 days after the day since which it is planned, at a week's end
@pytest.mark.parametrize(("planned", "weeks"), [(6, {1: 4, 3: 12}), (7, {1: 5, 3: 13})])
def test_needed_type_that_never_came_is_due_twelve_weeks_after_its_plan(
    planned: int, weeks: dict[int, int]
) -> None:
    assert first_weeks([], planned) == weeks
