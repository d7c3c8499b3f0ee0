"""Each connector's quirks, on small exports made here; the real ones are in tests/real."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.load.manifest import raw_tables
from orchestration.real import SEEDS
from orchestration.registry.template import copy_registry
from orchestration.run import begin
from orchestration.workspace import Workspace

Events = Callable[..., list[tuple]]
MANY = [f"content/{number}.md" for number in range(20)]


def export(table: str, *rows: dict[str, Any]) -> bytes:
    """A CSV export with the header that the connector's YAML declares; absent columns are blank."""
    declared = next(t for t in raw_tables(PROJECT) if t.name == table)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(declared.header)
    writer.writerows([[row.get(column, "") for column in declared.columns] for row in rows])
    return gzip.compress(text.getvalue().encode())


def tag(app: str, old: str, new: str, **more: str) -> dict[str, Any]:
    """A row of the GitOps export: a modified file in production, 9:00 in London's summer time."""
    return {
        "sha": f"c-{app}",
        "committed_at": "2024-05-06T10:00:00+01:00",
        "actor_is_bot": "1",
        "environment": "production",
        "app": app,
        "change_type": "modify",
        "old_image_tag": old,
        "new_image_tag": new,
    } | more


def ticket(number: str, state: str, updated: str, **more: object) -> dict[str, Any]:
    """A row of the ServiceNow log; the times of the end of its life are on each row."""
    return {
        "number": number,
        "ident_state": state,
        "reopen_count": 0,
        "reassignment_count": 0,
        "sys_mod_count": 0,
        "made_sla": "true",
        "opened_at": "6/5/2024 09:00",
        "resolved_at": "7/5/2024 10:00",
        "sys_updated_at": updated,
    } | more


def incident(name: str, impact: str, *updates: tuple[str, str]) -> str:
    """A line of the status page's export."""
    nested = [{"at": f"2024-05-06T{at}:00Z", "status": status} for at, status in updates]
    return json.dumps({"id": name, "impact": impact, "updates": nested})


def content(sha: str, path: str, action: str, landed: str, **more: str) -> dict[str, Any]:
    """A row of the site's export, authored an hour before it landed."""
    slug = path.removesuffix(".md").rpartition("/")[2]
    return {
        "sha": sha,
        "authored_at": f"2024-05-{landed}T08:00:00+00:00",
        "landed_at": f"2024-05-{landed}T09:00:00+00:00",
        "action": action,
        "section": "post",
        "slug": slug,
        "path": path,
    } | more


def namespace(sha: str, name: str, said: str, hour: int, **more: str) -> dict[str, Any]:
    """A row of the platform's export."""
    return {
        "sha": sha,
        "user_hash": "ada",
        "is_bot": "0",
        "committed_at": f"2024-05-06T{hour:02}:00:00+00:00",
        "cluster": "one",
        "namespace": name,
        "namespace_event": said,
    } | more


