"""What the edges of the metric tree must say together."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from orchestration.registry.tables import Problem, Row, Table

Node = tuple[str, str]

# a median is no mean of medians
NOT_DIVIDED = ("quantile", "derived", "reliability")
LONGEST_LAG = 4
MOST_FACTORS = 4


def check_tree(registry: dict[str, Table]) -> Iterator[Problem]:
    """Arithmetic edges of one type a parent, influence edges with lag and sign, and no circle."""
    kinds = {row.values["metric_id"]: row.values["kind"] for row in registry["metrics"].rows}
    shown = {
        (row.values["product_id"], row.values["metric_id"], row.values["segment_type"])
        for row in registry["segmented_metrics"].rows
    }
    types: dict[Node, str] = {}
    children: dict[Node, set[Node]] = {}
    last: dict[Node, Row] = {}
    for row in registry["tree_edges"].rows:
        product, parent, child, kind = (
            row.values[name]
            for name in ("product_id", "parent_metric_id", "child_metric_id", "edge_type")
        )
        yield from _declared_lag(row)
        yield from _segments_of_itself(row, shown)
        if kind == "influence":
            continue
        first = types.setdefault((product, parent), kind)
        if kind != first:
            what = f"{parent!r} has a {first} edge already; allowed: {first}, or influence"
            yield row.problem("edge_type", what)
        if kind == "weighted_rate" and kinds.get(parent) in NOT_DIVIDED:
            what = f"{parent!r} is of kind {kinds[parent]}, which can't be divided"
            yield row.problem("parent_metric_id", what)
        if child != parent:
            children.setdefault((product, parent), set()).add((product, child))
            last[product, parent] = row
    for node, found in children.items():
        if types[node] == "product" and len(found) > MOST_FACTORS:
            what = f"{node[1]!r} has {len(found)} factors; allowed: {MOST_FACTORS}"
            yield last[node].problem("edge_type", what)
    yield from _circles(children, last)


def _circles(children: dict[Node, set[Node]], last: dict[Node, Row]) -> Iterator[Problem]:
    try:
        TopologicalSorter(children).prepare()
    except CycleError as error:
        circle = error.args[1]
        said = " -> ".join(name for _, name in reversed(circle))
        row = next(last[node] for node in circle if node in last)
        yield row.problem("child_metric_id", f"go in a circle: {said}")


def _declared_lag(row: Row) -> Iterator[Problem]:
    lags, sign = row.values["lags_weeks"], row.values["expected_sign"]
    if row.values["edge_type"] != "influence":
        if lags is not None:
            yield row.problem("lags_weeks", "only an influence edge has lags; leave it blank")
        return
    if sign is None:
        yield row.problem("expected_sign", "is blank; an influence edge needs positive or negative")
    parts = (lags or "").split(";")
    if not all(part.strip().isdigit() and 1 <= int(part) <= LONGEST_LAG for part in parts):
        said = "is blank" if lags is None else f"{lags!r} is not allowed"
        what = f"{said}; allowed: weeks from 1 to {LONGEST_LAG}, separated by ;"
        yield row.problem("lags_weeks", what)


def _segments_of_itself(row: Row, shown: set[tuple[str, str, str]]) -> Iterator[Problem]:
    product, parent, child, segment = (
        row.values[name]
        for name in ("product_id", "parent_metric_id", "child_metric_id", "segment_type")
    )
    if parent == child and (segment is None or row.values["edge_type"] != "weighted_rate"):
        what = "is the parent itself; allowed only for a weighted_rate with a segment_type"
        yield row.problem("child_metric_id", what)
    elif segment is not None and parent != child:
        what = "is for a metric that is split by its own segments; leave it blank"
        yield row.problem("segment_type", what)
    elif segment is not None and (product, parent, segment) not in shown:
        what = f"{parent!r} is not shown by {segment!r}; add it to segmented_metrics.csv"
        yield row.problem("segment_type", what)
