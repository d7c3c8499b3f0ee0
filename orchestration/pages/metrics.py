"""The page of all metrics: every number that is computed, also those that no card shows."""

from typing import Any

from orchestration.pages.figures import counted, humanise
from orchestration.pages.marts import Marts, Row, grouped, latest_due
from orchestration.pages.numbers import number_anchor
from orchestration.pages.pair_trust import quality_link
from orchestration.pages.panels import last_trusted_words, latest_words
from orchestration.pages.render import render
from orchestration.pages.strips import spark
from orchestration.pages.words import CHART_METHODS, PERIODS

PERIODS_IN_SPARK = 52
USES = {
    "leads": "KPI",
    "balances": "balances a KPI",
    "trips": "tripwire",
}


def render_metrics(marts: Marts) -> str:
    """The whole page as one HTML document; a script of its own filters it, and it needs none."""
    uses = uses_of(marts)
    pairs = grouped(({"product": p, "metric": m} for p, m in all_pairs(marts)), "product")
    products = []
    for product in marts.products:
        product_id = product["product_id"]
        metrics = [
            metric_row(marts, product_id, row["metric"], uses.get((product_id, row["metric"]), []))
            for row in pairs.get((product_id,), [])
        ]
        if metrics:
            products.append({"product": product, "metrics": metrics})
    return render("metrics.html.j2", run=marts.run, opening=opening(products), products=products)


def opening(products: list[dict[str, Any]]) -> str:
    """How many metrics there are, and how many of them say something."""
    metrics = [metric for product in products for metric in product["metrics"]]
    companions = sum(len(metric["companions"]) for metric in metrics)
    withheld = sum(metric["state"] == "doubtful" for metric in metrics)
    moved = sum(metric["state"] == "signal" for metric in metrics)
    said = f"{counted(len(metrics), 'metric')} of {counted(len(products), 'product')}"
    if companions:
        said += f", with {counted(companions, 'further statistic')} of the same items"
    return f"{said}: {moved} show a signal, {withheld} can\u2019t be used at present."


def all_pairs(marts: Marts) -> list[tuple[str, str]]:
    """Products with their metrics by name, also those of which nothing was observed yet."""
    found = {(product_id, metric_id) for product_id, metric_id, _ in marts.values}
    found |= {(row["product_id"], row["metric_id"]) for row in marts["dim_metric_sources"]}
    own = [
        pair
        for pair in found
        if pair[1] in marts.metrics and not marts.metrics[pair[1]]["companion_of_metric_id"]
    ]
    return sorted(own, key=lambda pair: (pair[0], marts.metrics[pair[1]]["metric_name"], pair[1]))


def uses_of(marts: Marts) -> dict[tuple[str, str], list[Row]]:
    """Where a metric is used: words, and the card on which it stands."""
    found: dict[tuple[str, str], list[Row]] = {}

    def note(row: Row, use: str) -> None:
        entry = {"words": USES[use], "card": f"kpi-{row['kpi_id']}"}
        entries = found.setdefault((row["product_id"], row["metric_id"]), [])
        if entry not in entries:
            entries.append(entry)

    judged = {
        (row["product_id"], row["kpi_id"]): row["week_start_date"] for row in marts.latest_cards
    }
    for card in marts.latest_cards:
        note(card, "leads")
    for use, table in (("balances", "fct_balance_states"), ("trips", "fct_tripwire_states")):
        for row in marts[table]:
            if judged.get((row["product_id"], row["kpi_id"])) == row["week_start_date"]:
                note(row, use)
    return found


def metric_row(marts: Marts, product_id: str, metric_id: str, uses: list[Row]) -> Row:
    """One metric of one product: latest complete value, trend, signal and trust."""
    metric = marts.metrics[metric_id]
    key = (product_id, metric_id)
    values = marts.shown_values(*key)
    points = marts.points.get(key, [])
    latest = latest_words(values, metric, marts.trust.get(key, []))
    if not values:
        latest["reason"] = "nothing observed yet"
    signal, tone = signal_words(points)
    grade = due["trust_grade"] if (due := latest_due(values)) else None
    is_doubtful = grade in ("C", "D")
    return {
        "metric": metric,
        "latest": latest,
        "last_trusted": last_trusted_words(values, metric["unit"]),
        "companions": companions_of(marts, product_id, metric_id),
        "spark": spark_of(values, points),
        "signal": signal,
        "tone": tone,
        "grade": grade,
        "why": quality_link(marts, product_id, metric_id) if grade and grade != "A" else "",
        "state": "doubtful" if is_doubtful else "signal" if tone != "quiet" else "quiet",
        "uses": uses,
        "number": number_anchor(*key)
        if any(use["words"] != USES["trips"] for use in uses) and grade
        else "",
    }


def spark_of(values: list[Row], points: list[Row]) -> str:
    """Complete values that can be used, with the centre line in force."""
    kept = [
        row["value"] if row["trust_grade"] in ("A", "B") else None
        for row in values
        if row["is_ripe"]
    ]
    return spark(kept[-PERIODS_IN_SPARK:], points[-1]["centre"] if points else None)


def signal_words(points: list[Row]) -> tuple[str, str]:
    """What the latest usable point of the chart says, and its tone."""
    usable = [point for point in points if point["is_usable"]]
    if not usable:
        return "no limits yet", "quiet"
    last = usable[-1]
    if last["limit_state"] != "locked":
        return f"limits {last['limit_state']}", "quiet"
    grain = PERIODS[last["period_grain"]][1]
    method = CHART_METHODS.get(last["chart_method"], last["chart_method"])
    if not last["rule"]:
        return f"no signal; {method} {grain}", "quiet"
    side = {"favourable": ("better", "better"), "unfavourable": ("worse", "worse")}.get(
        last["signal_side"], ("other", "quiet")
    )
    rule = "a point beyond a limit" if last["rule"] == "point" else last["rule"].replace("_", " ")
    return f"signal on the {side[0]} side: {rule}; {method} {grain}", side[1]


def companions_of(marts: Marts, product_id: str, metric_id: str) -> list[str]:
    """Further statistics of the same items in their latest complete period, such as medians."""
    found = []
    for companion in marts.companions.get((metric_id,), []):
        values = marts.shown_values(product_id, companion["metric_id"])
        latest = latest_due(values)
        if latest is not None and latest["value"] is not None and latest["trust_grade"] in "AB":
            name = companion["metric_name"].removeprefix(marts.metrics[metric_id]["metric_name"])
            found.append(f"{name.strip(' ,:')} {humanise(latest['value'], companion['unit'])}")
    return found