EXPORTS = {
    "gitops/image_tag_changes.csv.gz": export(
        "gitops__image_tag_changes",
        tag("replaced", "v1", "v2"),
        tag("split", "", "v7", change_type="create"),
        tag("pinned", "v3", "v4", new_promote_deployment="false"),
        tag("untouched", "v5", "v5"),
        tag("timeless", "v1", "v2", committed_at="yesterday"),
    ),
    "git/one__commits.csv.gz": export(
        "git__commits",
        {"repo": "Acme/shop", "sha": "a", "landed_at": "2024-05-06T10:00:00+01:00"},
        {"repo": "local/shop", "sha": "a", "landed_at": "2024-05-06T10:00:00+01:00"},
    ),
    "servicenow/incident_event_log.csv.gz": export(
        "servicenow__incident_updates",
        ticket("back", "New", "6/5/2024 09:05"),
        ticket("back", "Resolved", "6/5/2024 10:00", sys_mod_count=1),
        ticket("back", "Active", "7/5/2024 09:00", sys_mod_count=2, reopen_count=1),
        ticket("back", "Resolved", "7/5/2024 09:30", sys_mod_count=3, reopen_count=1),
        ticket("back", "Resolved", "7/5/2024 10:00", sys_mod_count=4, reopen_count=1),
        ticket("back", "Closed", "9/5/2024 10:00", sys_mod_count=5, reopen_count=1),
        ticket("at once", "Resolved", "6/5/2024 09:00", resolved_at="?"),
        ticket("dropped", "New", "6/5/2024 09:10", resolved_at="?"),
        ticket("dropped", "Closed", "8/5/2024 09:10", resolved_at="?", sys_mod_count=1),
    ),
    "statuspage/incidents.jsonl": "\n".join(
        [
            incident("outage", "major", ("09:00", "Investigating"), ("10:00", "Resolved")),
            incident("told late", "minor", ("11:00", "Resolved")),
            incident("planned", "maintenance", ("12:00", "Scheduled"), ("20:00", "Completed")),
            incident("twice", "minor", ("13:00", "Resolved"), ("14:00", "Resolved")),
            incident("blank", "minor"),
        ]
    ).encode(),
    "git_cms/content_events.csv.gz": export(
        "git_cms__content_events",
        content("s1", "posts/hello.md", "create", "01", slug_date="2024-22-23"),
        content("s2", "posts/hello.md", "update", "02"),
        *[content("s3", path, "rename", "03") for path in ["content/hello.md", *MANY]],
        content("s4", "content/hello.md", "delete", "04"),
    ),
    "idp/namespace_change_events.csv.gz": export(
        "idp__namespace_changes",
        namespace("n1", "shop", "created", 8),
        namespace("n2", "shop", "created", 9, cluster="two"),
        namespace("n3", "shop", "deleted", 10),
        namespace("n4", "shop", "deleted", 11, cluster="two", is_bot="1"),
        *[namespace("n5", f"app-{number}", "changed", 12) for number in range(10)],
    ),
    "metabase/task_history.csv.gz": export(
        "metabase__tasks",
        {
            "id": "1",
            "task": "sync",
            "started_at": "2024-05-06 09:00:00.5+00",
            "ended_at": "2024-05-06 09:00:02+00",
        },
        {"id": "2", "task": "sync-fks", "started_at": "2024-05-06 09:00:01+00"},
        {"id": "3", "task": "analyze", "started_at": "2024-05-06 10:00:00+00"},
    ),
    "metabase/query_execution.csv.gz": export(
        "metabase__query_executions",
        {"id": "1", "hash": "q", "started_at": "2024-05-06 09:00:00+00", "context": "ad-hoc"},
        {
            "id": "2",
            "card_id": "4",
            "started_at": "2024-05-06 09:00:00+00",
            "context": "public-question",
            "error": "no such column",
        },
    ),
}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """Events of a source with a subject: type, instant, and columns or properties asked for."""
    workspace = Workspace(tmp_path_factory.mktemp("connectors"))
    copy_registry(SEEDS, workspace)
    for path, exported in EXPORTS.items():
        target = workspace.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(exported)
    begin(workspace, as_of_at=None, connector=None)
    layers = [f"fqn:steelyard.{layer}" for layer in ("staging", "intake")]
    raise_failures(run_dbt(workspace, ["run", "--select", *layers]), workspace)
    connection = duckdb.connect(str(workspace.database), read_only=True)

    def of(connector: str, subject: str | None, *columns: str) -> list[tuple]:
        selected = ", ".join(["event_type", "strftime(occurred_at, '%d %H:%M')", *columns])
        return connection.execute(
            f"select {selected} from intake.int_events_classified where connector = ? "
            "and subject_id is not distinct from coalesce(?, subject_id) "
            "order by line_number, event_number",
            [connector, subject],
        ).fetchall()

    return of


def test_a_tag_that_replaces_another_is_a_deployment_in_utc(events: Events):
    assert events("gitops", "replaced", "environment", "actor_kind", "data->>'old_artifact'") == [
        ("service.deployed", "06 09:00", "production", "bot", "v1")
    ]


def test_a_first_tag_and_an_unchanged_one_deploy_nothing(events: Events):
    assert events("gitops", "split") == [("image_tag.declared", "06 09:00")]
    assert events("gitops", "untouched") == [("deployment_config.changed", "06 09:00")]


def test_a_row_that_deploys_and_pins_makes_two_events(events: Events):
    assert events("gitops", "pinned") == [
        ("service.deployed", "06 09:00"),
        ("deployment_pin.changed", "06 09:00"),
    ]


def test_an_unreadable_time_is_quarantined_with_its_reason(events: Events):
    assert events("gitops", "timeless", "classification", "reason") == [
        ("service.deployed", None, "quarantined", "unparsable_time")
    ]


