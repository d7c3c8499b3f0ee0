"""What the oracle can compute: asked by the tests of the sample and of the catalogue's coverage."""

from collections.abc import Mapping, Sequence

from tests.oracles.oracle_custom import Custom
from tests.oracles.oracle_derived import OPERATORS
from tests.oracles.oracle_measures import Measures
from tests.oracles.oracle_metrics import COUNTS

RATIOS = ("proportion", "count_rate", "ratio_of_sums", "stock")
STATISTICS = {
    "duration": ("",),
    "quantile": ("p50", "p75", "p90", "p95", "p99"),
    "reliability": ("mtbf", "availability"),
    **dict.fromkeys(RATIOS, ("",)),
}
AGGREGATES = (*COUNTS, "sum", "count_followers", "open_at_period_end")
COMPANIONS = ("_finished_mean", "_finished_p90", "_median")
Registry = Mapping[str, Sequence[Mapping[str, str]]]


def custom_models() -> set[str]:
    """Return the custom models that the oracle has a function for."""
    return {name.removeprefix("model_") for name in dir(Custom) if name.startswith("model_")}


def item_kinds() -> set[str]:
    """Return the kinds of items that the oracle makes from events."""
    names = [name for name in dir(Measures) if name.startswith("_") and name.endswith("_items")]
    return {name.removeprefix("_").removesuffix("_items") for name in names}


def known_metrics(registry: Registry) -> set[str]:
    """Return the metrics of a registry that the oracle computes, companions included.

    A metric is known if its kind and statistic, and all that its measures ask for, have a function.
    """
    measures = {row["measure_id"]: row for row in registry["measures"]}
    found = {
        row["metric_id"] for row in registry["metrics"]
        if row["kind"] != "derived" and _is_known(row, measures)
    }  # fmt: skip
    for row in registry["metrics"]:
        parents = [part.strip() for part in row["derived_metric_ids"].split(";") if part.strip()]
        if row["kind"] == "derived" and row["derived_operator"] in OPERATORS and parents:
            found |= {row["metric_id"]} if found.issuperset(parents) else set()
    durations = {row["metric_id"] for row in registry["metrics"] if row["kind"] == "duration"}
    return found | {name + ending for name in durations & found for ending in COMPANIONS}


def known_diagnostics(registry: Registry) -> set[str]:
    """Return the Pareto tables of a registry that the oracle computes."""
    rows = registry.get("diagnostics", [])
    return {row["diagnostic_id"] for row in rows if row["item_kind"] in item_kinds()}


def _is_known(metric: Mapping[str, str], measures: Mapping[str, Mapping[str, str]]) -> bool:
    statistic = "" if metric["kind"] in RATIOS else metric["statistic"]
    if statistic not in STATISTICS.get(metric["kind"], ()):
        return False
    if metric.get("custom_model"):
        return metric["custom_model"] in custom_models()
    names = [metric["numerator_measure_id"], metric["denominator_measure_id"]]
    sides = [measures[name] for name in names if name]
    return all(
        side["item_kind"] in item_kinds() and side["aggregate"] in AGGREGATES for side in sides
    )
