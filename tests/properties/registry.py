"""The registry of the drawn products: every kind of metric and fact over the drawn event types."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.oracles.golden import measure, metric, ratio
from tests.oracles.golden_registry import task_type
from tests.oracles.warehouse import Registry, Row
from tests.properties.draw import KINDS

MEASURES = [
    measure("jobs_started", "event", "job.started"),
    measure("jobs_finished", "event", "job.finished"),
    measure("jobs_due", "task", "job", anchor="deadline", deadline_hours=72),
    measure("jobs_in_time", "task", "job", anchor="deadline", deadline_hours=72),
    measure("jobs_open", "task", "job", aggregate="open_at_period_end"),
    measure("hours", "event", "time.logged", aggregate="sum", quantity="hours", unit_key="actor"),
    measure("hours_fixing", "event", "time.logged", aggregate="sum", quantity="hours",
            unit_key="actor"),
    measure("people", "event", "tool.used", aggregate="distinct_people"),
    measure("uses", "event", "tool.used"),
    measure("sessions", "session", "tool.used;step.1"),
    measure("outages", "outage"),
    measure("errands", "task", "errand", anchor="deadline", deadline_hours=72),
    measure("hours_paused", "task", "errand", aggregate="sum", quantity="paused_hours",
            anchor="deadline", deadline_hours=72),
    measure("hours_worked", "task", "errand", aggregate="sum", quantity="working_hours",
            anchor="deadline", deadline_hours=72),
    measure("jobs_again", "event", "job.started", followed_by_event_type="job.started",
            followed_within_hours=168, followed_match="actor"),
]  # fmt: skip
FILTERS = [("jobs_in_time", "duration_hours", "<=", "72"), ("hours_fixing", "category", "=", "fix")]
METRICS = [
    metric("job_time", "duration", task_type_id="job", tau_hours=72),
    metric("errand_time", "duration", task_type_id="errand", tau_hours=24, clock="working"),
    metric("availability", "reliability", statistic="availability", subject_kind="system"),
    metric("between_failures", "reliability", statistic="mtbf", subject_kind="system"),
    metric("open_jobs", "stock", numerator_measure_id="jobs_open"),
    metric("hours_p50", "quantile", statistic="p50", numerator_measure_id="hours"),
    ratio("in_time", "proportion", "jobs_in_time", "jobs_due"),
    ratio("fixing", "ratio_of_sums", "hours_fixing", "hours", subject_kind="person"),
    ratio("uses_per_person", "count_rate", "uses", "people"),
    ratio("pauses", "ratio_of_sums", "hours_paused", "errands"),
    ratio("work", "ratio_of_sums", "hours_worked", "errands"),
    ratio("jobs_soon_again", "proportion", "jobs_again", "jobs_started"),
    ratio("sessions_a_week", "count_rate", "sessions", None),
    ratio("finished_per_started", "count_rate", "jobs_finished", "jobs_started"),
    metric("down_share", "derived", derived_operator="complement",
           derived_metric_ids="availability", derived_constant=1),
]  # fmt: skip
CUSTOM = [("churn", ""), ("stickiness", ""), ("retention", "1"), ("active_people", "day")]
SEGMENTED = ("job_time", "fixing", "uses_per_person", "finished_per_started")


def registry(products: Iterable[str]) -> Registry:
    """Return the rows by table; funnels and activations are each product's own."""
    products = list(products)
    own = [row for product in products for row in _own_metrics(product)]
    common = [
        *METRICS,
        *(custom(name, name, parameter) for name, parameter in CUSTOM),
    ]
    columns = ("measure_id", "dimension", "operator", "value")
    return {
        "settings": [{"setting": "departure_event_type", "value": "employee.left"}],
        "sources": [
            {"source_id": f"urn:{name}", "product_id": name, "connector": "cloudevents",
             "has_receive_clock": True}
            for name in products
        ],
        "tracking_plan": [
            {"source_id": "urn:*", "event_type": kind, "trigger": "drawn", "role": "measure"}
            for kind in KINDS
        ],
        "task_types": [
            task_type("job", "job.started", "job.finished", cancel_event_type="job.cancelled",
                      reopen_event_type="job.reopened", reopen_window_days=2),
            task_type("errand", "job.started", "job.finished", calendar_id="office",
                      pause_event_type="job.paused", resume_event_type="job.resumed"),
            task_type("incident", "incident.detected", "incident.resolved"),
        ],
        "measures": MEASURES,
        "measure_filters": [dict(zip(columns, row, strict=True)) for row in FILTERS],
        "metrics": [*common, *own],
        "watched_metrics": [
            {"product_id": product, "metric_id": row["metric_id"]}
            for product in products
            for row in [*common, *_own_metrics(product)]
        ],
        "calendars": [
            {"calendar_id": "office", "time_zone": "Europe/Berlin", "weekday": day,
             "opens": opens, "closes": closes}
            for day in range(1, 6)
            for opens, closes in (("08:00", "12:00"), ("12:30", "17:00"))
        ],
        "holidays": [
            {"calendar_id": "office", "date": date(2025, 3, 17), "name": "A day off"}
        ],
        "segments": [{"segment_type": "team", "segment_name": "Team"}],
        "segmented_metrics": [
            {"product_id": product, "metric_id": name, "segment_type": "team"}
            for product in products
            for name in SEGMENTED
        ],
        "active_uses": [
            {"product_id": product, "event_type": kind}
            for product in products
            for kind in ("tool.used", "time.logged", "job.started")
        ],
        "activations": [
            {"activation_id": f"{product}.used", "product_id": product, "least_count": 2,
             "start_event_type": "step.1", "event_type": "tool.used", "within_days": 7,
             "match_key": "actor"}
            for product in products
        ],
        "funnels": [
            {"funnel_id": f"{product}.steps", "product_id": product, "step_number": number,
             "event_type": f"step.{number}", "window_hours": 240, "match_key": "actor"}
            for product in products
            for number in (1, 2, 3)
        ],
    }  # fmt: skip


def custom(name: str, model: str, parameter: str) -> Row:
    """Return the registry row of a custom metric about people."""
    kind = "ratio_of_sums" if model in ("stickiness", "active_people") else "proportion"
    more: dict[str, Any] = {"custom_model": model, "custom_parameter": parameter or None}
    return metric(name, kind, subject_kind="person", **more)


def _own_metrics(product: str) -> list[Row]:
    return [
        custom(f"{product}_activation", "activation", f"{product}.used"),
        custom(f"{product}_funnel", "funnel", f"{product}.steps"),
    ]
