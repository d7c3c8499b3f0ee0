"""How far both sides of a pair can be trusted: which one is withheld, since when, and why."""

from dataclasses import dataclass
from datetime import date

from orchestration.pages.figures import counted, day, listed
from orchestration.pages.marts import Marts, Row
from orchestration.pages.words import GRADES

LOOKED_AT = 4
"""Latest complete periods that a verdict and the state of a balance go by, together."""
LOST = ("C", "D")
MOST_NAMED = 3


@dataclass(frozen=True)
class Side:
    """A lead or balance that can't be used."""

    role: str
    grade: str
    words: str
    link: str
    """Where the quality report tells more of it."""


@dataclass(frozen=True)
class PairTrust:
    """The trust of a card: of the worst of its sides."""

    tone: str
    words: str
    link: str
    """Blank where there is nothing to tell."""
    sides: list[Side]


def quality_link(marts: Marts, product_id: str, metric_id: str) -> str:
    """Where the quality report tells of the trust in a metric."""
    own = marts.metrics.get(metric_id, {}).get("companion_of_metric_id") or metric_id
    return f"quality.html#{trust_anchor(product_id, own)}"


def trust_anchor(product_id: str, metric_id: str) -> str:
    """The name of that place."""
    return f"t-{product_id}-{metric_id}"


def pair_trust(marts: Marts, card: Row, states: list[Row]) -> PairTrust:
    """The trust of a KPI together with what balances it.

    `card` is a row of `kpi_scorecard`, `states` those of `fct_balance_states` beside it.
    """
    product_id = card["product_id"]
    grades = {card["metric_id"]: card["trust_grade"]}
    for state in states:
        grades[state["metric_id"]] = state["trust_grade"]
    sides = [
        _side(marts, card, metric_id, grade) for metric_id, grade in grades.items() if grade in LOST
    ]
    worst = max((grade for grade in grades.values() if grade), default=None)
    if worst is None or (card["trust_grade"] is None and worst not in LOST):
        return PairTrust(*GRADES[None], "", [])
    (metric_id, *_) = [m for m, grade in grades.items() if grade == worst]
    link = "" if worst == "A" else quality_link(marts, product_id, metric_id)
    tone, words = GRADES[worst]
    if sides:
        roles = " and ".join(dict.fromkeys(side.role.lower() for side in sides))
        meaning = words.partition(": ")[2]
        words = f"trust of the pair {worst}: {roles} {meaning}"
    return PairTrust(tone, words, link, sides)


def cards_withheld(marts: Marts) -> list[Row]:
    """Latest cards without a verdict for earlier weeks: in the latest one their lead is sound."""
    believed = {
        (row["product_id"], row["metric_id"])
        for row in marts["fct_metric_trust"]
        if row["week_start_date"] == marts.latest_week and row["grade"] in ("A", "B")
    }
    return [
        card
        for card in marts.latest_cards
        if card["pair_verdict"] == "untrusted"
        and (card["product_id"], card["metric_id"]) in believed
        # of the week under way the report tells apart
        and (spell := _spell(marts, card["product_id"], card["metric_id"], card["trust_grade"]))
        and spell[-1]["week_start_date"] < marts.latest_week
    ]


def withheld_words(marts: Marts, cards: list[Row]) -> str:
    """Why the scorecard says less than the latest week would let it; blank for none."""
    if not cards:
        return ""
    names = [marts.metrics[card["metric_id"]]["metric_name"] for card in cards[:MOST_NAMED]]
    more = len(cards) - MOST_NAMED
    named = listed([*names, f"{more} more"] if more > 0 else names)
    return (
        f" The scorecard still withholds {counted(len(cards), 'verdict')} ({named}): a verdict "
        "goes by its four latest complete periods together, and earlier ones of them can\u2019t "
        "be believed."
    )


def place_anchors(
    product_id: str, metric_ids: set[str], troubles: list[Row], doubts: list[Row]
) -> list[str]:
    """Give each metric one place to which cards link: its trouble or doubt, else its product.

    Trouble that lasts comes before doubts, these before trouble that is over. Returns the names
    of places of metrics of which there is nothing to tell.
    """
    placed: set[str] = set()
    past = [row for row in troubles if not row["is_now"]]
    for row in [*(row for row in troubles if row["is_now"]), *doubts, *past]:
        row["anchors"] = [
            trust_anchor(product_id, name) for name in row["metric_ids"] if name not in placed
        ]
        placed.update(row["metric_ids"])
    return [trust_anchor(product_id, name) for name in sorted(metric_ids - placed)]


def _side(marts: Marts, card: Row, metric_id: str, grade: str) -> Side:
    """One side that can't be used, in a sentence."""
    product_id, metric = card["product_id"], marts.metrics[metric_id]
    is_lead = metric_id == card["metric_id"]
    spell = _spell(marts, product_id, metric_id, grade)
    if is_lead and card["pair_verdict"] == "untrusted":
        # the reading tells it, for that is the card's verdict
        return Side("Lead", grade, "", quality_link(marts, product_id, metric_id))
    words = f"{metric['metric_name']} is {GRADES[grade][1].partition(': ')[2]}"
    reason, week = _reason(marts, spell, grade) if spell else (card["trust_reason"], None)
    words += f" {_when(marts, spell)}" if spell else ""
    # the reading of a withheld verdict has told it already
    if reason and (spell or is_lead) and reason not in card["reading"]:
        words += f": {reason}"
        # weeks of one spell differ in their figures
        if len({row["reason"] for row in spell}) > 1:
            words += f", in the week of {day(week)}"
    if spell and marts.latest_week is not None and spell[-1]["week_start_date"] < marts.latest_week:
        what = "the verdict" if is_lead else "the state of a balance"
        words += (
            f". Later weeks can be believed, but {what} goes by the four latest complete periods "
            "together"
        )
    role = "Lead" if is_lead else "Balance"
    return Side(role, grade, f"{words}.", quality_link(marts, product_id, metric_id))


def _spell(marts: Marts, product_id: str, metric_id: str, grade: str) -> list[Row]:
    """The weeks in a row that can't be used, of which one gave the grade; the latest such."""
    values = marts.shown_values(product_id, metric_id)
    ripe = [row["period_start_date"] for row in values if row["is_ripe"]]
    first = ripe[-LOOKED_AT:][0] if ripe else None
    spells: list[list[Row]] = [[]]
    for row in marts.trust.get((product_id, metric_id), []):
        if row["grade"] in LOST:
            spells[-1].append(row)
        elif spells[-1]:
            spells.append([])
    for spell in reversed(spells):
        reaches = any(
            row["grade"] == grade and (first is None or row["week_start_date"] >= first)
            for row in spell
        )
        if reaches:
            return spell
    return []


def _when(marts: Marts, spell: list[Row]) -> str:
    """`since the week of ...`, or from which week to which where it is over."""
    first, last = spell[0]["week_start_date"], spell[-1]["week_start_date"]
    if marts.latest_week is None or last >= marts.latest_week:
        return f"since the week of {day(first)}"
    return f"in the {'week' if first == last else 'weeks'} of {day(first)}" + (
        "" if first == last else f" to {day(last)}"
    )


def _reason(marts: Marts, spell: list[Row], grade: str) -> tuple[str, date]:
    """Why, and in which week: the latest whole one that has the grade, as the verdict reads it."""
    rows = [row for row in spell if row["grade"] == grade]
    whole = [
        r for r in rows if marts.latest_week is None or r["week_start_date"] <= marts.latest_week
    ]
    last = (whole or rows)[-1]
    return last["reason"] or "no check ran", last["week_start_date"]
