"""What the instruments find after increments is what they find when everything is computed."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.workspace import Workspace
from tests.intake import INTAKE, START, classify, event, lines, workspace_with

WEEKS = 9
PARTS = 3
SELECTED = [
    *INTAKE, "fqn:steelyard.instruments", "fct_lateness", "int_task_horizons",
    "int_match_values_changed", "int_source_event_weeks", "int_source_event_counts",
    "+int_tasks", "int_task_weeks_changed",
]  # fmt: skip
JUDGED_BY = {
    "int_instrument_starts_matched", "int_instrument_tasks_timed", "int_instrument_statistics",
    "int_instrument_sources_silent", "int_instrument_clocks_compared",
}  # fmt: skip
"""Some of what is compared: what rests on tasks and on the clock, and what all is judged by."""
REGISTRY = {
    "sources": [
        {"source_id": "urn:app", "connector": "cloudevents", "product_id": "website",
         "has_receive_clock": True, "lateness_hours": 5},
        {"source_id": "urn:lone", "connector": "cloudevents", "product_id": "website",
         "has_receive_clock": True},
        # observation ends within a day on which events come
        {"source_id": "urn:old", "connector": "cloudevents", "product_id": "portal",
         "has_receive_clock": True, "observed_until": START + timedelta(weeks=6, hours=3)},
    ],
    "tracking_plan": [
        {"source_id": "urn:*", "event_type": "page.drafted", "role": "start",
         "required_properties": "words;size"},
        {"source_id": "urn:*", "event_type": "page.read"},
    ],
    "task_types": [
        {"task_type_id": "writing", "start_event_type": "page.drafted",
         "finish_event_type": "page.published", "match_key": "subject"},
        {"task_type_id": "asking", "start_event_type": "page.read", "start_property": "step",
         "start_value": "a", "finish_event_type": "page.published", "match_key": "correlation"},
    ],
    "contract_properties": [
        {"source_id": "urn:app", "event_type": "page.read", "property": name,
         "property_kind": kind, "is_required": is_required}
        for name, kind, is_required in (("words", "number", False), ("size", "text", True))
    ],
    "metrics": [{"metric_id": f"m-{name}", "task_type_id": name, "tau_hours": 48}
                for name in ("writing", "asking")],
    "measures": [
        {"measure_id": "words", "item_kind": "event", "item_type": "page.read",
         "quantity": "words"},
        {"measure_id": "readers", "item_kind": "event", "item_type": "page.read",
         "aggregate": "distinct_people"},
    ],
    "excluded_accounts": [{"actor_id": "actor-3"}],
    "funnels": [
        {"funnel_id": name, "product_id": "website", "step_number": number, "event_type": kind,
         "window_hours": hours, "match_key": match, "step_property": key, "step_value": value}
        for name, match, hours, steps in (
            ("short", "subject", 30, (("page.drafted", None, None), ("page.published", None, None),
                                      ("page.read", None, None))),
            ("long", "actor", 400, (("page.read", "step", "a"), ("page.read", "step", "b"))),
        )
        for number, (kind, key, value) in enumerate(steps, 1)
    ],
}  # fmt: skip


def stamp(after: timedelta) -> str:
    """RFC 3339 text of an instant this long after the tests' start."""
    return (START + after).isoformat() + "Z"


def drawn(seed: int) -> list[dict[str, Any]]:
    """Events of some weeks: late, early, copied, without an actor, of robots, of no plan."""
    rng, other = random.Random(seed), random.Random(seed + 1)
    found = []
    for number in range(900):
        occurred = timedelta(seconds=rng.uniform(0, WEEKS * 7 * 86400))
        lag = timedelta(hours=rng.choice([-1, 0, 0, 1, 6, 90]) + rng.random())
        kind = rng.choice(["page.drafted", "page.published", "page.read", "page.read", "page.odd"])
        data = {"words": rng.choice([3, 4, 5, 900, "many"]), "step": rng.choice("abc"), "size": 1}
        if rng.random() < 0.2:
            del data[rng.choice(list(data))]
        found.append(event(
            number,
            source=rng.choice(["urn:cms", "urn:app", "urn:app", "urn:portal", "urn:old"]),
            type=kind,
            subject=f"page-{rng.randrange(60)}",
            actorid=rng.choice([None, "actor-3", *(f"actor-{n}" for n in range(6, 12))]),
            actorkind=rng.choice(["human", "human", "test", None]),
            time=stamp(occurred),
            receivedtime=stamp(occurred + lag),
            # numbers of several stretches, with gaps
            sequence=str(61 * number) if rng.random() < 0.1 else None,
            correlationid=other.choice([None, *(f"question-{n}" for n in range(40))]),
            isheartbeat=True if rng.random() < 0.05 else None,
            data=data,
        ))  # fmt: skip
    # a robot reads every page of a night, minute by minute
    found += [
        event(2000 + n, source="urn:app", type="page.read", actorid="robot",
              time=stamp(timedelta(days=16, hours=14, minutes=n)),
              receivedtime=stamp(timedelta(days=16, hours=15 + n % 9)), data={"agent": "my-bot/1"})
        for n in range(60)
    ]  # fmt: skip
    copies = [e | {"receivedtime": stamp(timedelta(days=rng.randrange(40)))}
              for e in rng.sample(found, 60)]  # fmt: skip
    changed = [e | {"subject": "other"} for e in rng.sample(found, 20)]
    # nothing of this source is received in its first days: it was filled from its past
    filled = timedelta(days=3)
    for one in [*found, *copies, *changed]:
        if one["source"] == "urn:app":
            one["receivedtime"] = max(one["receivedtime"], stamp(filled))
    # its draft, of the week before, comes in the last delivery
    published = event(
        3000, source="urn:app", subject="late", time=stamp(timedelta(days=21)),
        receivedtime=stamp(timedelta(days=21)),
    )  # fmt: skip
    return [*found, *copies, *changed, published]


