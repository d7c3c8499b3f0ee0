"""What to say where there is no number: no such product, metric or week, or no event of it yet."""

from typing import Any

import duckdb

from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.suggest import suggestion

METRICS = """
    select distinct product_id, metric_id from marts.fct_metric_values
    union
    select product_id, metric_id from metrics.int_product_metrics
"""
WEEKS = """
    select min(period_start_date), max(period_start_date) from marts.fct_metric_values
    where product_id = $product and metric_id = $metric and period_grain = $grain
        and segment_type = 'all'
"""
UNSEEN = """
    select event_type, min(source_id) as source_id from metrics.int_metric_lineage
    where product_id = $product and metric_id in (select unnest($metrics))
    group by event_type having sum(event_count) = 0 order by event_type
"""


def unknown(
    connection: duckdb.DuckDBPyConnection, keys: dict[str, Any], metrics: list[str]
) -> UserError:
    """Return what is wrong with the keys of a number that isn't there, and what to name instead.

    `metrics` are the one named and what it is derived from.
    """
    product, metric, week = (keys[name] for name in ("product", "metric", "first"))
    pairs = connection.execute(METRICS).fetchall()
    products = {name for name, _ in pairs}
    if product not in products:
        otherwise = "products.csv lists them; one without any metric has no number."
        return UserError(
            f"there is no product {product!r} with a metric",
            suggestion(product, products, otherwise),
        )
    known = {name for owner, name in pairs if owner == product}
    if metric not in known:
        otherwise = f"It has {counted(len(known), 'metric')}: metrics.html beside the scorecard "
        what = f"{product!r} has no metric {metric!r}"
        return UserError(what, suggestion(metric, known, f"{otherwise}lists them."))
    asked = {name: keys[name] for name in ("product", "metric", "grain")}
    first, last = connection.execute(WEEKS, asked).fetchall()[0]
    if first is None:
        return _unseen(connection, product, metric, metrics)
    held = f"from {first} to {last}" if first != last else f"of {first} alone"
    what = f"{metric!r} has no week of {week}"
    return UserError(what, f"It has weeks {held}: name a day of one of them.")


def _unseen(
    connection: duckdb.DuckDBPyConnection, product: str, metric: str, metrics: list[str]
) -> UserError:
    """Of a metric that is declared, and of which nothing was observed yet."""
    types = connection.execute(UNSEEN, {"product": product, "metrics": metrics}).fetchall()
    awaited = [f"{event_type} ({source or 'no source'})" for event_type, source in types]
    what = f"{metric!r} is declared for {product!r}, but "
    if not awaited:
        return UserError(f"{what}it has no week with a value yet", "Refresh it later.")
    what += f"no event of it has arrived: {', '.join(awaited)}"
    return UserError(what, "Let its sources send, and refresh.")
