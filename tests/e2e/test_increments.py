"""Deliveries that are added end in what computing everything would have given, in every table."""

import json
import random
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import dbt_runner
from orchestration.defs.conclude import gate
from orchestration.defs.publish.publish import PAGES, publish
from orchestration.refresh import refresh
from orchestration.workspace import Workspace
from tests.engines.compare import differences

TASKS = "select count(*) from marts.fct_tasks"


def delivery(landing: Path, as_of_at: datetime) -> str:
    """Lines made of 600 that lie there already, of any age: told again, changed, late and new."""
    rng = random.Random(11)
    told = [
        event
        for path in sorted((landing / "cloudevents").rglob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if (event := _event(line)) is not None
    ]
    received = _received(as_of_at, 20)
    lines: list[dict[str, Any]] = []
    for number, event in enumerate(rng.sample(told, 600)):
        again = event | {"receivedtime": received}
        new = again | {"id": f"{event['id']}-later"}
        lines += [
            # redelivered, and once more received before everything else
            again if number % 2 else again | {"receivedtime": _moved(event["time"], hours=-20)},
            # the same id says something else
            again | {"data": {"said": "otherwise"}},
            # on another path a second later: a double
            new | {"ingresspath": "webhook", "time": _moved(event["time"], seconds=1)},
            # more of what it belongs to: starts and ends anew, other days and weeks
            new | {"id": f"{event['id']}-moved", "time": _moved(event["time"], days=-9)},
            # something else altogether
            new | {"id": f"{event['id']}-new", "subject": f"{event['subject']}-new"},
        ][number % 5 :: 5]
    return "".join(json.dumps(line) + "\n" for line in lines) + "no event\n"


def _received(as_of_at: datetime, hours: int) -> str:
    return (as_of_at + timedelta(hours=hours)).isoformat() + "Z"


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    wanted = ("id", "source", "type", "subject", "time", "receivedtime", "ingresspath")
    is_whole = isinstance(event, dict) and all(isinstance(event.get(n), str) for n in wanted)
    return event if is_whole and _moved(event["time"]) else None


def _moved(instant: str, **by: int) -> str:
    try:
        moved = datetime.fromisoformat(instant) + timedelta(**by)
    except ValueError:
        return ""
    return moved.isoformat()


def test_deliveries_added_to_the_sample_change_what_a_rebuild_would(
    published_sample: Workspace,
    sample_copy: Callable[[], Workspace],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = sample_copy()
    rebuilt = Workspace(tmp_path / "rebuilt")
    shutil.copytree(published_sample.home, rebuilt.home)
    with duckdb.connect(str(added.database), read_only=True) as connection:
        as_of_at = connection.execute("select as_of_at from registry.run_context").fetchall()[0][0]
    lines = delivery(added.landing, as_of_at).splitlines(keepends=True)
    # time passes between the two: the second is received an hour after the first
    later = [line.replace(_received(as_of_at, 20), _received(as_of_at, 21)) for line in lines[1::2]]

    asked: list[Path] = []
    ask = dbt_runner._invoke

    def counting(workspace: Workspace, *rest: Any) -> Any:
        asked.append(workspace.home)
        return ask(workspace, *rest)

    monkeypatch.setattr(dbt_runner, "_invoke", counting)
    # tasks are judged by month, and published from the first week on that changed
    monkeypatch.setattr(gate, "MOST_ROWS", 5_000)
    monkeypatch.setitem(publish.__globals__, "LARGE", 5_000)
    renew, renewed = publish.__globals__["_renew_table"], []
    monkeypatch.setitem(
        publish.__globals__, "_renew_table", lambda *given: renewed.append(1) or renew(*given)
    )
    for number, told in enumerate((lines[::2], later)):
        asked.clear()
        for workspace in (added, rebuilt):
            path = workspace.landing / "cloudevents" / "later" / f"delivery-{number}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(told), encoding="utf-8")
        refresh(added)
        # at the same instants: limits tell when they were decided
        refresh(rebuilt, is_forced=True)
        with duckdb.connect(str(added.database), read_only=True) as connection:
            for table in ("intake.int_events_changed", "intake.int_events_rejudged"):
                assert connection.execute(f"select count(*) from {table}").fetchall()[0][0] > 100
    # the increments alone
    assert len(renewed) == 2
    # models, their tests and the marts were sent again without dbt
    assert added.home not in asked
    with duckdb.connect(str(rebuilt.database), read_only=True) as connection:
        assert connection.execute("from intake.int_events_changed").fetchall() == []
    ours, theirs, before = (
        workspace.publish / "marts.duckdb" for workspace in (added, rebuilt, published_sample)
    )
    assert differences(ours, theirs) == []
    with duckdb.connect(str(added.database), read_only=True) as connection:
        assert connection.execute("select count(*) > 3 from built.promises").fetchall() == [(True,)]
        assert connection.execute(TASKS).fetchall()[0][0] > 5_000
    # the delivery matters: most tables of figures say something else than before
    assert len(differences(ours, before)) > 15
    for page in PAGES:
        ours_page, theirs_page = (w.publish / page for w in (added, rebuilt))
        assert ours_page.read_bytes() == theirs_page.read_bytes(), page
