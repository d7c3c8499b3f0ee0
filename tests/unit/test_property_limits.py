"""For how many weeks a property is new, and of which weeks nothing can be."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

from orchestration.defs.judge.instrument_properties import unknown_properties

WEEKS = [date(2026, 1, 5) + timedelta(weeks=number) for number in range(12)]


def found(new_from: int) -> pd.DataFrame:
    """Return what is found of `grün`, which a quarter of the events have from a week on."""
    rows = [("s", "t", week, '["a"]', 3, '["e1", "e2"]') for week in WEEKS]
    rows += [("s", "t", week, json.dumps(["a", "grün"]), 1, '["é"]') for week in WEEKS[new_from:]]
    columns = [
        "source_id", "event_type", "week_start_date", "property_names", "event_count", "event_ids",
    ]  # fmt: skip
    sent = pd.DataFrame(rows, columns=columns)
    return unknown_properties(sent.sort_values(columns[:4], ignore_index=True), {})


@pytest.mark.parametrize(("new_from", "weeks"), [(3, []), (4, [4, 5, 6, 7]), (10, [10, 11])])
def test_what_begins_after_four_weeks_is_new_for_four(new_from: int, weeks: list[int]) -> None:
    assert list(found(new_from)["week_start_date"]) == [WEEKS[number] for number in weeks]


def test_a_new_property_has_its_share_and_its_events() -> None:
    row = found(4).iloc[0]
    assert (row["n"], row["share"], json.loads(row["evidence"])) == (4, 0.25, ["é"])