LATE = [
    # earlier than anything of its funnels, and received before anything of its source
    event(
        3002, source="urn:app", type="page.drafted", subject="first",
        time=stamp(timedelta(days=-8)), receivedtime=stamp(timedelta(hours=1)),
    ),
    event(
        3001, source="urn:app", type="page.drafted", subject="late",
        time=stamp(timedelta(days=20, hours=12)), receivedtime=stamp(timedelta(weeks=WEEKS)),
    ),
]  # fmt: skip


def lone(number: int, kind: str, occurred: int, received: int) -> dict[str, Any]:
    """An event of a source that sends of one subject alone; days after the tests' start."""
    return event(
        number, source="urn:lone", type=kind, subject="lone",
        time=stamp(timedelta(days=occurred)), receivedtime=stamp(timedelta(days=received)),
    )  # fmt: skip


# a task that leaves the week in which it began, and the one in which it ended, to nobody
BEGUN = [lone(3100, "page.drafted", 15, 15), lone(3101, "page.published", 30, 30)]
MOVED = [lone(3102, "page.drafted", 8, 57), lone(3101, "page.published", 22, 29)]


def deliver(workspace: Workspace, part: int, events: list[dict[str, Any]]) -> bool:
    """Land one more file and bring the instruments up to date; tell whether by an increment."""
    if events:
        workspace_with(workspace.home, {f"cloudevents/{part}.jsonl": lines(events)})
    as_of_at = START + timedelta(weeks=WEEKS - PARTS + 1 + part, hours=2)
    return classify(workspace, None, REGISTRY, as_of_at, SELECTED).is_increment


def test_instruments_find_the_same_in_parts_as_at_once(tmp_path: Path) -> None:
    parts: list[list[dict[str, Any]]] = [[] for _ in range(PARTS)]
    for one in drawn(2):
        week = (one["receivedtime"] > stamp(timedelta(weeks=WEEKS - 2))) + (
            one["receivedtime"] > stamp(timedelta(weeks=WEEKS - 1))
        )
        parts[week].append(one)
    # copies of what is stored; not of the source of LATE, whose weeks are to be found by that
    parts[1] += [one for one in parts[0] if one["source"] == "urn:cms"][:2]
    for number, late in enumerate(LATE, 1):
        parts[number].append(late)
    parts[0] += BEGUN
    parts[2] += MOVED
    in_parts, at_once = Workspace(tmp_path / "in_parts"), Workspace(tmp_path / "at_once")
    for number, part in enumerate(parts):
        assert deliver(in_parts, number, part) == (number > 0)
        if number < PARTS - 1:
            workspace_with(at_once.home, {f"cloudevents/{number}.jsonl": lines(part)})
    assert not deliver(at_once, PARTS - 1, parts[-1])
    with duckdb.connect(str(in_parts.database), read_only=True) as connection:
        weeks = "select count(distinct week_start_date) from {}.int_{}"
        touched = connection.execute(weeks.format("intake", "source_weeks_changed")).fetchall()
        counted = connection.execute(weeks.format("instruments", "source_days_counted")).fetchall()
    assert touched < counted, "where every week is counted again, nothing is proved"
    differing = differences(in_parts.database, at_once.database)
    assert not differing


@pytest.mark.parametrize("heard", [[], [event(4000, source="urn:cms", type="page.read")]])
def test_instruments_find_the_same_where_little_but_time_passes(
    tmp_path: Path, heard: list[dict[str, Any]]
) -> None:
    told = [one for one in drawn(2) if one["receivedtime"] <= stamp(timedelta(weeks=WEEKS - 2))]
    # a week ahead: by the clock alone it is known and over in the second run
    told.append(event(4001, source="urn:app", type="page.read", time=stamp(timedelta(weeks=8)),
                      receivedtime=stamp(timedelta(weeks=8))))  # fmt: skip
    in_parts, at_once = Workspace(tmp_path / "in_parts"), Workspace(tmp_path / "at_once")
    assert not deliver(in_parts, 0, told)
    before = due_weeks(in_parts.database)
    assert deliver(in_parts, 4, heard)
    workspace_with(at_once.home, {"cloudevents/0.jsonl": lines(told)})
    assert not deliver(at_once, 4, heard)
    assert not differences(in_parts.database, at_once.database)
    assert due_weeks(in_parts.database) > before, "where nothing has become due, nothing is proved"


def due_weeks(database: Path) -> int:
    """Weeks of starts whose finishes were due, over all sources and types."""
    with duckdb.connect(str(database), read_only=True) as connection:
        (found,) = connection.execute(
            "select count(*) from instruments.int_instrument_starts_matched"
        ).fetchall()
    return found[0]


def differences(left: Path, right: Path) -> dict[str, list[tuple]]:
    """Rows of the instruments that only one of two warehouses has, by table."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as a (read_only); attach '{right}' as b (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'b' and schema_name in ('instruments', 'marts', 'metrics') "
            "and table_name not like '%_changed' order by 1"
        ).fetchall()
        names = {table.split(".")[1] for (table,) in tables}
        assert len(tables) > 20 and names >= JUDGED_BY
        for (table,) in tables:
            one, other = f"(from a.{table})", f"(from b.{table})"
            rows = connection.execute(
                f"({one} except all {other}) union all ({other} except all {one})"
            ).fetchall()
            if rows:
                found[table] = rows[:4]
    return found
