"""What is to mend follows what was found; a fault that is over is told as over."""

from datetime import date, timedelta
from typing import Any

import pytest

from expectations.suites.clauses import CLAUSES
from expectations.suites.remedies import BY_DEFECT, REMEDIES, RENAMED, UNDER_ITS_NAME, Remedy
from orchestration.defs.judge.guard import CHECKS
from orchestration.defs.judge.repairs import OF_DEFECT, PROMISE, repair
from orchestration.pages.lost_metrics import lost_of
from orchestration.pages.marts import Marts
from orchestration.pages.quality import render_quality
from orchestration.pages.scorecard import render_scorecard
from orchestration.pages.troubles import owner_words, repair_words, troubles_of
from tests.unit.test_pages import marts, served  # noqa: F401
from tests.unit.test_pair_trust import LEAD
from tests.unit.test_quality_page import lines

PRODUCT = "insight_desk"
VOLUME = "too few or too many events"
LATEST = date(2026, 2, 23)
WEEKS = [LATEST - timedelta(weeks=back) for back in reversed(range(4))]


def broken(
    marts: Marts,  # noqa: F811
    weeks: list[date],
    severities: dict[date, int],
    catch_up: str | None = "Replay its log.",
) -> dict[str, Any]:
    """The trouble of the lead, which check 5 withholds in `weeks`; its results by week."""
    source_id = next(s["source_id"] for s in marts["dim_sources"] if s["product_id"] == PRODUCT)
    for row in marts["fct_metric_trust"]:
        if row["metric_id"] == LEAD and row["week_start_date"] in weeks:
            row |= {"grade": "D", "reason": "finishes that are not sent", "check_id": 5}
            row |= {"source_id": source_id, "repair_hint": "Mend the hook."}
            row |= {"catch_up_hint": catch_up}
    template = marts["fct_instrument_checks"][0]
    marts.tables["fct_instrument_checks"] = [
        template
        | {"source_id": source_id, "event_type": "question.answered", "check_id": 5}
        | {"week_start_date": week, "severity": severity}
        for week, severity in severities.items()
    ]
    for name in ("trust", "checks", "graded", "graded_of"):
        marts.__dict__.pop(name, None)
    return next(row for row in troubles_of(marts, PRODUCT) if LEAD in row["metric_ids"])


def test_every_check_and_promise_says_what_to_mend_in_words_that_can_be_joined() -> None:
    assert set(REMEDIES) == set(CHECKS)
    told = [
        *REMEDIES.values(),
        *BY_DEFECT.values(),
        UNDER_ITS_NAME,
        *(clause.remedy for clause in CLAUSES),
    ]
    for remedy in told:
        for words in (remedy.mend, remedy.catch_up):
            assert words == words.strip() and not words.endswith(".")
            assert words[:1] == words[:1].upper()
        assert remedy.mend


def test_a_remedy_of_one_defect_belongs_to_a_defect_that_its_check_can_find() -> None:
    found = {(number, check.defect) for number, checks in CHECKS.items() for check in checks}
    assert set(BY_DEFECT) <= found


@pytest.mark.parametrize(
    ("check_id", "defect", "hint", "said"),
    [
        (5, "any", "At Desk: replay it.", (REMEDIES[5], "At Desk: replay it.")),
        (5, "any", None, (REMEDIES[5], None)),
        # nothing is missing that a source could send again
        (12, "any", "At Desk: replay it.", (REMEDIES[12], None)),
        (11, VOLUME, None, (BY_DEFECT[11, VOLUME], None)),
        # what comes under another name needn't be sent again
        (14, RENAMED, "At Desk: replay it.", (UNDER_ITS_NAME, None)),
        (PROMISE, CLAUSES[3].defect, None, (CLAUSES[3].remedy, None)),
    ],
)  # fmt: skip
def test_the_remedy_of_what_was_found_comes_before_what_is_known_of_the_source(
    check_id: int, defect: str, hint: str | None, said: tuple[Remedy, str | None]
) -> None:
    remedy, last = said
    mend, catch_up, served_id = repair(check_id, defect, hint, has_sent=True)
    assert mend == " ".join(filter(None, (f"{remedy.mend}.", last)))
    assert catch_up == (f"{remedy.catch_up}." if remedy.catch_up else None)
    assert served_id == (check_id or None)


