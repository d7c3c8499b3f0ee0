"""What is added to, delivery by delivery, is as computed at once: facts, values, instruments."""

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import dbt_runner, gone, increment
from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.load.loaders import load_landing, show_all_events, show_new_events
from orchestration.workspace import Workspace
from tests.oracles.golden import measure, ratio
from tests.oracles.golden_registry import task_type
from tests.oracles.warehouse import Registry, write_registry
from tests.properties.conftest import SELECTED
from tests.properties.draw import BASE, scenarios
from tests.properties.registry import registry

PRODUCTS = [f"s{number:02d}" for number in range(6)]
AS_OF = [BASE + timedelta(**by) for by in (
    {"weeks": 2, "hours": 30}, {"weeks": 4, "hours": 2}, {"weeks": 9}, {"weeks": 9, "hours": 1},
)]  # fmt: skip
"""As-of of each delivery; between the second and the third little but time passes."""
SCOPES = ("%\\_changed", "%\\_left", "int\\_events\\_hot")
"""Tables that say what an increment touches: there is none where everything is computed."""
DISPLACED = """(
    select * from intake.int_events_classified
    where classification = 'duplicate' and file_id not in (select file_id from built.new_files)
)"""
"""Stored events that became copies of what came last."""
Event = dict[str, Any]


def facts() -> Registry:
    """The registry of the drawn products, with a measure that asks what else was open.

    And with jobs told apart by what they are done for, and a funnel of the same events.
    """
    tables = dict(registry(PRODUCTS))
    tables["measures"] = [*tables["measures"], measure("uses_at_work", "event", "tool.used")]
    tables["measure_filters"] = [
        *tables["measure_filters"],
        {"measure_id": "uses_at_work", "dimension": "open:job", "operator": "=", "value": "true"},
    ]
    tables["metrics"] = [*tables["metrics"], ratio("at_work", "proportion", "uses_at_work", "uses")]
    tables["task_types"] = [
        *tables["task_types"],
        task_type("errands", "job.started", "job.finished", match_key="correlation"),
    ]
    tables["funnels"] = [
        *tables["funnels"],
        *(
            {"funnel_id": f"{product}.jobs", "product_id": product, "step_number": number,
             "event_type": kind, "window_hours": 240, "match_key": "subject"}
            for product in PRODUCTS
            for number, kind in enumerate(("job.started", "job.finished"), start=1)
        ),
    ]  # fmt: skip
    tables["watched_metrics"] = [
        *tables["watched_metrics"],
        *({"product_id": product, "metric_id": "at_work"} for product in PRODUCTS),
    ]
    return tables


def deliveries() -> list[list[Event]]:
    """What comes with each delivery: in time, late by weeks, again, otherwise, and instead."""
    rng = random.Random(4)
    parts: list[list[Event]] = [[] for _ in AS_OF]
    for product, scenario in zip(PRODUCTS, scenarios(len(PRODUCTS)), strict=True):
        for number, drawn in enumerate(scenario):
            event = drawn.attributes(number, f"urn:{product}")
            event["correlationid"] = f"c{number % 3}"
            if rng.random() < 0.1:
                part = rng.choice([1, 3])
                event["receivedtime"] = f"{AS_OF[part - 1].isoformat()}Z"
            else:
                part = int(event["receivedtime"] > AS_OF[0].isoformat())
            parts[part].append(event)
    # one product alone hears anything at all while time passes
    parts[2] = [event for event in parts[1] if event["source"] == "urn:s00"][:1]
    parts[2] = [event | {"id": f"{event['id']}-new"} for event in parts[2]]
    for number, event in enumerate(rng.sample(parts[0], 40)):
        parts[3] += [
            # received before what is stored, which becomes a copy of something else; by less than
            # the day by which a time may lie in the future
            event | {"receivedtime": _earlier(event, hours=20), "subject": f"s{number % 4}"},
            event | {"id": f"{event['id']}-moved", "time": _earlier(event, days=9)},
            event
            | {"receivedtime": _earlier(event, days=9), "time": _earlier(event, days=9, hours=-3)},
            event | {"receivedtime": _earlier(event, hours=20), "type": "employee.left"},
        ][number % 4 :: 4]
    return parts


