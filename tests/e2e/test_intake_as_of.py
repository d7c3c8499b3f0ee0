"""A reading as of an instant knows what had been received by then, and nothing later."""

from datetime import timedelta
from pathlib import Path

import duckdb

from orchestration.dbt_runner import run_dbt
from tests.intake import START, classify, event, instant, lines, rows, workspace_with

DAY = 86_400


def test_an_earlier_reading_does_not_see_what_was_received_after_it(tmp_path: Path) -> None:
    events = [
        event(1),
        event(2, receivedtime=instant(2 * DAY)),
        event(3, receivedtime=instant(2 * DAY + 1)),
        event(4, source="urn:portal", receivedtime=None, time=instant(2 * DAY)),
        event(5, source="urn:portal", receivedtime=None, time=instant(2 * DAY + 1)),
    ]
    workspace = workspace_with(tmp_path, {"cloudevents/a.jsonl": lines(events)})
    classify(workspace)
    known = "select event_id from intake.int_events_known order by event_id"
    assert rows(workspace, known) == [(f"event-{i}",) for i in range(1, 6)]

    with duckdb.connect(str(workspace.database)) as connection:
        at = START + timedelta(days=2)
        connection.execute("update registry.run_context set as_of_at = ?", [at])
    run_dbt(workspace, ["run", "--select", "fqn:steelyard.intake"])

    assert rows(workspace, known) == [("event-1",), ("event-2",), ("event-4",)]
    assert rows(
        workspace,
        "select line_count, accepted_line_count, is_balanced from intake.int_intake_reconciliation",
    ) == [(5, 5, True)]
