"""What the rows of `interventions.csv` and `unit_costs.csv` must say."""

from collections.abc import Iterator

from orchestration.registry.tables import Problem, Row, Table

LEAST_DEFLECTION_WEEKS = 8


def check_impact(registry: dict[str, Table]) -> Iterator[Problem]:
    """Controls that exist, a rate to deflect, and costs that fit what is valued."""
    metrics = {row.values["metric_id"]: row.values for row in registry["metrics"].rows}
    products = {row.values["product_id"] for row in registry["products"].rows}
    designs: dict[str, str] = {}
    for row in registry["interventions"].rows:
        designs[row.values["intervention_id"]] = row.values["design"]
        yield from _controls(row, products, set(metrics))
        if row.values["design"] != "deflection":
            continue
        kind = metrics.get(row.values["metric_id"], {}).get("kind")
        if kind not in (None, "count_rate"):
            yield row.problem("metric_id", f"is a {kind}; deflection needs a count_rate")
        weeks = row.values["window_weeks"]
        if weeks is not None and weeks < LEAST_DEFLECTION_WEEKS:
            what = f"is {weeks}; deflection needs at least {LEAST_DEFLECTION_WEEKS}"
            yield row.problem("window_weeks", what)
    for row in registry["unit_costs"].rows:
        yield from _costs(row, designs.get(row.values["intervention_id"]))


def _controls(row: Row, products: set[str], metrics: set[str]) -> Iterator[Problem]:
    text, own = row.values["control_metrics"], (row.values["product_id"], row.values["metric_id"])
    if row.values["design"] != "difference_in_differences":
        if text is not None:
            yield row.problem("control_metrics", "is for difference_in_differences; leave it blank")
        return
    if text is None:
        yield row.problem("control_metrics", "is blank; a comparison needs at least one control")
    for part in (text or "").split(";"):
        product, _, metric = part.strip().partition(":")
        if text is not None and (product not in products or metric not in metrics):
            what = f"{part.strip()!r} is no product_id:metric_id of this registry"
            yield row.problem("control_metrics", what)
        if (product, metric) == own:
            yield row.problem("control_metrics", f"{part.strip()!r} is what was changed itself")


def _costs(row: Row, design: str | None) -> Iterator[Problem]:
    needed = ("hours_per_unit",) if design == "deflection" else ("units", "units_low", "units_high")
    for column in needed:
        if row.values[column] is None:
            yield row.problem(column, f"is blank; the design {design} needs it")
    for name in ("units", "hourly_cost"):
        point, low, high = (row.values[f"{name}{end}"] for end in ("", "_low", "_high"))
        if None not in (point, low, high) and not low <= point <= high:
            yield row.problem(name, f"{point} does not lie between {low} and {high}")