def _earlier(event: Event, **by: int) -> str:
    return f"{(datetime.fromisoformat(event['time'][:-1]) - timedelta(**by)).isoformat()}Z"


def run(workspace: Workspace, as_of: datetime, files: dict[str, Sequence[Event]]) -> bool:
    """Land files and bring the models up to date; tell whether by an increment."""
    for name, events in files.items():
        path = workspace.landing / "cloudevents" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(event) + "\n" for event in events))
    is_first = not workspace.database.is_file()
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    load_landing(workspace.database, workspace.landing, PROJECT, None)
    with duckdb.connect(str(workspace.database)) as connection:
        if is_first:
            write_registry(connection, facts(), as_of)
            connection.execute(
                "create table registry.contract_properties (source_id varchar, event_type varchar, "
                "property varchar, property_kind varchar, is_required boolean)"
            )
            connection.execute("create schema state")
            connection.execute("create table state.publications (run_id varchar)")
            gone.prepare(connection)
        connection.execute("update registry.run_context set as_of_at = ?", [as_of])
    if is_first:
        raise_failures(run_dbt(workspace, ["seed"]), workspace)
    plan = increment.plan_run(workspace.database, "", as_of)
    if plan.is_increment:
        show_new_events(workspace.database, workspace.landing)
    increment.start(workspace.database)
    selected = [*SELECTED, "fqn:steelyard.instruments"]
    raise_failures(run_dbt(workspace, ["run", "--select", *selected]), workspace)
    increment.finish(workspace.database)
    show_all_events(workspace.database, workspace.landing)
    return plan.is_increment


def differences(left: Path, right: Path) -> dict[str, list[tuple]]:
    """Rows of facts, values and instruments that only one of two warehouses has, by table."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as a (read_only); attach '{right}' as b (read_only)")
        scopes = " or ".join(f"table_name like '{scope}' escape '\\'" for scope in SCOPES)
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'b'"
            " and schema_name in ('core', 'metrics', 'instruments')"
            f" and not ({scopes}) order by 1"
        ).fetchall()
        assert len(tables) > 90 and ("instruments.int_instrument_statistics",) in tables
        for (table,) in tables:
            one, other = f"(from a.{table})", f"(from b.{table})"
            rows = connection.execute(
                f"({one} except all {other}) union all ({other} except all {one})"
            ).fetchall()
            if rows:
                found[table] = rows[:4]
    return found


def counted(database: Path, table: str) -> int:
    """Rows of a table."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"select count(*) from {table}").fetchall()[0][0]


def test_what_is_added_to_equals_what_is_computed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = dbt_runner._invoke

    def counting(workspace: Workspace, *rest: Any) -> Any:
        asked.append(workspace.home.name)
        return ask(workspace, *rest)

    monkeypatch.setattr(dbt_runner, "_invoke", counting)
    parts = deliveries()
    added = Workspace(tmp_path / "added")
    for number, (as_of, part) in enumerate(zip(AS_OF, parts, strict=True)):
        asked.clear()
        assert run(added, as_of, {str(number): part}) == (number > 0)
        # from the second increment on, what dbt sent for the first is sent again without it
        assert not (number > 1 and asked)
        # what went wrong in the second would still be there after the third
        if number < 2:
            continue
        periods = counted(added.database, "metrics.int_metric_sums")
        touched = counted(added.database, "metrics.int_metric_periods_changed")
        assert 0 < touched < periods, "where all is computed anew, nothing is proved"
        if number == len(parts) - 1:
            assert counted(added.database, DISPLACED), "nothing stored was told otherwise"
        at_once = Workspace(tmp_path / f"at_once_{number}")
        told = {str(earlier): parts[earlier] for earlier in range(number + 1)}
        assert not run(at_once, as_of, told)
        assert not differences(added.database, at_once.database), f"delivery {number}"
