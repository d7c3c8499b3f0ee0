"""A type that stopped is told with the new name that it seems to have."""

from datetime import timedelta

import pandas as pd
import pytest

from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_days import days_of
from orchestration.defs.judge.instrument_renames import with_renames
from orchestration.defs.judge.instrument_silence import Needed, plan_coverage
from orchestration.defs.judge.instrument_volumes import volumes
from tests.unit.test_instrument_volumes import COVERAGE, MONDAY, VOLUME, days, even

OLD = even(20) + [0] * 56
"""Twenty weeks of a type that stops then, and eight without it."""
RENAMED = (
    "`mail_send.requested` comes, which no plan names, since `send.requested` does not: renamed?"
)


def found_of(came: dict[str, list[int]], unplanned: tuple[str, ...], check_id: int) -> pd.DataFrame:
    """Return what check 11 or 17 finds of `send.requested`."""
    seen = days(came, unplanned=unplanned)
    if check_id == 11:
        rows, threshold = volumes(seen, VOLUME), VOLUME
    else:
        plan = pd.DataFrame(
            {"source_id": ["s"], "event_type": ["send.requested"], "planned_since": [pd.NaT]}
        )
        rows, threshold = plan_coverage(seen, plan, Needed(), COVERAGE), COVERAGE
    found = judged(with_renames(rows, seen), [threshold])
    return found[(found["event_type"] == "send.requested") & (found["severity"] > 0)]


@pytest.mark.parametrize(("check_id", "weeks"), [(11, 1), (17, 4)])
def test_the_new_name_is_said_from_the_first_week_that_is_found(check_id: int, weeks: int) -> None:
    new = [0] * 140 + even(8)
    came = {"send.requested": OLD, "mail_send.requested": new, "other.thing": new}
    found = found_of(came, ("mail_send.requested", "other.thing"), check_id)
    assert found["week_start_date"].min().date() == MONDAY + timedelta(weeks=19 + weeks)
    assert set(found["finding"]) == {RENAMED}


@pytest.mark.parametrize("begun", [70, 160])
def test_what_began_at_another_time_is_no_new_name(begun: int) -> None:
    new = [0] * begun + [3] * (len(OLD) - begun)
    found = found_of({"send.requested": OLD, "mail.sent": new}, ("mail.sent",), 11)
    assert len(found) and found["finding"].isna().all()


def test_a_source_that_renamed_all_it_sends_is_held_against_its_plan() -> None:
    new = [0] * 140 + even(8)
    found = found_of({"send.requested": OLD, "mail.sent": new}, ("mail.sent",), 17)
    # of one that sends nothing at all silence speaks
    assert len(found) == 5 and found_of({"send.requested": OLD}, (), 17).empty


@pytest.mark.parametrize("has_neighbour", [True, False])
def test_a_source_that_never_sent_a_planned_name_is_held_against_its_plan(
    has_neighbour: bool,
) -> None:
    until = MONDAY + timedelta(weeks=16)
    came = [("new", "mail.sent", True)] + [("old", "send.requested", False)] * has_neighbour
    rows = pd.DataFrame(
        [
            (source_id, event_type, MONDAY + timedelta(days=day), 1, 0, 1, is_unplanned)
            for source_id, event_type, is_unplanned in came
            for day in range(14 * (source_id == "old"), 16 * 7)
        ],
        columns=[
            "source_id", "event_type", "occurred_date", "event_count", "heartbeat_count",
            "sign_count", "is_unplanned",
        ],
    )  # fmt: skip
    ends = {"observed_until_date": [until] * 2, "complete_until_date": [until] * 2}
    seen = days_of(rows, pd.DataFrame(ends, index=["new", "old"]), [])
    plan = pd.DataFrame(
        {"source_id": ["new", "old"], "event_type": "send.requested", "planned_since": pd.NaT}
    )
    needed = Needed(types=frozenset({("new", "send.requested")}))
    coverage = with_renames(plan_coverage(seen, plan, needed, COVERAGE), seen)
    found = judged(coverage, [COVERAGE]).query("severity > 0").sort_values("week_start_date")
    assert set(zip(found["source_id"], found["event_type"], strict=True)) == {
        ("new", "send.requested")
    }
    # from four weeks on it warns, from twelve on it is sure
    assert list(found["severity"]) == [1] * 8 + [3] * 4


def test_many_events_of_a_type_are_no_rename() -> None:
    came = {"send.requested": even(20) + [200] * 7, "mail.sent": [0] * 146 + [3]}
    found = found_of(came, ("mail.sent",), 11)
    assert len(found) and found["finding"].isna().all()
