"""The scorecard: cards grouped by the conversation that they need, in the registry's order."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration.pages.charts import Point, axis_unit, process_chart
from orchestration.pages.figures import counted, day, difference, humanise, interval, short_unit
from orchestration.pages.marts import Marts, Row, grouped, latest_where
from orchestration.pages.notes import chart_note, launch_note, segment_note
from orchestration.pages.placing import Sections
from orchestration.pages.render import render
from orchestration.pages.summary import chance_sentences, opening_sentence
from orchestration.pages.tripwires import tripwires_of
from orchestration.pages.words import (
    CONVERSATIONS,
    GRADES,
    PERIODS,
    RULES,
    STATES,
    TONES,
    VERDICTS,
    no_value_words,
)

PERIODS_IN_TABLE = 26
POINTS_IN_CHART = 78


@dataclass(frozen=True)
class Panel:
    """One metric of a card: chart, latest value and what is said about it."""

    role: str
    metric: Row
    chart: str
    chart_note: str
    limits_note: str
    """That the limits are not the first ones, or are stale; blank where nothing is to say."""
    latest: Row
    """Words of the latest complete value: `value`, `detail`, `reason`, and what taints it."""
    tone: str
    state: str
    margin: str
    series_end: str
    rows: list[Row]


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
    panels = [lead_panel(marts, row), *(balance_panel(marts, row, state) for state in balances)]
    return {
        "id": f"kpi-{row['kpi_id']}",
        "row": row,
        "conversation": row["conversation"],
        "product": product,
        "verdict": VERDICTS[row["verdict"]],
        "pair_verdict": VERDICTS[row["pair_verdict"]],
        "tone": TONES[row["verdict"]],
        "trust": GRADES[row["trust_grade"]],
        "panels": panels,
        "tripwires": tripwires_of(marts, row),
        "rule": f"Row {row['rule_number']} of the decision table: {RULES[row['rule_number']]}.",
        "confirmed": confirmed_words(row),
        "table": joined_table(panels),
    }


def lead_panel(marts: Marts, row: Row) -> Panel:
    """The KPI itself."""
    tone = {"improved": "better", "worsened": "worse"}.get(row["signal"] or "", "quiet")
    state = {"improved": "signal: improved", "worsened": "signal: worsened"}.get(
        row["signal"] or "", "no signal"
    )
    if row["pair_verdict"] in ("untrusted", "insufficient_data"):
        tone, state = TONES[row["pair_verdict"]], VERDICTS[row["pair_verdict"]]
    if row["signal_from_date"] and tone in ("better", "worse"):
        state += f" since {day(row['signal_from_date'])}"
    return panel_of(marts, row, row["metric_id"], "Leading", tone, state, "")


def balance_panel(marts: Marts, row: Row, state: Row) -> Panel:
    """One balancing metric with its state and margin."""
    tone, words = STATES[state["state"]]
    if state["reason"] == "no_data":
        margin = f"margin {margin_words(state)}"
        return panel_of(marts, row, state["metric_id"], "Balancing", "quiet", "no data yet", margin)
    margin = f"margin {margin_words(state)}"
    if state["difference"] is not None:
        margin = f"{worsening_words(state)}; {margin}"
    elif state["reason"]:
        margin += f"; {state['reason'].replace('_', ' ')}"
    return panel_of(marts, row, state["metric_id"], "Balancing", tone, words, margin)


def worsening_words(state: Row) -> str:
    """How much worse it got, with the 90 % interval that decides."""
    is_ratio = state["margin_scale"] == "ratio"
    unit = short_unit(state["unit"])
    low, high, amount = state["ci_low"], state["ci_high"], state["difference"]
    if is_ratio:
        # relative to before: a change of 0.05 is 5 %
        unit = "%"
    size = _size(amount, unit, is_ratio)
    words = "no difference"
    if not _is_nought(size):
        words = f"{'worse' if amount > 0 else 'better'} by {size}"
    if low is None or high is None:
        ends = interval(low, high, unit, signed=True)
        ends = f"worsening {ends.replace(' points', ' %') if is_ratio else ends}" if ends else ""
    else:
        ends = _ends_words(low, high, unit, is_ratio)
    return f"{words} (90 % interval: {ends})" if ends else words


def _size(number: float, unit: str, is_ratio: bool) -> str:
    return humanise(abs(number), "%") if is_ratio else difference(abs(number), unit).lstrip("+")


def _is_nought(size: str) -> bool:
    return size.partition(" ")[0] == "0"


def _ends_words(low: float, high: float, unit: str, is_ratio: bool) -> str:
    """Both ends of a worsening, each said as better or worse: no sign has to be read.

    >>> _ends_words(-0.116, -0.041, "%", False), _ends_words(-0.014, 0.049, "%", False)
    ('4.1 to 11.6 points better', '1.4 points better to 4.9 points worse')
    """
    sizes = [_size(number, unit, is_ratio) for number in (low, high)]
    if low < 0 < high and not any(map(_is_nought, sizes)):
        return f"{sizes[0]} better to {sizes[1]} worse"
    if _is_nought(sizes[0]) and _is_nought(sizes[1]):
        return "no difference"
    is_worse = high > 0 and not _is_nought(sizes[1])
    nearest, farthest = sizes if is_worse else sizes[::-1]
    number, _, word = nearest.partition(" ")
    if _is_nought(nearest) or farthest.partition(" ")[2] == word:
        nearest = number
    return f"{nearest} to {farthest} {'worse' if is_worse else 'better'}"


def margin_words(state: Row) -> str:
    """The declared margin: in points, in units, or in percent of before."""
    if state["margin_scale"] == "ratio":
        return f"{humanise(abs(state['margin']), '%')} of before"
    return difference(abs(state["margin"]), short_unit(state["unit"])).removeprefix("+")


def panel_of(
    marts: Marts, row: Row, metric_id: str, role: str, tone: str, state: str, margin: str
) -> Panel:
    """Chart, latest value and table rows of one metric of a KPI's product."""
    metric = marts.metrics[metric_id]
    key = (row["product_id"], metric_id)
    charted = marts.points.get(key, [])
    grain = charted[-1]["period_grain"] if charted else metric["natural_period"]
    values = marts.values.get((*key, grain), [])
    points = points_of(values, charted) if grain != "outage" else gap_points(charted)
    values = values or marts.values.get((*key, metric["natural_period"]), [])
    points = points[-POINTS_IN_CHART:]
    launches = marts.launches.get(key, [])
    return Panel(
        role=role,
        metric=metric,
        chart=process_chart(
            points,
            metric["unit"],
            metric["metric_name"],
            f"c-{row['kpi_id']}-{metric_id}",
            launches,
        ),
        chart_note=f"{axis_unit(points, metric['unit'])[0]} {chart_note(charted, grain)}"
        + launch_note(points, launches),
        limits_note=segment_note(marts.segments.get(key, [])),
        latest=latest_words(values, metric, marts.trust.get(key, [])),
        tone=tone,
        state=state,
        margin=margin,
        series_end=series_end(marts, *key),
        rows=[table_row(value, metric["unit"]) for value in values[-PERIODS_IN_TABLE:]],
    )


