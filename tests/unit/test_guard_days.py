"""The benchmark tells how a refresh on another day of the week differs from Tuesday's."""

import pandas as pd

from bench.guard.defects import DEFECTS
from bench.guard.verify import DAYS, _agreement, day_jobs, then_cases, then_jobs

LAST = 56


def severities(rows: list[tuple[str, int, int]]) -> pd.Series:
    """Severities by product and week."""
    frame = pd.DataFrame(rows, columns=["product_id", "week", "severity"])
    return frame.set_index(["product_id", "week"])["severity"]


def test_days_are_told_by_what_is_the_same_missing_and_more() -> None:
    tuesday = severities([("a", 50, 2), ("b", 51, 1), ("c", 52, 1), ("a", LAST, 2)])
    other = severities([("a", 50, 2), ("b", 51, 2), ("d", 53, 1), ("a", LAST, 2)])
    assert _agreement(other, tuesday, False, LAST) == (
        "1 of 3 are the same, 1 otherwise graded, 1 missing, 1 more"
    )
    assert _agreement(other, tuesday, True, LAST) == "1 of 1 are the same"


def test_other_days_are_of_the_same_scenarios_and_week() -> None:
    seed = 5003
    usual = next(job for job in then_jobs(seed) if job.name == "refresh-2")
    jobs = day_jobs(seed)
    assert len(jobs) == len(DAYS) and all(job.cases == usual.cases for job in jobs)
    assert [job.as_of_at.strftime("%A %H") for job in jobs] == ["Monday 06", "Thursday 06"]
    assert {job.as_of_at.isocalendar().week for job in jobs} == {usual.as_of_at.isocalendar().week}
    seeable = [defect for defect in DEFECTS.values() if not defect.unseen]
    assert len(then_cases(seed)) == len(seeable)


def test_a_defect_that_the_calendar_dates_leaves_the_others_in_the_proof() -> None:
    seed = 6003
    seeable = [d for d in DEFECTS.values() if not d.unseen]
    usual = [d for d in seeable if d.start_week(seed) == DEFECTS["redelivery"].start_week(seed)]
    assert len(usual) == len(seeable) - 1 == len(then_cases(seed))
