"""A number is trusted as far as the worst source that it rests on, and no further down."""

import math
from datetime import date

import pandas as pd
import pytest

from orchestration.defs.judge.contributions import Shares
from orchestration.defs.judge.trust import (
    Checks,
    metric_grade,
    metric_trust,
    source_grade,
)
from orchestration.defs.judge.trust_reasons import describe

NAN = math.nan
WEEK = date(2026, 6, 1)
EARLIER = date(2026, 5, 25)
MEND = "Turn off one of the two ways by which the events come."
"""What the check asks for; nothing is missing that the source's owners could replay."""


def check(source_id: str, severity: int, event_type: str = "*", week: date = WEEK) -> dict:
    return {
        "source_id": source_id, "event_type": event_type, "week_start_date": week, "check_id": 2,
        "severity": severity, "statistic": 0.5, "n": 20, "expected": None, "defect": "a defect",
    }  # fmt: skip


def part(metric_id: str, source_id: str, side: str = "numerator", **changes) -> dict:
    return {
        "product_id": "p", "metric_id": metric_id, "side": side, "source_id": source_id,
        "event_type": "ticket.opened", "is_required": True, "event_count": 100, **changes,
    }  # fmt: skip


def shares(lineage: list[dict]) -> Shares:
    """Return the shares of sources that sent `event_count` events of a type in the first week."""
    columns = ["product_id", "source_id", "event_type", "event_count"]
    rows = pd.DataFrame(lineage)[columns].drop_duplicates().assign(week_start_date=EARLIER)
    return Shares(rows[rows["event_count"] > 0])


def grades(
    checks: list[dict],
    lineage: list[dict],
    metrics: tuple[str, ...] = ("m",),
    parents: dict[str, str] | None = None,
    week: date = WEEK,
    of_metrics: list[dict] | None = None,
) -> dict[str, tuple]:
    """Return grade, source and repair hint of each metric in one week."""
    periods = pd.DataFrame([("p", metric_id, week) for metric_id in metrics])
    rows = metric_trust(
        Checks(pd.DataFrame(checks), of_metrics=pd.DataFrame(of_metrics) if of_metrics else None),
        pd.DataFrame(lineage),
        shares(lineage),
        periods,
        parents or {},
        {"tickets": "At Tickets: restart the collector."},
    )
    return {row[1]: (row[3], row[4], row[6]) for row in rows}


@pytest.mark.parametrize(
    ("severities", "grade"),
    [([0, 0, 0], "A"), ([0, 1, 0], "B"), ([2, 0, 2], "C"), ([0, 3], "D"), ([], "D")],
    ids=["all pass", "one warns", "two fail", "one blocks", "none ran"],
)
def test_source_is_graded_by_its_worst_check(severities: list[int], grade: str) -> None:
    assert source_grade(severities) == grade


@pytest.mark.parametrize(
    ("parts", "grade"),
    [
        ([("A", True, 1), ("B", True, 1)], "B"),
        ([("A", True, 1), ("D", True, 1)], "D"),
        ([("A", True, 0.97), ("C", True, 0.03)], "B"),
        ([("A", True, 1), ("D", False, 1)], "B"),
    ],
    ids=["either side counts", "worst wins", "minor path", "optional source"],
)
def test_metric_is_graded_by_what_its_sources_count_for(parts: list, grade: str) -> None:
    assert metric_grade(parts) == grade


def test_broken_source_leaves_a_metric_of_another_source_alone() -> None:
    lineage = [part("m", "tickets"), part("other", "chat")]
    found = grades([check("tickets", 3), check("chat", 0)], lineage, ("m", "other"))
    assert found == {
        "m": ("D", "tickets", MEND),
        "other": ("A", None, None),
    }


def test_defect_of_one_event_type_lowers_only_metrics_that_read_it() -> None:
    lineage = [part("m", "tickets"), part("other", "tickets", event_type="ticket.rated")]
    checks = [check("tickets", 0), check("tickets", 3, "ticket.opened")]
    found = grades(checks, lineage, ("m", "other"))
    assert (found["m"][0], found["other"][0]) == ("D", "A")


@pytest.mark.parametrize(("torn", "cause"), [(2, 12), (1, 4), (3, 12)])
def test_of_equals_lost_lines_are_named_that_make_other_checks_fail(torn: int, cause: int) -> None:
    orphans = check("tickets", 2, "ticket.opened") | {"check_id": 4}
    lost = check("tickets", torn) | {"check_id": 12, "defect": "lines that can't be read"}
    for found in ([orphans, lost], [lost, orphans]):
        checks = Checks(pd.DataFrame(found))
        assert checks.worst("tickets", WEEK, "ticket.opened").check_id == cause


def test_defect_of_a_whole_source_lowers_all_that_read_it() -> None:
    lineage = [part("m", "tickets"), part("other", "tickets", event_type="ticket.rated")]
    found = grades([check("tickets", 2)], lineage, ("m", "other"))
    assert (found["m"][0], found["other"][0]) == ("C", "C")


