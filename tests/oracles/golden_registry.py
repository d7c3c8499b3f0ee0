"""The registry of the golden products."""

from tests.oracles import golden_intervals, golden_people, golden_usage
from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Registry, Row

PARTS = (golden_usage, golden_intervals, golden_people)
ENDS = {
    "ripe": None, "outage": at(168), "sla": at(240), "sla_edge": at(240), "package": at(336),
    "package_edge": at(336), "dora": None, "share": None, "reopen": None, "follow": None,
    "stock": None, "all_open": None, "one_row": None, "skewed": None, "ripe_now": at(178),
    "ripe_soon": at(178 - 1 / 3600), "maintained": at(168), "sound": at(168),
    "spread": at(168), "crowded": at(168), "linked": None,
    "daily": None, "disorder": at(24 * 29),
}  # fmt: skip
"""Product to the end of its series; None: it goes on."""

METRICS: list[Row] = [
    metric("job_time", "duration", task_type_id="job", tau_hours=10),
    metric("job_minutes", "duration", task_type_id="job", tau_hours=10, unit="minutes"),
    metric("reopened_time", "duration", task_type_id="reopened_job", tau_hours=100),
    metric("between_failures", "reliability", statistic="mtbf"),
    metric("availability", "reliability", statistic="availability"),
    metric("budget", "derived", derived_operator="budget", derived_metric_ids="availability",
           derived_constant=0.9),
    ratio("attainment", "proportion", "jobs_in_time", "jobs_due"),
    ratio("well_packaged", "count_rate", "packaged", None, natural_period="fortnight"),
    ratio("well_packaged_share", "proportion", "packaged", "judged"),
    ratio("change_fail_rate", "proportion", "deployments_failed", "deployments"),
    ratio("rework_rate", "proportion", "deployments_rework", "deployments"),
    ratio("fixing_share", "ratio_of_sums", "hours_fixing", "hours_all"),
    ratio("accuracy", "proportion", "right", "reviewed"),
    ratio("retractions", "count_rate", "retracted", None),
    ratio("retractions_per_review", "count_rate", "retracted", "reviewed"),
    ratio("contact_again", "proportion", "contacts_again", "contacts"),
    ratio("people", "count_rate", "contact_people", None, subject_kind="person"),
    ratio("open_jobs", "stock", "jobs_open", None),
    ratio("old_jobs", "stock", "jobs_old", None),
    ratio("detailed_share", "proportion", "jobs_detailed", "jobs_open"),
    ratio("found_by_users", "proportion", "outages_by_users", "outages"),
    ratio("lead_time", "ratio_of_sums", "landing_hours", "changes_deployed"),
    ratio("payment_failures", "proportion", "payments_failed", "payments"),
]  # fmt: skip

MEASURES: list[Row] = [
    measure("jobs_due", "task", "job", anchor="deadline", deadline_hours=72),
    measure("jobs_in_time", "task", "job", anchor="deadline", deadline_hours=72),
    measure("jobs_open", "task", "job", aggregate="open_at_period_end"),
    measure("jobs_old", "task", "job", aggregate="open_at_period_end"),
    measure("jobs_detailed", "task", "job", aggregate="open_at_period_end",
            followed_by_event_type="detail.given", followed_match="subject"),
    measure("judged", "release"),
    measure("packaged", "release"),
    measure("deployments", "deployment"),
    measure("deployments_failed", "deployment"),
    measure("deployments_rework", "deployment"),
    measure("hours_fixing", "event", "time.logged", aggregate="sum", quantity="hours",
            unit_key="actor"),
    measure("hours_all", "event", "time.logged", aggregate="sum", quantity="hours",
            unit_key="actor"),
    measure("reviewed", "event", "decision.reviewed"),
    measure("right", "event", "decision.reviewed"),
    measure("retracted", "event", "page.retracted"),
    measure("contacts", "event", "contact.received"),
    measure("contacts_again", "event", "contact.received", followed_within_hours=168,
            followed_by_event_type="contact.received", followed_match="actor"),
    measure("contact_people", "event", "contact.received", aggregate="distinct_people"),
    measure("outages", "outage"),
    measure("outages_by_users", "outage"),
    measure("landing_hours", "change", aggregate="sum", quantity="lead_time_hours"),
    measure("changes_deployed", "change"),
    measure("payments", "event", "payment.attempted"),
    measure("payments_failed", "event", "payment.attempted"),
]  # fmt: skip

