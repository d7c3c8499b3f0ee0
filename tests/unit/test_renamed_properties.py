"""A property that is missing is told with the one that comes in its place."""

from datetime import date, timedelta

import pandas as pd

from orchestration.defs.judge.instrument_properties import new_names, with_new_names

WEEKS = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(12)]
RENAMED = 5
"""Number of the first week with the new name."""


def sent(*changed: str) -> pd.DataFrame:
    """Weeks of one type with `minutes`, and from one week on what came instead."""
    return pd.DataFrame(
        [
            ("desk", "work.logged", week, names, 9, "[]")
            for number, week in enumerate(WEEKS)
            for names in (changed if number >= RENAMED else ('["minutes","team"]',))
        ],
        columns=["source_id", "event_type", "week_start_date", "property_names", "event_count",
                 "event_ids"],
    )  # fmt: skip


def missing(week: date, statistic: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        [("desk", "work.logged", week, "`minutes` missing", statistic)],
        columns=["source_id", "event_type", "week_start_date", "finding", "statistic"],
    )


def told(rows: pd.DataFrame, week: date, statistic: float = 1.0) -> str:
    names = new_names(rows, {"work.logged": {"minutes", "team"}})
    return with_new_names(missing(week, statistic), names)["finding"].iloc[0]


def test_the_new_name_of_a_missing_property_is_told_for_as_long_as_it_comes() -> None:
    rows = sent('["mins","team"]', '["mins","zone"]')
    for week in (WEEKS[RENAMED], WEEKS[-1]):
        assert told(rows, week) == (
            "`minutes` missing; `mins`, which the plan doesn't name, comes instead"
        )


def test_nothing_is_said_of_names_that_were_there_or_where_nothing_is_missing() -> None:
    rows = sent('["mins","team"]')
    assert told(rows, WEEKS[RENAMED - 1]) == "`minutes` missing"
    assert told(rows, WEEKS[-1], statistic=0.0) == "`minutes` missing"
    assert told(sent('["team"]'), WEEKS[-1]) == "`minutes` missing"
    early = rows[rows["week_start_date"] >= WEEKS[RENAMED - 2]]
    assert told(early, WEEKS[-1]) == "`minutes` missing"