def points_of(values: list[Row], charted: list[Row]) -> list[Point]:
    """Chart points for every period of the grid; gaps stay gaps."""
    by_date = {row["period_start_date"]: row for row in charted}
    points = []
    for value in values:
        chart = by_date.get(value["period_start_date"], {})
        rule = chart.get("rule") or ""
        points.append(
            Point(
                start_date=value["period_start_date"],
                value=value["value"],
                centre=chart.get("centre"),
                lower=chart.get("lower_limit"),
                upper=chart.get("upper_limit"),
                is_ripe=value["is_ripe"],
                is_struck=value["trust_grade"] == "C",
                is_withheld=value["no_value_reason"] in ("withheld", "suppressed"),
                is_locked=chart.get("limit_state") == "locked",
                segment=chart.get("segment_number"),
                run_rule=int(rule.removeprefix("run_of_")) if rule.startswith("run_of_") else 0,
                is_point_rule=rule == "point",
                side=chart.get("signal_side"),
            )
        )
    return points


def gap_points(charted: list[Row]) -> list[Point]:
    """Chart points for times between outages, one an outage."""
    return [
        point
        for row in charted
        for point in points_of(
            [
                {
                    "period_start_date": row["period_start_date"],
                    "value": row["value"],
                    "is_ripe": bool(row["is_usable"]) or row["is_baseline"],
                    "trust_grade": "A",
                    "no_value_reason": None if row["value"] is not None else "withheld",
                }
            ],
            [row],
        )
    ]