FILTERS = [
    ("jobs_in_time", "duration_hours", "<=", "72"),
    ("jobs_old", "age_at_period_end_hours", ">", "24"),
    ("judged", "is_judged", "is_true", None),
    ("packaged", "is_well_packaged", "is_true", None),
    ("deployments", "environment", "=", "production"),
    ("deployments", "is_remediation", "is_false", None),
    ("deployments_failed", "environment", "=", "production"),
    ("deployments_failed", "is_remediation", "is_false", None),
    ("deployments_failed", "is_failed", "is_true", None),
    ("deployments_rework", "is_rework", "is_true", None),
    ("hours_fixing", "category", "in", "fix; mend"),
    ("right", "correct", "is_true", None),
    ("outages_by_users", "is_user_detected", "is_true", None),
    ("payments_failed", "is_failed", "is_true", None),
    ("changes_deployed", "first_deployed_at", "present", None),
]

# name, threshold, least number of items, grain
TRIPWIRES = [
    ("day_of_errors", 0.4, 4, "day"),
    ("too_few", 0.4, 5, "day"),
    ("week_of_errors", 0.4, 4, "week"),
]

WATCHED = {
    "ripe": ["job_time", "job_minutes"], "outage": ["between_failures", "budget", "found_by_users"],
    "sla": ["attainment"], "sla_edge": ["attainment"],
    "package": ["well_packaged", "well_packaged_share"], "package_edge": ["well_packaged"],
    "dora": ["change_fail_rate", "rework_rate"],
    "share": ["fixing_share", "accuracy", "retractions", "retractions_per_review"],
    "reopen": ["reopened_time"], "follow": ["contact_again", "people"],
    "stock": ["open_jobs", "old_jobs", "detailed_share"],
    "all_open": ["job_time"], "one_row": ["job_time"], "skewed": ["job_time"],
    "ripe_now": ["job_time"],
    "ripe_soon": ["job_time"], "maintained": ["between_failures", "availability"],
    "sound": ["between_failures"], "spread": ["between_failures"],
    "crowded": ["between_failures"], "linked": ["change_fail_rate"],
    "disorder": [
        "job_time", "reopened_time", "between_failures", "availability", "attainment", "people",
        "change_fail_rate", "rework_rate", "fixing_share", "contact_again", "open_jobs", "old_jobs",
        "detailed_share", "found_by_users", "lead_time",
    ],
}  # fmt: skip


def task_type(name: str, start: str, finish: str, **more: object) -> Row:
    """Return a registry row of a task type that is matched by subject."""
    return {"task_type_id": name, "task_name": name, "start_event_type": start,
            "finish_event_type": finish, "match_key": "subject", **more}  # fmt: skip


def registry() -> Registry:
    """Return the registry rows by table."""
    columns = ("measure_id", "dimension", "operator", "value")
    filters = [*FILTERS, *golden_usage.FILTERS, *golden_people.FILTERS]
    return {
        "settings": [
            {"setting": "rollback_window_days", "value": "3"},
            {"setting": "devops_activity_limit", "value": "3"},
            {"setting": "departure_event_type", "value": "employee.left"},
        ],
        "sources": [
            {"source_id": name, "product_id": name, "observed_until": end}
            for part in (ENDS, *(other.ENDS for other in PARTS))
            for name, end in part.items()
        ],
        "task_types": [
            task_type("job", "job.started", "job.finished"),
            task_type("reopened_job", "job.started", "job.finished", reopen_window_days=2,
                      cancel_event_type="job.cancelled", reopen_event_type="job.reopened"),
            task_type("incident", "incident.detected", "incident.resolved"),
            *(task_type(*row) for row in golden_people.TASK_TYPES),
        ],
        "measures": MEASURES + golden_usage.MEASURES + golden_people.MEASURES,
        "measure_filters": [dict(zip(columns, row, strict=True)) for row in filters],
        "metrics": METRICS + golden_usage.METRICS + golden_people.METRICS,
        "watched_metrics": [
            {"product_id": product, "metric_id": name}
            for part in (WATCHED, *(other.WATCHED for other in PARTS))
            for product, names in part.items()
            for name in names
        ],
        "kpis": [{"kpi_id": "paying", "product_id": "daily", "metric_id": "payment_failures"}],
        "tripwires": [
            {"tripwire_id": name, "kpi_id": "paying", "metric_id": "payment_failures",
             "operator": ">", "threshold": threshold, "minimum_n": least, "grain": grain}
            for name, threshold, least, grain in TRIPWIRES
        ],
        **golden_usage.TABLES,
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
