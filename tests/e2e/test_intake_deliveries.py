"""What came in several deliveries is what would have come in one."""

import gzip
from pathlib import Path

from tests.e2e.test_intake_duplicates import troubled_events
from tests.intake import classify, event, instant, lines, load, rows, workspace_with

TABLES = ["intake.int_events_classified", "intake.int_intake_reconciliation", "raw.rejected_lines"]
HEADER = b"repo,tag,tag_type,commit_sha,created_at,tagger_at,commit_committed_at,on_main_history\n"
TAG = b"local/x,%s,annotated,abc,2025-03-03T09:00:00+00:00,,,y\n"


def deliveries() -> list[dict[str, bytes | None]]:
    """Three deliveries: late, told again, in another order, replaced, taken back; None deletes."""
    events = troubled_events()
    late = event(900, time=instant(-86_400 * 300), receivedtime=instant(7200))
    return [
        {
            "cloudevents/a.jsonl": lines(events[:120]) + b"oops\n\n",
            "cloudevents/b.jsonl.gz": gzip.compress(lines(events[200:]), mtime=0),
            "cloudevents/gone.jsonl": lines([event(950)]),
            "git/x__tags.csv": HEADER + TAG % b"v1",
        },
        {
            "cloudevents/0-earlier-name.jsonl": lines([late, *events[60:200][::-1]]),
            "cloudevents/b.jsonl.gz": gzip.compress(lines(events[190:]) + b"[]\n", mtime=0),
            "git/y__tags.csv": HEADER + TAG % b"v2" + b"cut\n",
        },
        {
            "cloudevents/c.jsonl": lines(events[::3]),
            "cloudevents/gone.jsonl": None,
            "git/x__tags.csv": HEADER + TAG % b"v3",
            "cloudevents/cut.jsonl.gz": gzip.compress(lines([event(1)]))[:-4],
        },
    ]


def test_three_deliveries_end_in_what_one_would_have_given(tmp_path: Path) -> None:
    landed: dict[str, bytes] = {}
    for delivery in deliveries():
        workspace = workspace_with(tmp_path / "in_three", {k: v for k, v in delivery.items() if v})
        for path in (path for path, content in delivery.items() if content is None):
            (workspace.landing / path).unlink()
        load(workspace)
        landed |= delivery
    at_once = workspace_with(tmp_path / "at_once", {k: v for k, v in landed.items() if v})
    for one in (workspace, at_once):
        classify(one)

    for table in TABLES:
        ordered = f"select * from {table} order by all"
        assert rows(workspace, ordered) == rows(at_once, ordered), table
    assert rows(workspace, "select count(*) from raw.git__tags") == [(2,)]
    assert rows(workspace, "select count(*) > 200 from intake.int_events_classified") == [(True,)]
