"""Buyers that come back, and a budget that is overspent: a few events for each edge."""

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Registry, Row, event

WEEK = 168


def order(buyer: str | None, hours: float, number: int, **more: str) -> Row:
    """Return an order of a buyer, which is a shop and no person."""
    return event("shop", "order.paid", f"o{number}", at(hours), actor_id=buyer,
                 actor_kind="service", **more)  # fmt: skip


def orders() -> list[Row]:
    """Return orders of two weeks: a thrice, b once, c again after three days and a second."""
    placed = [("a", 1), ("a", 10), ("a", 30), ("b", 2), ("c", 5), ("c", 77 + 1 / 3600),
              (None, 6), ("d", WEEK - 1), ("d", WEEK + 1), ("a", WEEK + 100)]  # fmt: skip
    rows = [order(buyer, hours, number) for number, (buyer, hours) in enumerate(placed)]
    return [*rows, order("probe", 3, 90), order("probe", 4, 91)]


def outages() -> list[Row]:
    """Return a week with 8.4 hours down, another with 33.6, and a third without."""
    rows = [event("cluster", "source.alive", "o", at(0), is_heartbeat=True)]
    for number, (start, length) in enumerate([(10, 8.4), (WEEK + 10, 33.6)]):
        rows.append(event("cluster", "incident.detected", f"i{number}", at(start)))
        rows.append(event("cluster", "incident.closed", f"i{number}", at(start + length)))
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    return [*orders(), *outages()]


METRICS: list[Row] = [
    ratio("buyers_back", "proportion", "returning", "buying"),
    ratio("orders_per_buyer", "count_rate", "ordering", "buying"),
    metric("uptime", "reliability", statistic="availability"),
    metric("budget_left", "derived", derived_operator="budget_left", derived_metric_ids="uptime",
           derived_constant=0.9),
]  # fmt: skip

MEASURES: list[Row] = [
    measure("ordering", "event", "order.paid"),
    measure("buying", "event", "order.paid", aggregate="distinct_actors", unit_key="actor"),
    measure("returning", "event", "order.paid", aggregate="distinct_actors", unit_key="actor",
            followed_by_event_type="order.paid", followed_within_hours=72,
            followed_match="actor"),
]  # fmt: skip

WATCHED = {"shop": ["buyers_back", "orders_per_buyer"], "cluster": ["budget_left"]}


def registry() -> Registry:
    """Return the registry rows by table."""
    return {
        "sources": [{"source_id": name, "product_id": name} for name in WATCHED],
        "task_types": [{"task_type_id": "incident", "task_name": "Incident",
                        "match_key": "subject", "start_event_type": "incident.detected",
                        "finish_event_type": "incident.closed"}],
        "measures": MEASURES,
        "metrics": METRICS,
        "watched_metrics": [{"product_id": product, "metric_id": name}
                            for product, names in WATCHED.items() for name in names],
        "excluded_accounts": [{"actor_id": "probe", "reason": "probe"}],
    }  # fmt: skip
