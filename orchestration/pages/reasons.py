"""Pareto tables: which reasons stand behind a product's numbers, and how many gave none."""

from dataclasses import dataclass

from orchestration.pages.figures import humanise, thousands
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.words import no_value_words

MOST_REASONS = 8
UNITS = {"ms": "milliseconds"} | {
    unit: unit for unit in ("seconds", "minutes", "hours", "days", "weeks", "lines", "miles")
}


@dataclass(frozen=True)
class Bar:
    """One reason; `width` is its share of the longest bar, 0 to 100."""

    reason: str
    share: str
    amount: str
    width: float
    is_unknown: bool


@dataclass(frozen=True)
class ReasonTable:
    """One Pareto table: greatest reason first, those without a reason last."""

    name: str
    hint: str
    amount_of: str
    bars: list[Bar]


def reason_tables(marts: Marts) -> dict[str, list[ReasonTable]]:
    """Tables by product, in the order of their names."""
    found: dict[str, list[ReasonTable]] = {}
    tables = grouped(marts["fct_diagnostics"], "diagnostic_id").values()
    for rows in sorted(tables, key=lambda rows: rows[0]["diagnostic_name"]):
        found.setdefault(rows[0]["product_id"], []).append(_table(rows))
    return found


def _table(rows: list[Row]) -> ReasonTable:
    rows = sorted(rows, key=lambda row: row["reason_rank"])
    first = rows[0]
    unit = unit_words(first["amount_of"])
    days = f"Last {first['trailing_days']} days"
    if first["no_value_reason"]:
        hint = f"{days}: {no_value_words(first['no_value_reason'])}"
        return ReasonTable(first["diagnostic_name"], hint, unit, [])
    unknown = humanise(first["unknown_share"], "%")
    is_sum = first["amount_of"] != "items"
    # an amount has no unit in the registry: it is named before its number
    without = f"{unknown} without a reason" if first["unknown_share"] else "all with a reason"
    if first["is_coarse"]:
        # how many there are would tell what a hidden figure about people counts
        what = f"shares of {unit}"
        return ReasonTable(
            first["diagnostic_name"], f"{days}: {what}, {without}", unit, _bars(rows)
        )
    total = sum(row["amount"] for row in rows)
    items = sum(row["item_count"] for row in rows)
    what = f"{unit} of {thousands(total)}" if _is_amount(unit) else f"{thousands(total)} {unit}"
    what += f" in {items:,} items" if is_sum else ""
    hint = f"{days}: {what}, {without}"
    return ReasonTable(first["diagnostic_name"], hint, unit, _bars(rows))


def unit_words(quantity: str) -> str:
    """The unit that a property's name ends in, or its name in words.

    >>> unit_words("duration_hours"), unit_words("latency_ms"), unit_words("monthly_amount")
    ('hours', 'milliseconds', 'monthly amount')
    """
    last = quantity.rpartition("_")[2]
    return UNITS.get(last, _plain(quantity))


def _is_amount(unit: str) -> bool:
    return unit.rpartition(" ")[2] in ("amount", "cost", "value")


def _bars(rows: list[Row]) -> list[Bar]:
    """The greatest reasons, the others as one bar, and the unknown."""
    known = [row for row in rows if not row["is_unknown"]]
    shown, rest = known[:MOST_REASONS], known[MOST_REASONS:]
    if len(rest) > 1:
        pooled = {key: _sum([row[key] for row in rest]) for key in ("amount", "share")}
        shown.append({"reason": f"{len(rest)} smaller reasons", "is_unknown": False, **pooled})
    else:
        shown += rest
    shown += [row for row in rows if row["is_unknown"]]
    longest = max(row["share"] or 0 for row in shown) or 1
    return [
        Bar(
            reason="no reason given" if row["is_unknown"] else _plain(row["reason"]),
            share=humanise(row["share"] or 0, "%"),
            amount="" if row["amount"] is None else thousands(row["amount"]),
            width=round(100 * (row["share"] or 0) / longest, 1),
            is_unknown=row["is_unknown"],
        )
        for row in shown
    ]


def _sum(amounts: list[float | None]) -> float | None:
    """The sum, or None where the amounts are not shown."""
    shown = [amount for amount in amounts if amount is not None]
    return sum(shown) if len(shown) == len(amounts) else None


def _plain(reason: str) -> str:
    return reason.replace("_", " ")
