"""The scorecard: cards grouped by the conversation that they need, in the registry's order."""

from typing import Any

from orchestration.pages.figures import counted, day
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.pair_trust import pair_trust, sides_told
from orchestration.pages.panels import Panel, balance_panel, lead_panel
from orchestration.pages.placing import Sections
from orchestration.pages.portfolio import portfolio_of
from orchestration.pages.render import render
from orchestration.pages.summary import chance_sentences, opening_sentence
from orchestration.pages.tripwires import tripwires_of
from orchestration.pages.troubles import repair_words
from orchestration.pages.words import CONVERSATIONS, RULES, TONES, VERDICTS, said_verdict


def render_scorecard(marts: Marts) -> str:
    """The whole page as one HTML document without script, images or requests."""
    sections = Sections(marts)
    cards = [
        card_of(marts, row) | sections.of_card(row["kpi_id"], row["product_id"])
        for row in marts.latest_cards
    ]
    groups = [
        {"conversation": c, "cards": [card for card in cards if card["conversation"] == c.key]}
        for c in CONVERSATIONS
    ]
    shown = {panel.metric["metric_id"] for card in cards for panel in card["panels"]}
    shown |= {tripwire["metric_id"] for card in cards for tripwire in card["tripwires"]}
    shown |= sections.metric_ids()
    return render(
        "scorecard.html.j2",
        run=marts.run,
        opening=opening_sentence(marts),
        chance=chance_sentences(marts),
        groups=[group for group in groups if group["cards"]],
        others=sections.of_products_without_card(),
        portfolio=portfolio_of(marts),
        shown=shown,
        definitions=[definition_of(marts, metric_id) for metric_id in sorted(shown)],
    )


def card_of(marts: Marts, row: Row) -> dict[str, Any]:
    """What the template needs for one KPI."""
    balances = [
        state
        for state in marts["fct_balance_states"]
        if state["kpi_id"] == row["kpi_id"]
        and state["product_id"] == row["product_id"]
        and state["week_start_date"] == row["week_start_date"]
    ]
    product = next(p for p in marts.products if p["product_id"] == row["product_id"])
    trust = pair_trust(marts, row, balances)
    panels = [lead_panel(marts, row), *(balance_panel(marts, row, state) for state in balances)]
    return {
        "id": f"kpi-{row['kpi_id']}",
        "row": row,
        "conversation": row["conversation"],
        "product": product,
        "verdict": VERDICTS[said_verdict(row)],
        "pair_verdict": VERDICTS[said_verdict(row, "pair_verdict")],
        "tone": TONES[said_verdict(row)],
        "compared": compared_words(marts, row),
        "trust": trust,
        "sides": sides_told(trust),
        "repair": repair_words(marts, row["product_id"], row["metric_id"]),
        "panels": panels,
        "tripwires": tripwires_of(marts, row),
        "rule": f"Row {row['rule_number']} of the decision table: {RULES[row['rule_number']]}.",
        "confirmed": confirmed_words(row),
        "table": joined_table(panels),
    }


def compared_words(marts: Marts, row: Row) -> str:
    """Which periods the sentence of a card compares; blank where it compares none."""
    segments = marts.segments.get((row["product_id"], row["metric_id"]), [])
    last = max(segments, key=lambda segment: segment["segment_number"], default=None)
    is_judged = row["pair_verdict"] not in ("untrusted", "insufficient_data")
    if last is None or not is_judged or None in (row["before_value"], row["after_value"]):
        return ""
    until, since = row["lead_period_start_date"], row["signal_from_date"]
    noun = "weeks" if row["lead_period_grain"] == "week" else "periods"
    after = f"{noun} of {day(since)} to {day(until)}" if since else f"eight periods to {day(until)}"
    if last["period_grain"] == "outage":
        after = f"thirteen weeks to {day(until)}"
    return (
        f"The lead is compared in the {after} with its baseline, "
        f"{day(last['baseline_from_date'])} to {day(last['baseline_to_date'])}."
    )


def joined_table(panels: list[Panel]) -> list[Row]:
    """Rows of all panels side by side, latest period first."""
    periods = sorted({row["period"] for panel in panels for row in panel.rows}, reverse=True)
    by_panel = [{row["period"]: row for row in panel.rows} for panel in panels]
    return [
        {"period": day(period), "cells": [rows.get(period) for rows in by_panel]}
        for period in periods
    ]


def confirmed_words(row: Row) -> str:
    """The last confirmed change, which stays in view after the limits moved."""
    if not row["last_confirmed_verdict"]:
        return "None yet."
    verdict = VERDICTS[row["last_confirmed_verdict"]]
    return f"{verdict[:1].upper()}{verdict[1:]}, {day(row['last_confirmed_date'])}."


def definition_of(marts: Marts, metric_id: str) -> Row:
    """A metric as the registry defines it, with the sources that it is computed from."""
    metric = marts.metrics[metric_id]
    lineage = grouped(marts["dim_metric_sources"], "metric_id").get((metric_id,), [])
    sources = sorted(
        {marts.sources.get(r["source_id"], {}).get("source_name", r["source_id"]) for r in lineage}
    )
    return {
        **metric,
        "sources": ", ".join(sources) or "none",
        "source_count": counted(len(sources), "source"),
    }