def test_a_local_checkout_is_a_source_of_its_own(events: Events):
    # the registry of the real exports plans neither: what isn't planned is told, not dropped
    assert events("git", "a", "source_id", "reason", "data->>'service'") == [
        ("change.landed", "06 09:00", "git-acme", "unknown_source", "shop"),
        ("change.landed", "06 09:00", "git-checkout", "unknown_source", "shop"),
    ]


def test_a_tickets_end_is_known_when_its_update_comes(events: Events):
    known = [
        row
        for row in events("servicenow", "back", "strftime(received_at, '%d %H:%M')")
        if row[0] != "ticket.updated"
    ]
    assert known == [
        ("ticket.opened", "06 09:00", "06 09:05"),
        ("ticket.resolved", "06 10:00", "06 10:00"),
        ("ticket.reopened", "07 09:00", "07 09:00"),
        ("ticket.resolved", "07 10:00", "07 10:00"),
        ("ticket.closed", "09 10:00", "09 10:00"),
    ]


def test_a_ticket_written_down_as_resolved_has_no_clock(events: Events):
    assert events("servicenow", "at once") == [("ticket.resolved_on_entry", "06 09:00")]


def test_a_ticket_closed_and_never_resolved_is_cancelled(events: Events):
    assert [row[0] for row in events("servicenow", "dropped")] == [
        "ticket.opened",
        "ticket.cancelled",
        "ticket.closed",
    ]


def test_an_outage_ends_with_the_last_update_that_says_so(events: Events):
    assert events("statuspage", "outage") == [
        ("incident.detected", "06 09:00"),
        ("outage.reported", "06 09:00"),
        ("incident.resolved", "06 10:00"),
        ("outage.ended", "06 10:00"),
    ]
    assert events("statuspage", "twice")[-2:] == [
        ("incident.resolved", "06 14:00"),
        ("outage.ended", "06 14:00"),
    ]


def test_an_incident_told_late_is_detected_and_resolved_at_once(events: Events):
    assert {row[1] for row in events("statuspage", "told late")} == {"06 11:00"}
    assert len(events("statuspage", "told late")) == 4


def test_planned_maintenance_is_an_incident_and_no_outage(events: Events):
    assert events("statuspage", "planned", "data->>'maintenance'") == [
        ("incident.detected", "06 12:00", "true"),
        ("incident.resolved", "06 20:00", "true"),
    ]


def test_an_incident_without_updates_is_quarantined(events: Events):
    reasons = [row[2:] for row in events("statuspage", None, "classification", "line_number")]
    assert [line for told, line in reasons if told == "quarantined"] == [5]


def test_a_post_is_published_once_and_a_migration_publishes_nothing(events: Events):
    assert events("git_cms", "hello", "data->>'declared_date'") == [
        ("draft.created", "01 08:00", None),
        ("content.published", "01 09:00", None),
        ("content.updated", "02 09:00", None),
        ("content.migrated", "03 09:00", None),
        ("content.removed", "04 09:00", None),
    ]


def test_a_namespace_lives_from_its_first_copy_to_its_last(events: Events):
    assert events("idp", "shop", "actor_kind") == [
        ("namespace.created", "06 08:00", "human"),
        ("user.active", "06 08:00", "human"),
        ("namespace.moved", "06 09:00", "human"),
        ("user.active", "06 09:00", "human"),
        ("namespace.moved", "06 10:00", "human"),
        ("user.active", "06 10:00", "human"),
        ("namespace.deleted", "06 11:00", "bot"),
    ]


def test_a_commit_over_ten_namespaces_is_housekeeping(events: Events):
    assert events("idp", "app-3") == [("namespace.bulk_changed", "06 12:00")]


def test_a_background_task_without_an_end_is_open_and_a_step_is_no_run(events: Events):
    assert events("metabase", "task-1") == [
        ("pipeline_run.started", "06 09:00"),
        ("pipeline_run.finished", "06 09:00"),
    ]
    assert events("metabase", "task-2") == [("pipeline_step.ran", "06 09:00")]
    assert events("metabase", "task-3") == [("pipeline_run.started", "06 10:00")]


def test_a_query_through_a_public_link_reads_and_has_nobody_behind_it(events: Events):
    told = ("data->>'is_reading'", "data->>'is_failed'", "actor_kind")
    assert events("metabase", "card-4", *told) == [
        ("query.ran", "06 09:00", "true", "true", "unknown")
    ]
    assert events("metabase", "q", *told)[0][2:4] == ("false", "false")
