"""The tripwires of a card: the agreed line, what was observed, and of which week."""

from datetime import timedelta

from orchestration.pages.figures import day, humanise
from orchestration.pages.marts import Marts, Row
from orchestration.pages.words import OPERATORS, TRIPWIRE_STATES


def tripwires_of(marts: Marts, row: Row) -> list[Row]:
    """The tripwires of a card; they stand beside the pair's verdict, not within it."""
    card = (row["product_id"], row["kpi_id"], row["week_start_date"])
    return [
        _tripwire(marts, state)
        for state in marts["fct_tripwire_states"]
        if (state["product_id"], state["kpi_id"], state["week_start_date"]) == card
    ]


def _tripwire(marts: Marts, state: Row) -> Row:
    tone, words = TRIPWIRE_STATES[state["state"]]
    if state["state"] in ("crossed", "crossed_lately"):
        is_now = state["state"] == "crossed"
        week = state["week_start_date" if is_now else "last_crossed_week_start_date"]
        words = f"crossed in the week of {day(week)}"
    if state["state"] == "not_ripe":
        over = state["ripe_from_date"] or state["week_start_date"] + timedelta(weeks=1)
        words = f"not ripe before {day(over)}"
    least = f" with n ≥ {state['minimum_n']}" if state["minimum_n"] else ""
    return {
        "tone": tone,
        "words": words,
        "name": state["metric_name"],
        "metric_id": state["metric_id"],
        "line": f"{OPERATORS[state['operator']]} "
        f"{humanise(state['threshold'], state['unit'])}{least}",
        "observed": _observed(marts, state),
        "reason": state["reason"],
    }


def _observed(marts: Marts, state: Row) -> str:
    """The level and its week, for the panels beside it may show another one."""
    if state["state"] == "unknown":
        return "Withheld"
    if state["state"] == "no_data":
        return "Nothing observed so far"
    week = state["week_start_date"]
    weeks = marts.values.get((state["product_id"], state["metric_id"], "week"), [])
    is_running = any(v["period_start_date"] == week and not v["is_ripe"] for v in weeks)
    value = state["observed_value"]
    said = "Nothing observed" if value is None else humanise(value, state["unit"])
    return f"{said} in the week of {day(week)}{', not complete yet' if is_running else ''}"