def latest_words(values: list[Row], metric: Row, trust: list[Row]) -> Row:
    """The latest complete value with its n and interval, or why there is none."""
    unit = metric["unit"]
    latest = latest_where(values, lambda v: v["is_ripe"])
    if latest is None:
        return {
            "value": "", "is_struck": False, "detail": "", "reason": "no complete period yet",
            "is_untrusted": False,
        }  # fmt: skip
    of_period = f"{PERIODS[latest['period_grain']][0]} of {day(latest['period_start_date'])}"
    if latest["value"] is None:
        reason = no_value_words(latest["no_value_reason"])
        why = trust_at(trust, latest["period_start_date"])
        if latest["no_value_reason"] == "withheld" and why:
            reason += f": {why['reason']}"
            reason += f". To mend: {why['repair_hint']}" if why["repair_hint"] else ""
        # a reliability without failures still has a lower bound
        bound = interval(latest["ci_low"], latest["ci_high"], unit)
        return {
            "value": bound, "is_struck": False, "detail": of_period, "reason": reason,
            "is_untrusted": latest["no_value_reason"] == "withheld",
        }  # fmt: skip
    low = latest["ci_low"]
    if metric["kind"] == "duration" and low is not None and low < 0:
        # symmetric about the mean, the interval may reach where no time can lie
        low = None
    ends = interval(low, latest["ci_high"], unit)
    details = [f"95 % interval {ends}" if ends else "no interval"]
    if latest["unit_count"] is not None:
        details.append(f"n = {latest['unit_count']}")
    if latest["open_count"]:
        details.append(f"{latest['open_count']} open")
    is_struck = latest["trust_grade"] == "C"
    why = trust_at(trust, latest["period_start_date"]) if is_struck else None
    return {
        "value": humanise(latest["value"], unit),
        "is_struck": is_struck,
        "detail": "; ".join([*details, of_period]),
        "reason": f"not to be used: {why['reason']}" if why else "",
        "is_untrusted": is_struck,
    }


def trust_at(trust: list[Row], start: date) -> Row | None:
    """The latest trust row at or after the period's start that lowered it."""
    return latest_where(trust, lambda t: t["week_start_date"] >= start and t["grade"] in "CD")


def table_row(value: Row, unit: str) -> Row:
    """One period of the data table as words."""
    notes = []
    if not value["is_ripe"]:
        notes.append("not complete" if value["value"] is not None else "")
    if value["trust_grade"] == "C":
        notes.append("trust C")
    shown = humanise(value["value"], unit)
    if value["value"] is None:
        shown = no_value_words(value["no_value_reason"])
    return {
        "period": value["period_start_date"],
        "value": shown,
        "is_struck": value["trust_grade"] == "C" and value["value"] is not None,
        "is_missing": value["value"] is None,
        "n": value["unit_count"],
        "interval": interval(value["ci_low"], value["ci_high"], unit),
        "note": ", ".join(note for note in notes if note),
    }


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


def series_end(marts: Marts, product_id: str, metric_id: str) -> str:
    """That a source of the metric ended, and when; blank while all run."""
    ends = [
        marts.sources[row["source_id"]]["observed_until_at"]
        for row in marts["dim_metric_sources"]
        if row["product_id"] == product_id
        and row["metric_id"] == metric_id
        and row["source_id"] in marts.sources
        and marts.sources[row["source_id"]]["has_ended"]
    ]
    return f"series ended {day(min(ends))}" if ends else ""


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
