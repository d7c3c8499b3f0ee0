"""A workspace over generated tool events: a registry that fits them, and their envelopes."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from orchestration.registry.tables import schema
from orchestration.registry.template import DEFAULTS
from orchestration.workspace import Workspace

PRODUCTS = [f"product-{number:02d}" for number in range(40)]
# source, entity of its tasks, hours after which a task counts as not finished
TASKS = [
    ("cms", "article", 720),
    ("cicd", "change", 720),
    ("deploy", "release", 168),
    ("incident", "incident", 168),
    ("ticket", "ticket", 720),
]
STEPS = ["report_opened", "filter_applied", "drilled_down", "decision_made"]
# one source tells of many products, each event names its own
ENVELOPE = """
    '1.0' as specversion, event_id as id, source, entity_type || '.' || activity as type,
    entity_id as subject, timezone('UTC', occurred_at) as "time",
    timezone('UTC', received_at) as receivedtime, 'api' as ingresspath, actor_id as actorid,
    'human' as actorkind, product_id as productid, team_id as segmentid, properties as data
"""


def write_registry(workspace: Workspace, memory_gb: int = 4) -> None:
    """Write the products, sources, tasks and metrics of the generated events."""
    tables = {
        "settings": [{"setting": "memory_limit_gb", "value": str(memory_gb)}],
        "products": [
            {"product_id": p, "product_name": p, "owner_team": p, "org_level": "team"}
            for p in PRODUCTS
        ],
        "sources": [
            {"source_id": s, "connector": "cloudevents", "product_id": PRODUCTS[0],
             "source_name": s, "has_receive_clock": "true"}
            for s in ["bi", *(source for source, *_ in TASKS)]
        ],
        "tracking_plan": list(_plan()),
        "task_types": [
            {"task_type_id": entity, "task_name": entity, "match_key": "subject",
             "start_event_type": f"{entity}.started", "finish_event_type": f"{entity}.finished",
             "reopen_event_type": f"{entity}.reopened", "reopen_window_days": "14"}
            for _, entity, _ in TASKS
        ],
        "measures": [
            _count("reports_opened", "session.report_opened"),
            _count("decisions_made", "session.decision_made"),
        ],
        "metrics": list(_metrics()),
        "active_uses": [
            {"product_id": p, "event_type": f"session.{s}"}
            for p in PRODUCTS for s in [*STEPS, "page_viewed"]
        ],
        "funnels": [
            {"funnel_id": f"decision-{p}", "product_id": p, "step_number": str(number),
             "event_type": f"session.{step}", "window_hours": "24", "match_key": "subject"}
            for p in PRODUCTS for number, step in enumerate(STEPS, start=1)
        ],
        "watched_metrics": [
            {"product_id": p, "metric_id": m["metric_id"]} for p in PRODUCTS for m in _metrics()
        ],
    }  # fmt: skip
    workspace.seeds.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        fields = [field["name"] for field in schema(name)["fields"]]
        with (workspace.seeds / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    # without thresholds no check runs, and every number would be withheld
    shutil.copyfile(DEFAULTS / "check_thresholds.csv", workspace.seeds / "check_thresholds.csv")


def _plan() -> Iterable[dict[str, str]]:
    for step in [*STEPS, "page_viewed"]:
        yield {"source_id": "bi", "event_type": f"session.{step}", "trigger": step,
               "role": "measure"}  # fmt: skip
    for source, entity, _ in TASKS:
        for activity, role in [
            ("started", "start"), ("finished", "finish"), ("reopened", "reopen"),
            ("commented", "measure"), ("rolled_back", "measure"),
        ]:  # fmt: skip
            yield {"source_id": source, "event_type": f"{entity}.{activity}",
                   "trigger": activity, "role": role}  # fmt: skip


def _count(measure: str, event_type: str) -> dict[str, str]:
    return {"measure_id": measure, "description": measure, "item_kind": "event",
            "item_type": event_type, "aggregate": "count", "unit_key": "subject",
            "anchor": "occurred"}  # fmt: skip


def _metrics() -> Iterable[dict[str, str]]:
    shared = {"natural_period": "week", "metric_version": "1", "subject_kind": "system",
              "indicator_kind": "health"}  # fmt: skip
    for _, entity, tau in TASKS:
        yield shared | {
            "metric_id": f"time_of_{entity}", "metric_name": f"Time of a {entity}",
            "kind": "duration", "unit": "hours", "direction": "down", "task_type_id": entity,
            "tau_hours": str(tau), "definition": f"Hours from start to finish of a {entity}",
        }  # fmt: skip
    yield shared | {
        "metric_id": "decisions_per_report", "metric_name": "Decisions of a report",
        "kind": "ratio_of_sums", "unit": "decisions", "direction": "up",
        "numerator_measure_id": "decisions_made", "denominator_measure_id": "reports_opened",
        "definition": "Decisions made, for each report opened",
    }  # fmt: skip
    yield shared | {
        "metric_id": "daily_people", "metric_name": "Daily active people",
        "kind": "ratio_of_sums", "unit": "people", "direction": "up", "subject_kind": "person",
        "custom_model": "active_people", "custom_parameter": "day",
        "definition": "People on a day, the mean over the week",
    }  # fmt: skip
    yield shared | {
        "metric_id": "retention_week_1", "metric_name": "Retention in week 1",
        "kind": "proportion", "unit": "%", "direction": "up", "subject_kind": "person",
        "custom_model": "retention", "custom_parameter": "1",
        "definition": "People of a week's first use who came back in the next week",
    }  # fmt: skip


def land(generated: Path, workspace: Workspace, days: Sequence[str]) -> None:
    """Write the envelopes of these received days (`YYYY-MM-DD`), one Parquet file a day."""
    folder = workspace.landing / "cloudevents"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for day in days:
            connection.execute(
                f"copy (select {ENVELOPE} from read_parquet('{generated}/dt={day}/*.parquet')) "
                f"to '{folder}/{day}.parquet' (format parquet, compression zstd)"
            )


def land_json_lines(generated: Path, workspace: Workspace, days: Sequence[str]) -> None:
    """Write the same as JSON Lines, instants as RFC 3339 texts, broken JSON as a text."""
    folder = workspace.landing / "cloudevents"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for day in days:
            connection.execute(
                "copy (select to_json(e) as line from (select * replace ("
                'strftime("time", \'%Y-%m-%dT%H:%M:%S.%fZ\') as "time", '
                "strftime(receivedtime, '%Y-%m-%dT%H:%M:%S.%fZ') as receivedtime, "
                "case when json_valid(data) then data::json else to_json(data) end as data) "
                f"from (select {ENVELOPE} from read_parquet('{generated}/dt={day}/*.parquet'))) e) "
                f"to '{folder}/{day}.jsonl' "
                "(format csv, header false, delimiter e'\\x01', quote '', escape '')"
            )
