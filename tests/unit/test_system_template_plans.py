"""A template plans what its own metrics read; what nothing reads yet is planned with that word."""

from collections import defaultdict

import pytest

from orchestration.registry.rules import split
from orchestration.registry.system_templates import (
    SEEDS,
    Tables,
    _pooled,
    _read,
    chosen_systems,
    systems,
    template_rows,
)

UNREAD = "; no metric reads it yet"

OF_ITEMS = {
    "release": "release.published release.rolled_back devops_activity.logged coverage.measured",
    "deployment": "service.deployed incident.started incident.resolved",
    "change": "change.landed service.deployed",
    "outage": "incident.started incident.resolved",
    "iteration_item": "iteration.started iteration.ended workitem.committed workitem.withdrawn "
    "workitem.delivered workitem.completed",
}
"""Events that items of a kind are made of."""
OF_CUSTOM_METRICS = {"forecast_error": {"forecast.made", "actual.observed"}}


def events_of_task(rows: Tables, task_type: str) -> set[str]:
    """All events that a task of a type can be ended, begun or held by."""
    return {
        value
        for row in rows["task_types"]
        if row["task_type_id"] == task_type
        for column, value in row.items()
        if column.endswith("_event_type") and value
    }


def read_by(rows: Tables) -> set[str]:
    """Event types that a metric, a diagnostic or a rule on people of these rows is made of."""
    found: set[str] = set()
    for row in [*rows["measures"], *rows["diagnostics"]]:
        kind, item_type = row["item_kind"], row["item_type"]
        if kind == "task":
            found |= events_of_task(rows, item_type)
        found |= set(split(item_type)) if kind in ("event", "session") else set()
        found |= set(OF_ITEMS.get(kind, "").split()) | {row.get("followed_by_event_type", "")}
    custom = {row.get("custom_model", "") for row in rows["metrics"]}
    parameters = {row.get("custom_parameter", "") for row in rows["metrics"]}
    for row in rows["metrics"]:
        found |= events_of_task(rows, row["task_type_id"])
        found |= OF_CUSTOM_METRICS.get(row.get("custom_model", ""), set())
    if "reliability" in {row["kind"] for row in rows["metrics"]}:
        found |= set(OF_ITEMS["outage"].split())
    if custom & {"active_people", "churn", "retention", "stickiness"}:
        found |= {row["event_type"] for row in rows["active_uses"]}
    for name, key in (
        ("activations", "activation_id"),
        ("funnels", "funnel_id"),
        ("people_limits", "limit_id"),
    ):
        for row in rows[name]:
            if row[key] in parameters:
                found |= {row["event_type"], row.get("start_event_type", "")}
    return found


@pytest.mark.parametrize("template", systems())
def test_each_planned_event_is_read_or_says_that_it_is_not(template: str) -> None:
    rows = template_rows(chosen_systems(template))
    read = read_by(rows)
    unread = {
        row["event_type"]: row["trigger"]
        for row in rows["tracking_plan"]
        if row["event_type"] not in read and row["role"] not in ("heartbeat", "ignored")
    }
    silent = {name for name, trigger in unread.items() if not trigger.endswith(UNREAD)}
    assert not silent
    marked = {r["event_type"] for r in rows["tracking_plan"] if r["trigger"].endswith(UNREAD)}
    assert marked == set(unread)


@pytest.mark.parametrize("template", systems())
def test_each_source_sends_something(template: str) -> None:
    rows = template_rows(chosen_systems(template))
    senders = {row["source_id"] for row in rows["tracking_plan"]}
    assert {row["source_id"] for row in rows["sources"]} == senders


def test_a_template_brings_no_work_of_those_who_build_its_system() -> None:
    payroll = template_rows(chosen_systems("payroll"))
    planned = {row["event_type"].split(".")[0] for row in payroll["tracking_plan"]}
    assert planned == {"payroll_run", "payslip", "task"}
    catalogue = template_rows(chosen_systems("data_catalogue"))
    assert not [row for row in catalogue["tracking_plan"] if "workitem" in row["event_type"]]


def test_what_one_of_two_chosen_systems_needs_is_there_for_both() -> None:
    def planned(names: str) -> set[str]:
        return {row["event_type"] for row in template_rows(chosen_systems(names))["tracking_plan"]}

    assert "release.published" not in planned("rollback")
    assert "rollback.started" not in planned("release")
    assert {"release.published", "rollback.started"} <= planned("rollback,release")


def test_each_name_that_is_left_out_is_one_that_there_is() -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for name in ("watched_metrics", "sources", "tracking_plan", "diagnostics"):
        for row in _pooled(name):
            for column, value in row.items():
                named[column].add(value)
    for row in _read(SEEDS / "templates" / "left_out.csv"):
        assert row["template"] in systems()
        assert row["value"] in named[row["column"]], row["value"]
