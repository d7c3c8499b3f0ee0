"""A card says how far both of its sides can be trusted, and links to where the page says why."""

import re
from datetime import date

from orchestration.pages.marts import Marts
from orchestration.pages.metrics import render_metrics
from orchestration.pages.pair_trust import (
    PairTrust,
    cards_withheld,
    pair_trust,
    sides_told,
    withheld_words,
)
from orchestration.pages.quality import render_quality
from orchestration.pages.scorecard import render_scorecard
from tests.unit.test_pages import marts, served  # noqa: F401

KPI = "insight_desk.time_to_decision"
LEAD, BALANCE = "time_to_decision", "clarifications_per_question"
# the latest four complete weeks of the synthetic marts, and the two after them
SINCE = "since the week of 2026-02-09"
FIRST, LAST, LATEST = date(2026, 1, 19), date(2026, 2, 9), date(2026, 2, 23)


def trusted(marts: Marts, kpi_id: str = KPI) -> PairTrust:  # noqa: F811
    (card,) = (card for card in marts.latest_cards if card["kpi_id"] == kpi_id)
    states = [
        state
        for state in marts["fct_balance_states"]
        if state["kpi_id"] == kpi_id and state["week_start_date"] == card["week_start_date"]
    ]
    return pair_trust(marts, card, states)


def lower(marts: Marts, metric_id: str, grade: str, *weeks: date) -> None:  # noqa: F811
    """Lower a metric's weeks as a refresh after `steelyard trust lower` would."""
    for row in marts["fct_metric_trust"]:
        if row["metric_id"] == metric_id and row["week_start_date"] in weeks:
            row |= {"grade": grade, "reason": "lowered by hand: ran twice", "check_id": None}
    for row in marts["fct_metric_values"]:
        if row["metric_id"] == metric_id and row["period_start_date"] in weeks:
            row["trust_grade"] = grade
    lost = {
        "trust_grade": grade, "is_lost_still": LATEST in weeks if grade in "CD" else None,
        "lost_words": f"{'withheld' if grade == 'D' else 'not to be used'} {SINCE}: ran twice",
    }  # fmt: skip
    for row in marts["fct_balance_states"]:
        if row["metric_id"] == metric_id:
            row |= lost | {"reason": "untrusted" if grade in "CD" else row["reason"]}
    (product_id,) = {
        r["product_id"] for r in marts["fct_metric_trust"] if r["metric_id"] == metric_id
    }
    for card in marts["kpi_scorecard"]:
        if card["is_latest"] and (card["product_id"], card["metric_id"]) == (product_id, metric_id):
            card |= lost | {"pair_verdict": "untrusted", "verdict": "untrusted"}


def test_the_trust_of_a_card_is_that_of_its_worst_side(marts: Marts) -> None:  # noqa: F811
    assert trusted(marts) == PairTrust("sound", "trust A: all checks passed", "", [])
    lower(marts, BALANCE, "B", LAST)
    told = trusted(marts)
    assert (told.words, told.sides) == ("trust B: believed, with a warning", [])
    assert told.link == f"quality.html#t-insight_desk-{BALANCE}"
    lower(marts, BALANCE, "D", LAST, date(2026, 2, 16), LATEST)
    told = trusted(marts)
    assert (told.tone, told.words) == ("mend", "trust of the pair D: balance withheld")
    (side,) = told.sides
    assert side.words.startswith(f"Clarifying questions per question is withheld {SINCE}: ran")
    # what the reading has told already is not told again
    card = next(card for card in marts.latest_cards if card["kpi_id"] == KPI)
    (told_already, card["reading"]) = (
        card["reading"],
        f"At what price: (withheld {SINCE}: ran twice)",
    )
    assert not sides_told(trusted(marts))
    card["reading"] = told_already
    lower(marts, LEAD, "C", FIRST)
    told = trusted(marts)
    assert told.words == "trust of the pair D: lead and balance withheld"
    assert [side.role for side in told.sides] == ["Lead", "Balance"]
    # its reading says of the lead since when, and why
    assert [bool(side.words) for side in told.sides] == [False, True]


def test_of_weeks_that_are_over_it_is_said_why_they_still_count(
    marts: Marts,  # noqa: F811
) -> None:
    lower(marts, BALANCE, "C", FIRST, date(2026, 1, 26))
    (side,) = trusted(marts).sides
    assert "Later weeks can be believed, but the state of a balance" in side.words


def test_a_balance_whose_source_fell_silent_is_withheld_although_its_weeks_were_sound(
    marts: Marts,  # noqa: F811
) -> None:
    for state in marts["fct_balance_states"]:
        if state["metric_id"] == BALANCE:
            state |= {"reason": "untrusted", "trust_grade": "D"}
    assert trusted(marts).words == "trust of the pair D: balance withheld"


def test_a_card_without_a_complete_period_has_no_trust_to_tell_of_yet(marts: Marts) -> None:  # noqa: F811
    (card,) = (card for card in marts.latest_cards if card["kpi_id"] == KPI)
    card["trust_grade"] = None
    for row in marts["fct_metric_values"]:
        if row["metric_id"] in (LEAD, BALANCE):
            row["is_ripe"] = False
    for state in marts["fct_balance_states"]:
        if state["metric_id"] == BALANCE:
            state |= {"reason": "not_ripe", "trust_grade": None}
    assert trusted(marts) == PairTrust("quiet", "trust: no complete period yet", "", [])


def test_a_verdict_lost_to_earlier_weeks_is_told_where_the_latest_week_is_believed(
    marts: Marts,  # noqa: F811
) -> None:
    lower(marts, LEAD, "C", FIRST)
    names = [card["metric_id"] for card in cards_withheld(marts)]
    assert names == [LEAD, "time_to_roll_back"]
    said = withheld_words(marts, cards_withheld(marts))
    assert "withholds 2 verdicts (Mean time to decision and Time to roll back): a verdict" in said
    # the list of products that can be believed says so too
    page = render_quality(marts)
    sound = page[page.index('<p class="sound">') :]
    assert sound[: sound.index("</p>")].count(", 1 verdict withheld</span>") == 2
    # a crossed tripwire on top hides nothing of it
    for card in marts.latest_cards:
        card["verdict"] = "tripped"
    assert len(cards_withheld(marts)) == 2


def test_every_grade_below_a_links_to_its_place_in_the_quality_report(
    marts: Marts,  # noqa: F811
) -> None:
    lower(marts, BALANCE, "B", LAST, LATEST)
    lower(marts, LEAD, "C", FIRST)
    places = re.findall(r'id="(t-[^"]+)"', render_quality(marts))
    assert len(places) == len(set(places))
    for page in (render_scorecard(marts), render_metrics(marts)):
        linked = re.findall(r'<a class="trust [^>]*href="quality.html#([^"]+)"', page)
        assert linked and set(linked) <= set(places)
        bare = re.findall(r'<span class="trust[^>]*>.*?</span>', page, re.DOTALL)
        assert not [tag for tag in bare if re.search("trust (of the pair )?[BCD]", tag)]
