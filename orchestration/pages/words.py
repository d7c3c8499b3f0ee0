"""What the pages call verdicts, states, grades and conversations; one place for all words."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Conversation:
    """A group of cards: what its KPIs need from the people in the meeting."""

    key: str
    title: str
    hint: str


CONVERSATIONS = (
    Conversation("tripwire", "Look at the tripwire first", "An agreed level was crossed."),
    Conversation("price", "Talk about the price", "Something that balances the KPI got worse."),
    Conversation("worse", "Find out what changed", "The KPI itself got worse."),
    Conversation("mend", "Mend the instrument first", "What is measured can't be relied on yet."),
    Conversation("prove", "Prove the balance", "Better, but nobody knows yet at what price."),
    Conversation("keep", "Better, and in balance: keep", "Shown to be better, and not paid for."),
    Conversation("wait", "Nothing to conclude yet", "Within its usual range, or too early."),
)

VERDICTS = {
    "tripped": "tripwire crossed",
    "untrusted": "not to be read",
    "insufficient_data": "too early to judge",
    "traded_off": "better, at a price",
    "improved_balance_unproven": "better, balance unproven",
    "improved_balance_untrusted": "better, balance not to be read",
    "improved_in_balance": "better, in balance",
    "worsened_with_side_effects": "worse, with side effects",
    "worsened": "worse",
    "side_effect_only": "a side effect only",
    "no_signal": "no signal",
}

# how the opening sentence counts them
VERDICT_COUNTS = {
    "improved_in_balance": "better and in balance",
    "traded_off": "better at a price",
    "improved_balance_unproven": "better with the balance unproven",
    "improved_balance_untrusted": "better with a balance that can\u2019t be read",
    "worsened": "worse",
    "worsened_with_side_effects": "worse with side effects",
    "side_effect_only": "unchanged with a side effect",
    "tripped": "behind a crossed tripwire",
    "untrusted": "not to be trusted at present",
    "insufficient_data": "too early to judge",
    "no_signal": "without a signal",
}

# meaning -> colour and icon: better, worse, instrument, nothing
RULES = {
    1: "a tripwire is crossed",
    2: "the lead's trust is C or D",
    3: "limits are not locked, or no recent period can be used",
    4: "lead improved, a balancing metric beyond its margin",
    5: "lead improved, a balancing metric unresolved or none declared",
    6: "lead improved, all balancing metrics held",
    7: "lead worsened, a balancing metric beyond its margin",
    8: "lead worsened",
    9: "no signal of the lead, a balancing metric beyond its margin",
    10: "none of the other rows",
}

TONES = {
    "tripped": "worse",
    "untrusted": "mend",
    "insufficient_data": "quiet",
    "traded_off": "worse",
    "improved_balance_unproven": "quiet",
    "improved_balance_untrusted": "mend",
    "improved_in_balance": "better",
    "worsened_with_side_effects": "worse",
    "worsened": "worse",
    "side_effect_only": "worse",
    "no_signal": "quiet",
}

STATES = {
    "held": ("better", "held within its margin"),
    "breached": ("worse", "beyond its margin"),
    "unresolved": ("quiet", "unresolved"),
}

GRADES = {
    "A": ("sound", "trust A: all checks passed"),
    "B": ("warn", "trust B: believed, with a warning"),
    "C": ("mend", "trust C: not to be used"),
    "D": ("mend", "trust D: withheld"),
    None: ("quiet", "trust: no complete period yet"),
}

NO_VALUE = {
    "no_items": "no items",
    "no_denominator": "nothing to count against",
    "no_failures": "no failures",
    "trend_in_failures": "failures crowd together: no one figure stands for the period",
    "not_ripe": "not complete yet",
    "median_not_reached": "over half still open",
    "mixed_sampling": "sampled at several rates",
    "too_few": "too few for a value",
    "withheld": "withheld",
    "suppressed": "too few people to show",
    "parts_overlap": "the parts count some items twice or leave some out",
    "parts_do_not_make_the_parent": "the parts don\u2019t make up the whole",
}

# what the weeks say of a belief that one metric moves ahead of another
EVIDENCE = {
    "supported": "supported",
    "not_supported": "not supported",
    "contradicted": "contradicted",
    "untested": "not tested yet",
}

DESIGNS = {
    "difference_in_differences": "compared with metrics that the launch did not touch",
    "interrupted_series": "compared with the line before the launch",
    "before_after": "before and after, compared with nothing else",
    "deflection": "how many for each use, before and after",
}

HORIZONS = {
    "window": "Compared weeks",
    "first_month": "First month",
    "first_quarter": "First quarter",
}

NO_ESTIMATE = {
    "not_ripe": "the weeks after it are not complete yet",
    "no_items": "there are no values in the weeks before or after it",
    "withheld": "a week before or after it can\u2019t be trusted",
    "suppressed": "too few people to show",
    "no_control": "no control has whole weeks on both sides",
    "too_few_weeks": "fewer than 8 usable weeks on one side",
}

# a period as a noun, and as what a chart is drawn by
PERIODS = {
    "week": ("week", "by week"),
    "fortnight": ("fortnight", "by fortnight"),
    "four_weeks": ("four weeks", "by four weeks"),
    "thirteen_weeks": ("thirteen weeks", "by thirteen weeks"),
    "month": ("month", "by month"),
    "quarter": ("quarter", "by quarter"),
    "outage": ("outage", "from the end of an outage to the next"),
}

TRIPWIRE_STATES = {
    "crossed": ("worse", "crossed"),
    "crossed_lately": ("worse", "crossed lately"),
    "unverified": ("mend", "crossed, unverified"),
    "no_data": ("quiet", "no data yet"),
    "not_ripe": ("quiet", "no complete week yet"),
    "unknown": ("mend", "can\u2019t be read"),
    "quiet": ("quiet", "quiet"),
}

OPERATORS = {
    ">=": "at or above", ">": "above", "<": "below", "<=": "at or below", "=": "at", "!=": "off",
}  # fmt: skip

CHART_METHODS = {
    "xmr_mean": "XmR",
    "xmr_median": "XmR (median)",
    "laney_p": "Laney p\u2032",
    "laney_u": "Laney u\u2032",
    "probability": "probability limits",
    "t_chart": "t-chart",
}


def said_verdict(card: dict[str, Any], column: str = "verdict") -> str:
    """The verdict under which a card is worded, as in the macro of that name."""
    if card[column] == "improved_balance_unproven" and card["untrusted_balance_count"]:
        return "improved_balance_untrusted"
    return card[column]


def no_value_words(reason: str | None) -> str:
    """Why there is no value; the reason's own words where it is a new one."""
    return NO_VALUE.get(reason or "", (reason or "no value").replace("_", " "))


def no_estimate_words(reason: str) -> str:
    """Why a launch has no estimate; the reason's own words where it is a new one."""
    return NO_ESTIMATE.get(reason, no_value_words(reason))
