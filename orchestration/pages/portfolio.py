"""All charts with limits looked at together: which differ, and how many would by chance alone."""

from typing import Any

from orchestration.pages.figures import counted, day, plain, spelled
from orchestration.pages.marts import Marts, Row
from orchestration.pages.summary import ALARM_WEEKS, expected_chance_alarms
from orchestration.pages.words import CHART_METHODS

# the share of false finds that Benjamini and Hochberg's procedure keeps to
FALSE_SHARE = 0.10
SIDES = {"favourable": "better", "unfavourable": "worse", "neutral": "other"}


def portfolio_of(marts: Marts) -> dict[str, Any] | None:
    """What stands in the section, None where nothing was compared."""
    compared = marts["fct_period_comparisons"]
    if not compared:
        return None
    names = {row["product_id"]: row["product_name"] for row in marts.products}
    rows = [row_of(row, names) for row in sorted(compared, key=by_p_value)]
    charts, alarms = expected_chance_alarms(marts)
    return {
        "rows": rows,
        "sentences": [*chance_words(charts, alarms), *difference_words(compared)],
    }


def by_p_value(row: Row) -> tuple:
    """Smallest p first; equal ones by name, so that the page is the same each time."""
    return (row["p_value"], row["product_id"], row["metric_id"])


def chance_words(charts: int, alarms: float) -> list[str]:
    """How many alarms so many stable charts would raise."""
    if not charts:
        return []
    return [
        f"{counted(charts, 'chart')} with locked limits stand on the cards. If nothing at all had "
        f"changed, about {spelled(round(alarms))} of them would still raise an alarm within "
        f"{ALARM_WEEKS} weeks: limits come from a short baseline, and many charts are looked at."
    ]


def difference_words(compared: list[Row]) -> list[str]:
    """How many differ, one by one and together, and what chance would bring."""
    alone = sum(row["p_value"] <= 0.05 for row in compared)
    together = [row for row in compared if row["is_different"]]
    by_chance = plain(0.05 * len(compared), 1)
    said = [
        f"Of {counted(len(compared), 'comparison')} of the latest periods with the baseline, "
        f"{spelled(alone)} have p at or below 0.05; chance alone would bring about {by_chance}."
    ]
    if not together:
        return [*said, "Taken together none of them differs."]
    false = FALSE_SHARE * len(together)
    count = "less than one" if false < 1 else f"about {plain(false, 1)}"
    return [
        *said,
        f"Taken together (Benjamini-Hochberg at {plain(100 * FALSE_SHARE, 0)} %) "
        f"{spelled(len(together))} differ, and {count} of these may be chance.",
    ]


def row_of(row: Row, names: dict[str, str]) -> Row:
    """One comparison in words."""
    return {
        "product": names.get(row["product_id"], row["product_id"]),
        "metric_id": row["metric_id"],
        "name": row["metric_name"],
        "method": CHART_METHODS.get(row["chart_method"], row["chart_method"]),
        "periods": f"{row['period_count']} against {row['baseline_count']}",
        "dates": f"{day(row['from_date'])} to {day(row['to_date'])}",
        "side": SIDES.get(row["change_side"], row["change_side"]),
        "tone": {"favourable": "better", "unfavourable": "worse"}.get(row["change_side"], "quiet")
        if row["is_different"]
        else "quiet",
        "p": p_words(row["p_value"]),
        "adjusted": p_words(row["adjusted_p_value"]),
        "is_different": row["is_different"],
    }


def p_words(p: float) -> str:
    """A p-value to three digits; very small ones as a bound.

    >>> p_words(0.0384), p_words(0.00002)
    ('0.038', '< 0.001')
    """
    return "< 0.001" if p < 0.001 else plain(p, 3)
