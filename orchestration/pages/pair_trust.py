"""How far both sides of a pair can be trusted: which one is withheld, since when, and why."""

from dataclasses import dataclass

from orchestration.pages.figures import counted, listed
from orchestration.pages.marts import Marts, Row
from orchestration.pages.troubles import repair_words
from orchestration.pages.words import GRADES

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
    grades |= {state["metric_id"]: state["trust_grade"] for state in states}
    sides = [_side(marts, card, state) for state in states if state["trust_grade"] in LOST]
    if card["trust_grade"] in LOST:
        # the reading tells why, for that is the card's verdict
        link = quality_link(marts, product_id, card["metric_id"])
        sides.insert(0, Side("Lead", card["trust_grade"], "", link))
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
        and card["is_lost_still"] is False
        # what is lost ahead of its look-ahead is told as such
        and (card["product_id"], card["metric_id"]) in believed
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


def _side(marts: Marts, card: Row, state: Row) -> Side:
    """One balance that can't be used: what the card's reading has not told of it already."""
    product_id, metric_id = state["product_id"], state["metric_id"]
    name, lost = marts.metrics[metric_id]["metric_name"], state["lost_words"] or "withheld"
    told = [] if lost in card["reading"] else [f"{name} is {lost}."]
    if state["is_lost_still"] is False:
        told.append(
            "Later weeks can be believed, but the state of a balance goes by the four latest "
            "complete periods together."
        )
    told.append(repair_words(marts, product_id, metric_id))
    words = " ".join(filter(None, told))
    return Side("Balance", state["trust_grade"], words, quality_link(marts, product_id, metric_id))


def sides_told(trust: PairTrust) -> list[Side]:
    """The sides that say more than the reading does; what two have in common is told once."""
    return list({side.words: side for side in reversed(trust.sides) if side.words}.values())[::-1]
