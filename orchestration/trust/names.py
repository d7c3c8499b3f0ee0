"""What a command names: a product, one metric of it, or a source."""

from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.rules import split
from orchestration.registry.tables import Row
from orchestration.registry.validate import Registry
from orchestration.suggest import either, suggestion
from orchestration.workspace import Workspace

COMPANIONS = ("_finished_mean", "_finished_p90", "_median")
"""Endings of the metrics that are made beside each duration, as in `defs.judge.trust`."""
BY_KPI = ("balances", "tripwires")


def resolve(
    workspace: Workspace, registry: Registry, named: str, metric_id: str | None
) -> tuple[str | None, str | None]:
    """Return (product, None) or (None, source) for what the command names.

    Raises UserError where it names neither, both, or a metric that the product doesn't have.
    """
    products, sources = (
        {row.values[column] for row in registry[table].rows}
        for table, column in (("products", "product_id"), ("sources", "source_id"))
    )
    if named in sources and named not in products and metric_id:
        do = "A metric belongs to a product: name that, or the source without a metric."
        raise UserError(f"{named!r} is a source", do)
    if named in products and named in sources and not metric_id:
        do = "Write the row into this file by hand, the name as product_id or as source_id."
        path = workspace.seeds / "trust_overrides.csv"
        raise UserError(f"{named!r} is a product and a source", do, path)
    if named in products:
        if metric_id:
            _require_metric(workspace, registry, named, metric_id)
        return named, None
    if named in sources:
        return None, named
    do = suggestion(named, products | sources, "products.csv and sources.csv list them.")
    raise UserError(f"there is no product and no source {named!r}", do)


def _require_metric(workspace: Workspace, registry: Registry, product: str, metric: str) -> None:
    """Raise UserError where the product doesn't have the metric."""
    known = metrics_of(registry, product)
    if metric in known:
        return
    durations = (metric.removesuffix(ending) for ending in COMPANIONS)
    if found := next((name for name in durations if name in known), None):
        do = f"Lower {found}: its mean, median and 90th percentile go along."
        raise UserError(f"{metric!r} is made of the same events as {found}", do)
    owners = sorted(
        row.values["product_id"]
        for row in registry["products"].rows
        if metric in metrics_of(registry, row.values["product_id"])
    )
    what = f"{product!r} has no metric {metric!r}"
    if owners:
        others = either(owners) if len(owners) <= 3 else f"{len(owners)} other products"
        what += f", which belongs to {others}"
    if not known:
        do = "kpis.csv, balances.csv, tripwires.csv and watched_metrics.csv give it none at all."
        raise UserError(what, do)
    page = workspace.publish / "metrics.html"
    where = page if page.is_file() else workspace.seeds / "watched_metrics.csv"
    raise UserError(what, suggestion(metric, known, f"It has {counted(len(known), 'metric')}, "
                                                    f"see {where}."))  # fmt: skip


def metrics_of(registry: Registry, product: str) -> set[str]:
    """Return the metrics of a product, as the model `int_product_metrics` finds them.

    Whatever a KPI, a balance, a tripwire or a watch list names, and what these are derived from.
    """
    kpis = {
        row.values["kpi_id"]: row.values["metric_id"]
        for row in registry["kpis"].rows
        if row.values["product_id"] == product
    }
    named = set(kpis.values()) | {
        row.values["metric_id"]
        for row in registry["watched_metrics"].rows
        if row.values["product_id"] == product
    }
    for table in BY_KPI:
        named |= {
            row.values["metric_id"]
            for row in registry[table].rows
            if row.values["kpi_id"] in kpis
        }  # fmt: skip
    return with_parents(registry, named)


def lacks_metric(registry: Registry, row: Row) -> bool:
    """Tell whether a row lowers a metric that its product doesn't have, or no longer has."""
    product, metric = row.values["product_id"], row.values["metric_id"]
    return bool(product and metric) and metric not in metrics_of(registry, product)


def with_parents(registry: Registry, names: set[str]) -> set[str]:
    """Return the metrics and all that they are derived from."""
    parents = {
        row.values["metric_id"]: split(row.values["derived_metric_ids"])
        for row in registry["metrics"].rows
    }
    found, waiting = set(), list(names)
    while waiting:
        if (name := waiting.pop()) not in found:
            found.add(name)
            waiting += parents.get(name, [])
    return found
