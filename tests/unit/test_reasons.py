"""Pareto tables on the scorecard: what is shown, pooled, hidden and said of the unknown."""

from typing import Any

import pytest

from orchestration.pages.marts import Marts
from orchestration.pages.reasons import MOST_REASONS, reason_tables


def rows(
    amounts: dict[str, int], unknown: int = 0, diagnostic_id: str = "d", **more: Any
) -> list[dict[str, Any]]:
    """Rows of one table as the marts serve them."""
    total = sum(amounts.values()) + unknown
    parts = [(reason, amount, False) for reason, amount in amounts.items()]
    parts += [("unknown", unknown, True)] if unknown else []
    return [
        {
            "diagnostic_id": diagnostic_id, "product_id": "p", "diagnostic_name": "Causes",
            "reason_rank": rank, "reason": reason, "is_unknown": is_unknown, "amount": amount,
            "item_count": amount, "share": amount / total, "unknown_share": unknown / total,
            "amount_of": "items", "trailing_days": 60, "no_value_reason": None, "is_coarse": False,
        } | more
        for rank, (reason, amount, is_unknown) in enumerate(parts, 1)
    ]  # fmt: skip


def marts(diagnostics: list[dict[str, Any]]) -> Marts:
    return Marts({"fct_diagnostics": diagnostics})


def test_the_longest_bar_is_the_greatest_reason_and_the_unknown_comes_last() -> None:
    (table,) = reason_tables(marts(rows({"disk_full": 6, "network": 3}, unknown=1)[::-1]))["p"]
    told = [(bar.reason, bar.share, bar.width, bar.is_unknown) for bar in table.bars]
    assert told == [
        ("disk full", "60 %", 100, False),
        ("network", "30 %", 50, False),
        ("no reason given", "10 %", 16.7, True),
    ]
    assert table.hint == "Last 60 days: 10 items, 10 % without a reason"


def test_many_small_reasons_are_one_bar_and_nothing_is_lost() -> None:
    many = {f"r{number}": 20 - number for number in range(MOST_REASONS + 3)}
    (table,) = reason_tables(marts(rows(many)))["p"]
    assert len(table.bars) == MOST_REASONS + 1
    assert table.bars[-1].reason == "3 smaller reasons"
    assert sum(int(bar.amount) for bar in table.bars) == sum(many.values())
    assert "all with a reason" in table.hint


def test_a_coarse_table_shows_shares_and_counts_nothing() -> None:
    amounts = {f"r{number}": 20 - number for number in range(MOST_REASONS + 3)}
    served = rows(amounts, unknown=4, is_coarse=True, amount_of="minutes")
    coarse = [row | {"amount": None, "item_count": None} for row in served]
    (table,) = reason_tables(marts(coarse))["p"]
    assert table.hint == "Last 60 days: shares of minutes, 2.4 % without a reason"
    assert {bar.amount for bar in table.bars} == {""}
    assert table.bars[0].share == "12 %"


def test_a_hidden_table_shows_no_figure() -> None:
    hidden = {"amount": None, "share": None, "item_count": None, "unknown_share": None}
    (table,) = reason_tables(
        marts(rows({"a": 2, "b": 1}, no_value_reason="suppressed", **hidden))
    )["p"]  # fmt: skip
    assert (table.bars, table.hint) == ([], "Last 60 days: too few people to show")


@pytest.mark.parametrize(
    ("quantity", "said", "unit"),
    [
        ("duration_hours", "50,588 hours in 50,588 items", "hours"),
        ("minutes", "50,588 minutes in 50,588 items", "minutes"),
        ("latency_ms", "50,588 milliseconds in 50,588 items", "milliseconds"),
        ("amount", "amount of 50,588 in 50,588 items", "amount"),
        ("items", "50,588 items", "items"),
    ],
)
def test_amounts_are_said_in_words_with_their_thousands_apart(
    quantity: str, said: str, unit: str
) -> None:
    of = rows({"payroll": 50000, "travel": 588}, amount_of=quantity)
    (table,) = reason_tables(marts(of))["p"]
    assert table.hint == f"Last 60 days: {said}, all with a reason"
    assert (table.amount_of, table.bars[0].amount) == (unit, "50,000")