def collapsed(metric_id: str, severity: int = 2, check_id: int = 14) -> dict:
    """Return what was found on one metric's values."""
    found = check("tickets", severity, "ticket.opened") | {"check_id": check_id, "expected": 40.0}
    return found | {"product_id": "p", "metric_id": metric_id}


@pytest.mark.parametrize("check_id", [14, 19])
def test_what_was_found_on_one_metrics_values_lowers_it_and_no_other_of_the_events(
    check_id: int,
) -> None:
    lineage = [part("m", "tickets"), part("other", "tickets")]
    checks = [check("tickets", 0), collapsed("m", 2, check_id)]
    found = grades(checks, lineage, ("m", "other"), of_metrics=[collapsed("m", 2, check_id)])
    assert {name: row[:2] for name, row in found.items()} == {
        "m": ("C", "tickets"),
        "other": ("A", None),
    }
    assert Checks(pd.DataFrame(checks)).worst("tickets", WEEK).grade == "C"


def test_what_was_found_on_a_metrics_values_reaches_what_is_made_of_it() -> None:
    lineage = [part("m", "tickets"), part("other", "tickets")]
    found = grades(
        [check("tickets", 0)], lineage, ("sum", "m_median", "other"), {"sum": "other; m"},
        of_metrics=[collapsed("m")],
    )  # fmt: skip
    assert {name: row[0] for name, row in found.items()} == {
        "sum": "C", "m_median": "C", "other": "A",
    }  # fmt: skip


def test_what_was_found_on_a_derived_metric_leaves_its_parent_alone() -> None:
    lineage = [part("m", "tickets"), part("sum", "tickets")]
    found = grades([check("tickets", 0)], lineage, ("sum", "m"), {"sum": "m"},
                   of_metrics=[collapsed("sum", 1, 19)])  # fmt: skip
    assert (found["sum"][0], found["m"][0]) == ("B", "A")


def test_what_was_found_on_a_minor_sender_counts_at_most_as_b() -> None:
    lineage = [part("m", "tickets", event_count=3), part("m", "chat", event_count=97)]
    checks = [check("tickets", 0), check("chat", 0)]
    assert grades(checks, lineage, of_metrics=[collapsed("m", 3)])["m"][0] == "B"


def test_rare_numerator_is_no_minor_path() -> None:
    lineage = [
        part("m", "tickets", event_count=20),
        part("m", "logins", "denominator", event_type="user.active", event_count=9000),
    ]
    assert grades([check("tickets", 3), check("logins", 0)], lineage)["m"][0] == "D"


def test_minor_path_of_the_same_events_counts_at_most_as_b() -> None:
    lineage = [part("m", "tickets", event_count=3), part("m", "chat", event_count=97)]
    assert grades([check("tickets", 3), check("chat", 0)], lineage)["m"][0] == "B"


@pytest.mark.parametrize(
    ("count", "grade"), [(49, "B"), (50, "D"), (51, "D")], ids=["4.9 %", "5.0 %", "5.1 %"]
)
def test_a_source_is_minor_below_five_percent_of_the_events(count: int, grade: str) -> None:
    lineage = [
        part("m", "tickets", event_count=count),
        part("m", "chat", event_count=1000 - count),
    ]
    assert grades([check("tickets", 3), check("chat", 0)], lineage)["m"][0] == grade
    assert metric_grade([("A", True, 1), ("D", True, count / 1000)]) == grade
    checks = [check("tickets", 0), check("chat", 0)]
    found = grades(checks, lineage, of_metrics=[collapsed("m", 3)])
    assert found["m"][0] == ("D" if count >= 50 else "B")


def test_source_that_fell_silent_after_its_series_has_no_check_and_gives_no_number() -> None:
    checks = [check("tickets", 0, week=EARLIER), check("chat", 0)]
    found = grades(checks, [part("m", "tickets"), part("m", "chat", "denominator")])
    assert found["m"][0] == "D"


def test_source_is_not_held_against_weeks_before_its_first_event() -> None:
    checks = [check("tickets", 0), check("chat", 0, week=EARLIER), check("chat", 0)]
    lineage = [part("m", "tickets"), part("m", "chat", "denominator")]
    assert grades(checks, lineage, week=EARLIER)["m"][0] == "A"


def test_required_events_that_no_source_ever_sent_give_no_number() -> None:
    lineage = [
        part("m", "chat", "denominator", event_type="chat.begun"),
        part("m", "tickets", event_count=0),
    ]
    assert grades([check("chat", 0)], lineage)["m"][0] == "D"


def test_a_source_that_never_sent_is_told_so_and_not_to_replay_anything() -> None:
    checks = Checks(pd.DataFrame([check("other", 0)]))
    periods = pd.DataFrame([("p", "m", WEEK)])
    lineage = [part("m", "tickets", event_count=0)]
    hints = {"tickets": "replay the outbox"}
    assert metric_trust(
        checks, pd.DataFrame(lineage), shares(lineage), periods, {}, hints
    ) == [
        ("p", "m", WEEK, "D", "tickets", "tickets has not sent anything yet",
         "Let it send its first events.", None, None),
    ]  # fmt: skip


