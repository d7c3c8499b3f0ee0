"""The registry of a batch: the same metrics for every product, sources and plan for each."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.guard.defects.contents import TEST_ACCOUNTS
from bench.guard.scenario import HOLIDAYS
from orchestration.registry.tables import columns

DEFAULTS = Path(__file__).parents[2] / "seeds" / "defaults"
TAU_HOURS = 72

PLAN = (
    ("desk", "request.opened", "start", "channel", None),
    ("desk", "request.withdrawn", "cancel", None, None),
    ("desk", "ticket.raised", "measure", "wait_seconds", None),
    ("flow", "request.closed", "finish", "state;effort_minutes;fixing_minutes", None),
    ("portal", "user.active", "measure", None, None),
    ("portal", "order.begun", "measure", None, None),
    ("portal", "order.filled", "measure", None, None),
    ("portal", "order.sent", "measure", None, None),
    ("watch", "incident.opened", "measure", "outage_minutes", None),
    ("watch", "roster.published", "measure", "eligible_people", None),
    ("watch", "watch.alive", "heartbeat", None, 24),
    ("loader", "import.finished", "measure", "state;rows;wrong_rows", None),
)
"""Source, event type, role, required properties, hours between heartbeats."""

MEASURES = (
    ("requests_closed", "event", "request.closed", "count", None, "subject"),
    ("requests_resolved", "event", "request.closed", "count", None, "subject"),
    ("fixing_minutes", "event", "request.closed", "sum", "fixing_minutes", "subject"),
    ("effort_minutes", "event", "request.closed", "sum", "effort_minutes", "subject"),
    ("tickets_raised", "event", "ticket.raised", "count", None, "subject"),
    ("waited_seconds", "event", "ticket.raised", "sum", "wait_seconds", "subject"),
    ("people_active", "event", "user.active", "distinct_people", None, "actor"),
    ("people_eligible", "event", "roster.published", "sum", "eligible_people", "event"),
    ("requests_open", "task", "request", "open_at_period_end", None, "subject"),
    ("requests_opened", "event", "request.opened", "count", None, "subject"),
    ("incidents_opened", "event", "incident.opened", "count", None, "subject"),
    ("outage_minutes", "event", "incident.opened", "sum", "outage_minutes", "subject"),
    ("imports_finished", "event", "import.finished", "count", None, "subject"),
    ("imports_clean", "event", "import.finished", "count", None, "subject"),
    ("rows_loaded", "event", "import.finished", "sum", "rows", "subject"),
    ("rows_wrong", "event", "import.finished", "sum", "wrong_rows", "subject"),
)
FILTERS = (
    ("requests_resolved", "state", "=", "resolved"),
    ("imports_clean", "state", "=", "clean"),
)

METRICS = (
    ("time_to_close", "duration", "hours", None, None),
    ("resolved_share", "proportion", "%", "requests_resolved", "requests_closed"),
    ("fixing_share", "ratio_of_sums", "%", "fixing_minutes", "effort_minutes"),
    ("tickets_per_user", "count_rate", "per person", "tickets_raised", "people_active"),
    ("mean_wait", "ratio_of_sums", "seconds", "waited_seconds", "tickets_raised"),
    ("adoption", "proportion", "%", "people_active", "people_eligible"),
    ("open_requests", "stock", "requests", "requests_open", None),
    ("requests_per_week", "count_rate", "per week", "requests_opened", None),
    ("incidents_per_week", "count_rate", "per week", "incidents_opened", None),
    ("mean_outage", "ratio_of_sums", "minutes", "outage_minutes", "incidents_opened"),
    ("wrong_rows", "ratio_of_sums", "%", "rows_wrong", "rows_loaded"),
    ("clean_imports", "proportion", "%", "imports_clean", "imports_finished"),
)
"""Metric, kind, unit, numerator, denominator; the completed orders of each product besides."""
FUNNEL = "order_completion"
FUNNEL_STEPS = ("order.begun", "order.filled", "order.sent")


def write_registry(seeds: Path, product_ids: Sequence[str]) -> None:
    """Write the registry's files of a workspace with these products."""
    seeds.mkdir(parents=True, exist_ok=True)
    for path in DEFAULTS.glob("*.csv"):
        shutil.copy(path, seeds / path.name)
    for name, rows in _tables(product_ids).items():
        with (seeds / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns(name), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _tables(product_ids: Sequence[str]) -> dict[str, Iterable[dict]]:
    return {
        "products": [
            {"product_id": p, "product_name": p, "owner_team": "Bench", "user_count": 40}
            for p in product_ids
        ],
        "sources": [
            {
                "source_id": f"{p}-{source}",
                "connector": "cloudevents",
                "product_id": p,
                "source_name": f"{source} of {p}",
                "has_receive_clock": "true",
                "lateness_hours": 24,
            }
            for p in product_ids
            for source in dict.fromkeys(row[0] for row in PLAN)
        ],
        "tracking_plan": [
            {
                "source_id": f"{p}-{source}",
                "event_type": event_type,
                "trigger": event_type,
                "role": role,
                "required_properties": required,
                "heartbeat_hours": hours,
            }
            for p in product_ids
            for source, event_type, role, required, hours in PLAN
        ],
        "calendars": [
            {
                "calendar_id": "office",
                "time_zone": "UTC",
                "weekday": weekday,
                "opens": "07:00",
                "closes": "18:00",
            }
            for weekday in range(1, 6)
        ],
        "holidays": [
            {"calendar_id": "office", "date": day.isoformat(), "name": "holiday"}
            for day in HOLIDAYS
        ],
        "task_types": [
            {
                "task_type_id": "request",
                "task_name": "Request",
                "start_event_type": "request.opened",
                "finish_event_type": "request.closed",
                "cancel_event_type": "request.withdrawn",
                "match_key": "subject",
            }
        ],
        "measures": [
            {
                "measure_id": name,
                "description": name,
                "item_kind": kind,
                "item_type": item_type,
                "aggregate": aggregate,
                "quantity": quantity,
                "unit_key": unit_key,
                "anchor": "occurred",
            }
            for name, kind, item_type, aggregate, quantity, unit_key in MEASURES
        ],
        "measure_filters": [
            dict(zip(("measure_id", "dimension", "operator", "value"), row, strict=True))
            for row in FILTERS
        ],
        "funnels": [
            {
                "funnel_id": f"{p}-orders",
                "product_id": p,
                "step_number": number,
                "event_type": event_type,
                "window_hours": 24,
                "match_key": "subject",
            }
            for p in product_ids
            for number, event_type in enumerate(FUNNEL_STEPS, start=1)
        ],
        "metrics": [*_shared_metrics(), *(_funnel_metric(p) for p in product_ids)],
        "watched_metrics": [
            {"product_id": p, "metric_id": metric_id}
            for p in product_ids
            for metric_id in (*(row[0] for row in METRICS), f"{FUNNEL}.{p}")
        ],
        "excluded_accounts": [
            {"actor_id": account, "reason": "account of the testers"} for account in TEST_ACCOUNTS
        ],
        "kpis": [],
        "problem_statements": [],
        "balances": [],
        "tripwires": [],
    }


def _shared_metrics() -> list[dict]:
    return [
        _metric(
            name,
            kind,
            unit,
            numerator_measure_id=numerator,
            denominator_measure_id=denominator,
            task_type_id="request" if kind == "duration" else None,
            tau_hours=TAU_HOURS if kind == "duration" else None,
            subject_kind="person" if name == "adoption" else "item",
        )
        for name, kind, unit, numerator, denominator in METRICS
    ]


def _funnel_metric(product_id: str) -> dict:
    return _metric(
        f"{FUNNEL}.{product_id}",
        "proportion",
        "%",
        custom_model="funnel",
        custom_parameter=f"{product_id}-orders",
    )


def _metric(name: str, kind: str, unit: str, **more: str | int | None) -> dict:
    return {
        "metric_id": name,
        "metric_name": name,
        "kind": kind,
        "unit": unit,
        "direction": "none",
        "natural_period": "week",
        "subject_kind": "item",
        "indicator_kind": "health",
        "definition": name,
        "metric_version": 1,
        **more,
    }
