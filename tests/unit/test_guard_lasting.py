"""Scenarios of defects that last begin long before the end, at middle severity."""

import pandas as pd

from bench.guard.batches import Case
from bench.guard.defects import DEFECTS
from bench.guard.defects.kind import LASTING, LASTING_START
from bench.guard.events import WEEKS, week_begin
from bench.guard.lasting import NAMES, _grades, lasting_job

SEED = 1_000


def test_a_lasting_defect_begins_forty_weeks_before_the_end() -> None:
    assert WEEKS - LASTING_START == 40
    case = Case("sampling_switched_on", LASTING, SEED)
    broken, sound = case.events(), Case("clean", "none", SEED).events()
    gone = sound[~sound["id"].isin(broken["id"])]
    begin = week_begin(LASTING_START)
    assert begin <= gone["time"].min() < week_begin(LASTING_START + 1)
    portal = sound[sound["source"].str.endswith("portal") & (sound["time"] >= begin)]
    assert 0.4 < len(gone) / portal["id"].nunique() < 0.6


def test_the_batch_has_its_own_twins_and_known_defects() -> None:
    cases = lasting_job(SEED).cases
    assert {c.seed for c in cases if c.defect == "clean"} == {c.seed for c in cases}
    assert set(NAMES) <= set(DEFECTS)


def test_grades_are_told_as_shares() -> None:
    assert _grades(pd.DataFrame({"trust_grade": ["A", "C", "C", "C"]})) == "A 25 %, C 75 %"
    assert _grades(pd.DataFrame({"trust_grade": []})) == "-"
