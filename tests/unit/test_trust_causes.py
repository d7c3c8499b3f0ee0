"""Lines that were taken away are told before what their absence makes other checks find."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

from expectations.suites.remedies import RENAMED
from orchestration.defs.judge.trust import Checks, Finding, _lowest
from orchestration.defs.judge.trust_causes import TAKEN_AWAY, gone_files, with_files

WEEK = date(2026, 6, 1)


def row(check_id: int, severity: int, event_type: str, defect: str) -> dict:
    return {
        "source_id": "s", "event_type": event_type, "week_start_date": WEEK, "check_id": check_id,
        "severity": severity, "statistic": 0.5, "n": 20, "expected": 9.0, "defect": defect,
    }  # fmt: skip


def found(gone: int, worst: tuple[int, str] = (5, "t"), **changes) -> Finding:
    """Return what the grade of a source rests on where lines are gone and finishes are missing."""
    rows = [
        row(worst[0], 3, worst[1], "finishes that are not sent"),
        row(20, gone, "t", TAKEN_AWAY) | changes,
    ]
    files = {("s", "t", WEEK): ["streaming/2026-q1.jsonl", "z.jsonl"]}
    return Checks(with_files(pd.DataFrame(rows), files)).worst("s", WEEK)


@pytest.mark.parametrize("worst", [(5, "t"), (11, "*")])
def test_what_was_taken_away_leads_and_what_follows_from_it_gives_the_grade(
    worst: tuple[int, str],
) -> None:
    told = found(2, worst)
    assert (told.grade, told.check_id, told.defect) == ("D", 20, TAKEN_AWAY)
    first, second = (told.reason or "").split("; ")
    assert first == (
        "events that were here and were taken away (t): 10 of 20 events, "
        "gone from streaming/2026-q1.jsonl and 1 more"
    )
    assert second.startswith("finishes that are not sent")


@pytest.mark.parametrize("changes", [{"severity": 1}, {"severity": 2, "event_type": "u"}])
def test_a_line_or_two_or_those_of_another_type_lead_nothing(changes: dict) -> None:
    told = found(1, **changes)
    assert told.check_id == 5 and "; " not in (told.reason or "")


def test_a_reused_id_leads_where_what_was_not_counted_for_it_is_missed() -> None:
    reused = row(3, 2, "t", "ids used again for another event")
    for check_id in (4, 5, 11, 20):
        missing = row(check_id, 3, "t", "missing") | {"expected": 90.0}
        told = Checks(pd.DataFrame([missing, reused])).worst("s", WEEK)
        assert (told.grade, told.check_id, told.defect) == ("D", 3, reused["defect"])
        assert (told.reason or "").startswith("ids used again") and "; missing (t)" in told.reason
    # not where nothing follows from it
    for other in (row(9, 3, "t", "a clock"), row(5, 3, "u", "of another type")):
        assert Checks(pd.DataFrame([other, reused])).worst("s", WEEK).check_id != 3
    # of ids that were left out nothing can come too often
    surge = row(11, 3, "t", "too few or too many events") | {"n": 500, "expected": 100.0}
    assert Checks(pd.DataFrame([surge, reused])).worst("s", WEEK).check_id == 11
    slight = reused | {"severity": 1}
    assert Checks(pd.DataFrame([row(5, 3, "t", "missing"), slight])).worst("s", WEEK).check_id == 5


def test_what_was_taken_away_or_torn_leads_before_a_reused_id() -> None:
    reused = row(3, 2, "t", "ids used again for another event")
    gone = row(20, 2, "t", TAKEN_AWAY)
    torn = row(12, 2, "*", "lines that can't be read")
    for lost in (gone, torn):
        rows = with_files(pd.DataFrame([reused, lost]), {})
        assert Checks(rows).worst("s", WEEK).defect == lost["defect"]


def test_a_reused_start_leads_where_its_finish_is_an_orphan() -> None:
    orphan = Finding("D", "s", 4, "orphans", defect="finishes without a start")
    reused = Finding("D", "s", 3, "reused", defect="ids used again for another event")
    clock = Finding("D", "s", 9, "a clock", defect="a clock that runs ahead")
    assert _lowest([orphan, reused]) is reused
    assert _lowest([clock, reused]) is clock
    few = Finding("D", "s", 11, "too few", defect="too few or too many events")
    assert _lowest([few, reused]) is few
    assert _lowest([orphan, replace(reused, grade="C")]) is orphan


def test_of_few_people_the_file_is_named_and_no_number() -> None:
    told = found(3, is_secret=True)
    file = "streaming/2026-q1.jsonl"
    assert told.reason == f"{TAKEN_AWAY} (t), gone from {file} and 1 more, figures hidden"


def test_files_are_those_of_what_is_lost_and_none_where_nothing_was_noted() -> None:
    with duckdb.connect() as connection:
        assert gone_files(connection) == {}
        # that of `c` was said to be on purpose; of `d` nothing is lost
        connection.execute(
            "create schema state; create schema intake;"
            "create table intake.int_events_lost as from (values "
            "('b', 's', 't', date '2026-06-01', null), "
            "('a', 's', 't', date '2026-06-01', null), "
            "('c', 's', 't', date '2026-06-01', 'a test')"
            ") as _(path, source_id, event_type, week_start_date, accepted_reason);"
            "create table state.events_gone as select path, source_id, event_type, week_start_date "
            "from intake.int_events_lost union all "
            "select 'd', 's', 't', date '2026-06-01';"
            "create schema registry;"
            "create table registry.run_context as select timestamp '2026-07-01' as as_of_at;"
            "alter table state.events_gone add column as_of_at timestamp default '2026-06-30'"
        )
        assert gone_files(connection) == {("s", "t", WEEK): ["a", "b"]}


ASKED = "`t.new` comes, which no plan names, since `t` does not: renamed?"


def test_a_new_name_leads_and_is_what_is_to_be_mended() -> None:
    few = row(11, 2, "t", "too few or too many events") | {"finding": ASKED}
    collapsed = row(14, 3, "t", "denominators that collapse") | {"finding": None}
    of_metric = pd.DataFrame([collapsed | {"product_id": "p", "metric_id": "m"}])
    checks = Checks(pd.DataFrame([few, collapsed]), of_metrics=of_metric)
    told = checks.worst("s", WEEK, "t")
    assert (told.grade, told.check_id, told.defect) == ("C", 11, RENAMED)
    assert told.reason.count(ASKED) == 1
    (of_value,) = checks.of_metric("p", "m", WEEK, [])
    assert (of_value.grade, of_value.check_id, of_value.defect) == ("D", 14, RENAMED)
    assert of_value.reason.startswith(f"{ASKED}; denominators that collapse")
    # what came of the type is as wrong as before, and so is another type
    others = [few, row(6, 3, "t", "times") | {"finding": None}, collapsed | {"event_type": "u"}]
    checks = Checks(pd.DataFrame(others))
    assert checks.worst("s", WEEK, "t").defect == "times"
    assert RENAMED not in {checks.worst("s", WEEK, kind).defect for kind in ("u", "v")}


def test_orphans_and_missing_finishes_follow_from_a_new_name_of_their_start_or_finish() -> None:
    # a thin week: the rename is known though too few were expected for a finding
    renamed = row(11, 0, "begun", "too few or too many events") | {"finding": ASKED}
    elsewhere = renamed | {"source_id": "other"}
    orphans = row(4, 3, "t", "finishes without a start") | {"finding": None}
    starts = {"t": ["begun"]}
    products = {"s": "p", "other": "p", "far": "q"}
    for started in (renamed, elsewhere):
        frame = pd.DataFrame([started, orphans])
        told = Checks(frame, starts=starts, products=products).worst("s", WEEK, "t")
        assert (told.check_id, told.defect) == (4, RENAMED)
        assert told.reason.startswith(f"{ASKED}; finishes without a start")
    # another product's sources may send the same types
    far = pd.DataFrame([renamed | {"source_id": "far"}, orphans])
    told = Checks(far, starts=starts, products=products).worst("s", WEEK, "t")
    assert told.defect == "finishes without a start"
    unrelated = Checks(pd.DataFrame([renamed, orphans]), starts={"t": ["asked"]})
    assert unrelated.worst("s", WEEK, "t").defect == "finishes without a start"
    before = renamed | {"week_start_date": date(2026, 5, 25)}
    assert Checks(pd.DataFrame([before, orphans]), starts=starts).worst("s", WEEK).defect != RENAMED
    missing = row(5, 3, "begun", "finishes that are not sent") | {"finding": None}
    assert Checks(pd.DataFrame([renamed, missing])).worst("s", WEEK, "begun").defect == RENAMED
    # of another source the same type still has its name
    assert Checks(pd.DataFrame([elsewhere, missing])).worst("s", WEEK).defect != RENAMED
