"""The registry of the sources that the checks are tried on."""

import csv
from pathlib import Path

from tests.checks.world import CLOSED, FIRST, OPENED, REPORTED, SECOND, VIEWED, sources
from tests.oracles.golden import measure, metric, ratio
from tests.oracles.golden_registry import task_type
from tests.oracles.warehouse import Registry, Row

DEFAULTS = Path(__file__).parents[2] / "seeds" / "defaults"
ROLES = {OPENED: "start", CLOSED: "finish"}
METRICS = [
    metric("time_to_close", "duration", task_type_id="ticket", tau_hours=24),
    ratio("urgent_share", "proportion", "tickets_urgent", "tickets_red"),
    ratio("views_per_viewer", "count_rate", "views", "viewers", subject_kind="person"),
    ratio("reports", "count_rate", "reports", None),
]
METRICS_OF = {
    OPENED: ("time_to_close", "urgent_share"), VIEWED: ("views_per_viewer",),
    REPORTED: ("reports",),
}  # fmt: skip


def defaults() -> Registry:
    """Return the tables that every workspace begins with, limits of the checks among them."""
    tables = {}
    for path in sorted(DEFAULTS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = [
                {name: value or None for name, value in row.items()} for row in csv.DictReader(file)
            ]
    return tables


def registry() -> Registry:
    """Return the rows by table."""
    found = sources()
    return {
        **defaults(),
        "sources": [
            {"source_id": f"urn:{name}", "product_id": name, "connector": "cloudevents",
             "has_receive_clock": True, "lateness_hours": 1}
            for name in found
        ],
        "tracking_plan": [row for name, source in found.items() for row in plan(name, source)],
        "task_types": [task_type("ticket", OPENED, CLOSED)],
        "measures": [
            measure("tickets_red", "event", OPENED),
            measure("tickets_urgent", "event", OPENED),
            measure("views", "event", VIEWED),
            measure("viewers", "event", VIEWED, aggregate="distinct_people"),
            measure("reports", "event", REPORTED),
            measure("minutes", "event", OPENED, aggregate="sum", quantity="minutes"),
        ],
        "measure_filters": [
            {"measure_id": name, "dimension": dimension, "operator": "=", "value": value}
            for name, dimension, value in (
                ("tickets_red", "team", "red"), ("tickets_urgent", "team", "red"),
                ("tickets_urgent", "priority", "high"),
            )
        ],
        "metrics": METRICS,
        "watched_metrics": [
            {"product_id": name, "metric_id": metric_id}
            for name, source in found.items()
            for kind in METRICS_OF.keys() & set(source.load.planned)
            for metric_id in METRICS_OF[kind]
        ],
        "funnels": [
            {"funnel_id": f"{name}.steps", "product_id": name, "step_number": number,
             "event_type": kind, "window_hours": 24, "match_key": "actor"}
            for name in found
            for number, kind in ((1, FIRST), (2, SECOND))
        ],
        "excluded_accounts": [{"actor_id": "tester", "reason": "tests"}],
    }  # fmt: skip


def plan(name: str, source) -> list[Row]:
    """Return what a source is to send; what else it sends is kept and used for nothing."""
    kinds = (OPENED, CLOSED, VIEWED, FIRST, SECOND, REPORTED)
    return [
        {"source_id": f"urn:{name}", "event_type": kind, "trigger": "a test",
         "role": ROLES.get(kind, "measure") if kind in source.load.planned else "ignored",
         "required_properties": "page" if kind == VIEWED else None}
        for kind in kinds
    ]  # fmt: skip
