"""What a publication says in a few lines: opening sentence, withheld metrics, chance alarms."""

from collections import Counter
from datetime import timedelta

from orchestration.pages.figures import counted, listed, spelled
from orchestration.pages.marts import Marts, Row
from orchestration.pages.words import VERDICT_COUNTS, said_verdict

# chance of at least one alarm (point or run of eight) within 26 weeks in a stable metric,
# by weeks of baseline: simulation of the method, section 1.2
CHANCE_OF_ALARM = ((52, 0.20), (26, 0.26), (16, 0.32), (12, 0.36), (8, 0.44))
ALARM_WEEKS = 26
RECENT_WEEKS = 8


def withheld_metrics(marts: Marts) -> list[Row]:
    """Metrics with withheld values in the latest eight weeks, with the first and last such week."""
    found = []
    for (product_id, metric_id, grain), rows in sorted(marts.values.items()):
        if grain != "week" or marts.metrics[metric_id]["companion_of_metric_id"]:
            continue
        recent = rows[-1]["period_start_date"] - timedelta(weeks=RECENT_WEEKS)
        weeks = [
            row["period_start_date"]
            for row in rows
            if row["no_value_reason"] == "withheld" and row["period_start_date"] > recent
        ]
        if not weeks:
            continue
        trust = [
            row
            for row in marts.trust.get((product_id, metric_id), [])
            if row["grade"] == "D" and row["week_start_date"] in weeks
        ]
        latest = trust[-1] if trust else {}
        found.append(
            {
                "product_id": product_id,
                "metric_id": metric_id,
                "from_date": weeks[0],
                "to_date": weeks[-1],
                "reason": latest.get("reason") or "no check ran",
                "repair_hint": latest.get("repair_hint"),
                "source_id": latest.get("source_id"),
            }
        )
    return found


def expected_chance_alarms(marts: Marts) -> tuple[int, float]:
    """Charts on the page with locked limits, and how many chance alone would fire in 26 weeks.

    The page shows the charts of KPIs and of what balances them; watched metrics have limits too,
    but nobody looks at them here.
    """
    shown = {
        (row["product_id"], row["metric_id"])
        for table in ("dim_kpis", "fct_balance_states")
        for row in marts[table]
    }
    chances = []
    for key, points in marts.points.items():
        if key not in shown or points[-1]["limit_state"] != "locked":
            continue
        segment = points[-1]["segment_number"]
        baseline = sum(1 for p in points if p["is_baseline"] and p["segment_number"] == segment)
        chances.append(next((c for least, c in CHANCE_OF_ALARM if baseline >= least), 0.44))
    return len(chances), sum(chances)


def chance_sentences(marts: Marts) -> str:
    """What chance alone would bring on so many charts, and how many differ all together."""
    charts, alarms = expected_chance_alarms(marts)
    if not charts or not marts.latest_cards:
        return ""
    said = [
        f"Of their {counted(charts, 'chart')} with limits, chance alone would make about "
        f"{spelled(round(alarms))} raise an alarm within half a year."
    ]
    compared = marts["fct_period_comparisons"]
    if compared:
        count = sum(row["is_different"] for row in compared)
        verb = "differs" if count == 1 else "differ"
        said.append(
            f"Compared with their baselines all together, {spelled(count)} of "
            f"{counted(len(compared), 'chart')} {verb} in the last eight periods; one in ten of "
            "these may be chance."
        )
    return " ".join(said)


def opening_sentence(marts: Marts) -> str:
    """How many KPIs stand where."""
    cards = marts.latest_cards
    if not cards:
        return "No KPI has a verdict yet."
    counts = Counter(said_verdict(card) for card in cards)
    parts = [(counts[key], words) for key, words in VERDICT_COUNTS.items() if counts[key]]
    first_count, first_words = parts[0]
    if len(cards) == 1:
        return f"The one KPI is {first_words}."
    verb = "is" if first_count == 1 else "are"
    said = [f"{spelled(first_count)} {verb} {first_words}"]
    said += [f"{spelled(count)} {words}" for count, words in parts[1:]]
    return f"Of {len(cards)} KPIs, {listed(said)}."