def test_without_a_finding_only_what_is_known_of_the_source_is_told() -> None:
    assert repair(None, None, "At Desk: ask.", has_sent=True) == ("At Desk: ask.", None, None)
    assert repair(7, "any", "At Desk: ask.", has_sent=False)[0] == "Let it send its first events."
    assert len({id(remedy) for remedy in OF_DEFECT.values()}) == len(BY_DEFECT) + len(CLAUSES)


def test_a_fault_that_goes_on_is_to_be_mended_and_caught_up(marts: Marts) -> None:  # noqa: F811
    row = broken(marts, WEEKS[2:], {WEEKS[2]: 3, WEEKS[3]: 3})
    assert (row["is_now"], row["over"]) == (True, "")
    page = lines(render_quality(marts))
    assert "To mend: Mend the hook. For these 2 weeks: replay its log." in page
    assert repair_words(marts, PRODUCT, LEAD).startswith("To mend: Mend the hook. For these 2")


def test_the_top_tells_what_one_repair_ends_once_and_the_week_under_way_last() -> None:
    def trouble(name: str, **changed: Any) -> dict[str, Any]:
        return {
            "metric_names": [name], "metric_ids": [name], "source": "Desk", "mend": "Mend it.",
            "catch_up": "", "since": WEEKS[0], "is_now": True, "is_withheld": True,
            "when": "", "reason": f"what was found of {name}",
        } | changed  # fmt: skip

    def subject(product_id: str, *troubles: dict[str, Any]) -> dict[str, Any]:
        answer = {"count": 9, "is_doubtful": True, "lost": list(troubles)}
        return {"product": {"product_id": product_id}, "answer": answer}

    names = ("e", "d", "c", "b", "a")
    early, struck = (
        trouble("early", is_now=False, when="in the week under way"),
        trouble("struck", is_withheld=False),
    )
    told = lost_of(
        [subject("p", early, struck, *map(trouble, names)), subject("q", trouble("other"))]
    )
    assert [(row["named"], row["metric_count"], row["more"]) for row in told] == [
        ("a, b, c and 2 more", 5, 4),
        ("other", 1, 0),
        ("struck", 1, 0),
        ("early", 1, 0),
    ]
    assert told[0]["reason"] == "what was found of e"


def test_lines_that_one_file_lost_are_told_once_whatever_their_sources() -> None:
    torn = {
        "metric_names": ["m"], "catch_up": "", "since": WEEKS[0], "is_now": True,
        "when": "", "is_withheld": False, "reason": "lines that can't be read: 4 of 34 lines",
        "torn": "lines that can't be read, in landing/a.jsonl", "mend": "Write them whole.",
    }  # fmt: skip
    lost = [
        torn | {"source": name, "owner": f"{name}, Team", "metric_ids": [name]}
        for name in ("Desk", "Host")
    ]
    answer = {"count": 9, "is_doubtful": True, "lost": lost}
    (told,) = lost_of([{"product": {"product_id": "p"}, "answer": answer}])
    assert (told["reason"], told["metric_count"], told["more"]) == (torn["torn"], 2, 0)
    assert told["owner"] == "Team"


def test_the_badge_is_of_the_week_that_the_page_is_about(marts: Marts) -> None:  # noqa: F811
    broken(marts, WEEKS[2:], {WEEKS[2]: 3, WEEKS[3]: 2})
    for row in marts["fct_metric_trust"]:
        if row["metric_id"] == LEAD and row["week_start_date"] == LATEST:
            row["grade"] = "C"
    (row,) = (row for row in troubles_of(marts, PRODUCT) if LEAD in row["metric_ids"])
    assert row["is_withheld"] is False


def test_an_owner_is_named_with_the_source_unless_what_is_to_mend_names_it() -> None:
    source = {"source_name": "Desk", "owner_team": "Support"}
    assert owner_words(source, "Mend it. At Desk: ask.") == "Support"
    assert owner_words(source, "Mend it.") == "Desk, Support"
    assert owner_words({}, "") == ""