def test_derived_metric_is_as_good_as_its_worst_parent() -> None:
    lineage = [part("m", "tickets"), part("other", "chat")]
    checks = [check("tickets", 2), check("chat", 0)]
    found = grades(checks, lineage, ("sum",), {"sum": "other; m"})
    assert found["sum"] == ("C", "tickets", MEND)


def test_companion_of_a_duration_has_its_grade() -> None:
    found = grades([check("tickets", 2)], [part("m", "tickets")], ("m_median",))
    assert found["m_median"][0] == "C"


def test_metric_without_lineage_gives_no_number() -> None:
    assert grades([check("tickets", 0)], [part("other", "tickets")])["m"][0] == "D"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            {"check_id": 5, "event_type": "ticket.closed", "statistic": 0.55, "expected": 18.4},
            "a defect (ticket.closed): 11 of 20 starts came to an end, where 18.4 were expected "
            "from the source's own past",
        ),
        (
            {"check_id": 9, "statistic": -119.5},
            "a defect: received 119.5 s before they occurred, in the median of 20 events",
        ),
        (
            {"check_id": 9, "statistic": 21.0},
            "a defect: some of 20 events were received before they occurred, although the median "
            "was 21.0 s after",
        ),
        (
            {"check_id": 10, "statistic": 50.2, "expected": 24.0},
            "a defect: 95 % of events came within 50 h, where 24 h are declared",
        ),
        (
            {"check_id": 11, "statistic": 5.25, "expected": 2.0},
            "a defect: no sign of life for 5.2 days, 2 at most",
        ),
        (
            {"check_id": 11, "statistic": 1.04, "expected": 1.0},
            "a defect: no sign of life for just over 1.0 days, 1 at most",
        ),
        (
            {"check_id": 11, "event_type": "t", "n": 9219, "expected": 38208.4},
            "a defect (t): 9,219 events came in the week, where 38,208 were expected from the "
            "source's own past",
        ),
        (
            {"check_id": 14, "event_type": "t", "n": 1, "expected": 5.0, "statistic": 0.24}
            | {"measured": "Lines of releases", "is_of_amounts": True, "unit_key": "subject"},
            "a defect (t): 24 % of the median of the eight weeks before (lines of releases), from "
            "1 item, where 5 are usual",
        ),
        (
            {"check_id": 14, "n": 2, "expected": 14.0, "measured": "KPIs read"}
            | {"is_of_amounts": NAN},
            "a defect: 2 (KPIs read) in the week, where the median of the eight weeks before is 14",
        ),
        (
            {"check_id": 5, "statistic": 0.0, "expected": 1.0},
            "a defect: none of 20 starts came to an end, where 1 was expected from the source's "
            "own past",
        ),
        (
            {"check_id": 11, "event_type": "t", "n": 0, "expected": 31.77},
            "a defect (t): no events came in the week, where 31.8 were expected from the source's "
            "own past",
        ),
        ({"check_id": 6, "n": 1, "statistic": 1.0}, "a defect: 1 of 1 finish"),
        (
            {"check_id": 17, "n": 7, "statistic": 6 / 7},
            "a defect: 1 of 7 planned event types not seen",
        ),
        (
            {"check_id": 19, "n": 59},
            "a defect: at least the last 14 of 59 weekly values go up and down in turn or keep "
            "close to the centre",
        ),
        ({"check_id": 2}, "a defect: 10 of 20 events"),
    ],
)
def test_reason_gives_the_figures(found: dict, words: str) -> None:
    assert describe({**check("tickets", 2), **found}) == words


@pytest.mark.parametrize(
    "is_secret, words",
    [
        (False, "`minutes` about 60 times smaller than usual (ticket): 7 of 7 events"),
        (True, "amounts in another unit than before (ticket): `minutes`, figures hidden"),
    ],
)
def test_by_how_much_amounts_of_few_people_are_off_is_not_told(is_secret: bool, words: str) -> None:
    found = {
        "check_id": 12, "event_type": "ticket", "n": 7, "statistic": 1.0, "expected": None,
        "defect": "amounts in another unit than before", "is_secret": is_secret,
        "finding": "`minutes` about 60 times smaller than usual",
    }  # fmt: skip
    assert describe(found) == words


@pytest.mark.parametrize(("n", "side"), [(2, "few"), (90, "many")])
def test_of_few_people_it_is_told_on_which_side_their_number_lies(n: int, side: str) -> None:
    found = {
        "check_id": 11, "event_type": "ticket", "n": n, "statistic": n / 12, "expected": 12.0,
        "defect": "too few or too many events", "is_secret": True, "finding": None,
    }  # fmt: skip
    assert describe(found) == f"too {side} events (ticket), figures hidden"
    found |= {"check_id": 12, "event_type": "*", "defect": "lines that can't be read"}
    assert describe(found) == "lines that can't be read, figures hidden"