def test_a_fault_that_is_over_tells_until_when_and_what_remains_and_nothing_to_mend(
    marts: Marts,  # noqa: F811
) -> None:
    row = broken(marts, WEEKS[:2], {week: 3 * (week < WEEKS[2]) for week in WEEKS})
    assert (row["since"], row["until"], row["is_over"]) == (WEEKS[0], WEEKS[1], True)
    told = "Over: the week of 2026-02-23 has grade A; this check passes there."
    page = lines(render_quality(marts))
    assert f"{told} For these 2 weeks: replay its log." in page
    assert "Mend the hook" not in page
    (card,) = (c for c in marts.latest_cards if c["metric_id"] == LEAD)
    card |= {"pair_verdict": "untrusted", "verdict": "untrusted", "repair_hint": "Mend the hook."}
    page = lines(render_scorecard(marts))
    assert told in page and "Mend the hook" not in page


def test_over_is_not_said_of_weeks_that_the_check_could_not_judge(marts: Marts) -> None:  # noqa: F811
    # tasks of the latest weeks have time to end: who mended the hook can't be seen yet
    row = broken(marts, WEEKS[:2], {WEEKS[0]: 3, WEEKS[1]: 3})
    assert (row["is_over"], row["is_now"], row["over"]) == (False, False, "")
    page = lines(render_quality(marts))
    told = "withheld, and may go on: later weeks can\u2019t be judged yet"
    assert f"{told} Insight desk 1 of its" in page
    of_check(marts, 11)
    (row,) = (row for row in troubles_of(marts, PRODUCT) if LEAD in row["metric_ids"])
    assert row["over"].endswith("has grade A, but this check can\u2019t judge any later week yet.")
    assert f"{told} Insight desk" not in lines(render_quality(marts))
    row = broken(marts, WEEKS[:2], {WEEKS[0]: 3, WEEKS[1]: 3, WEEKS[2]: 1})
    assert row["over"].endswith(
        "this check warns in the week of 2026-02-16, the latest that it can judge."
    )


def test_where_nothing_can_be_caught_up_the_weeks_are_said_to_stay_withheld(
    marts: Marts,  # noqa: F811
) -> None:
    row = broken(marts, WEEKS[:1], {WEEKS[0]: 3, WEEKS[3]: 0}, catch_up=None)
    assert row["catch_up"] == ("Nothing remains to be done: the week of 2026-02-02 stays withheld.")


def lasting(marts: Marts, passing: int) -> dict[str, Any]:  # noqa: F811
    """The trouble of a fault that warned for half a year and of which no more is said since."""
    weeks = [LATEST - timedelta(weeks=back) for back in reversed(range(26 + passing))]
    severities = {week: 3 if place < 8 else 1 for place, week in enumerate(weeks[:26])}
    for week in weeks:
        template = next(row for row in marts["fct_metric_trust"] if row["metric_id"] == LEAD)
        marts["fct_metric_trust"].append(template | {"week_start_date": week, "grade": "A"})
    row = broken(marts, weeks[:8], severities | dict.fromkeys(weeks[26:], 0))
    return row


def of_check(marts: Marts, check_id: int) -> None:  # noqa: F811
    for row in [*marts["fct_instrument_checks"], *marts["fct_metric_trust"]]:
        row["check_id"] = check_id


def test_what_became_the_norm_is_never_told_as_over(marts: Marts) -> None:  # noqa: F811
    lasting(marts, passing=3)
    of_check(marts, 11)
    since = LATEST - timedelta(weeks=2)
    norm = f"Taken for how things are now since the week of {since}, after 26 weeks; nobody has "
    page = lines(render_quality(marts)).replace(" ,", ",")
    # with the weeks of the product, and once among what stands
    assert page.count(f"{norm}said that it was mended.") == 2
    assert "It is over." not in page and "Over:" not in repair_words(marts, PRODUCT, LEAD)
    assert repair_words(marts, PRODUCT, LEAD).startswith(norm)
    assert "If it was not (question.answered): mend the hook." in repair_words(marts, PRODUCT, LEAD)


def test_the_note_of_a_norm_stays_when_its_weeks_are_long_past(
    marts: Marts,  # noqa: F811
) -> None:
    lasting(marts, passing=60)
    of_check(marts, 11)
    assert "nobody has said that it was mended" in lines(render_quality(marts))


def test_while_the_check_still_warns_nothing_is_over(marts: Marts) -> None:  # noqa: F811
    lasting(marts, passing=0)
    of_check(marts, 11)
    told = repair_words(marts, PRODUCT, LEAD)
    assert told.startswith(
        "Not over, although the week of 2026-02-23 has grade A; this check warns"
    )
