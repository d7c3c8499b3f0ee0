"""In an increment, what finds faults in instruments looks at what it is to count again alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from tests.sql import PROJECT, environment

GROWING = {
    "int_events", "int_events_known", "int_events_classified", "int_tasks", "int_task_facts",
    "int_instrument_finishes_paired", "int_source_lags_kept",
}  # fmt: skip
"""Tables and views that have about as many rows as events or tasks were ever stored."""
FOLDERS = ("instruments", "intake", "marts/guard")
BESIDE = (
    "int_source_event_weeks", "int_source_event_counts", "int_evidence_wanted",
    "int_evidence_weeks_changed", "int_evidence_places", "int_task_weeks_left",
    "int_task_weeks_changed", "int_tasks_left",
)  # fmt: skip
"""What these folders read of others that is made of events, but for tasks and metrics."""
EXCEPTIONS = {
    "int_events_known": "a view, without a selection of its own",
    "int_events_changed": "files stored long ago, of which something is known by now only",
    "int_events_lost": "the ids of what was taken away, to see what has come again",
    "int_source_weeks_seen": "the day of the as-of instant alone, for events that are ahead of it",
    "int_lag_bins_changed": "names of bins that lags are kept of, of which there are few",
    "int_source_lag_percentiles": "lags of the few bins that a percentile lies in, to find it",
    "int_evidence_wanted": "the ids of tasks, for those that findings name",
}
"""Models that look further than at what changed, and why."""
Node = dict[str, Any]


def models() -> list[str]:
    """Return the names of all models that are the guard's or the intake's."""
    paths = [path for folder in FOLDERS for path in (PROJECT / "models" / folder).glob("*.sql")]
    return sorted({path.stem for path in paths} | set(BESIDE))


@pytest.fixture
def in_increment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let models render as they add to what is there."""
    known = environment(is_increment=True).globals
    relations = {
        "is_left_by_earlier_runs": lambda _relation: True,
        "left_by_earlier_runs": lambda schema, model: Named(schema, model),
    }
    for name, value in relations.items():
        monkeypatch.setitem(known, name, value)


class Named(SimpleNamespace):
    """A table as dbt's relations name it."""

    def __init__(self, schema: str, identifier: str) -> None:
        super().__init__(schema=schema, identifier=identifier)

    def __str__(self) -> str:
        return f"{self.schema}.{self.identifier}"


def tree(name: str) -> Node:
    """Return the syntax tree of what a model computes in an increment."""
    (path,) = PROJECT.glob(f"models/**/{name}.sql")
    return parsed(rendered(path))


def rendered(path: Path) -> str:
    model = environment(is_increment=True).from_string(path.read_text())
    this = environment(is_increment=True).globals["ref"](path.stem)
    return model.render(config=lambda **_: "", this=this)


def parsed(sql: str) -> Node:
    with duckdb.connect() as connection:
        found = connection.execute("select json_serialize_sql(?)", [sql]).fetchall()
    node = json.loads(found[0][0])
    assert not node["error"], node
    return node


def nodes(of: Any) -> Iterator[Node]:
    """Yield all objects of a syntax tree."""
    if isinstance(of, dict):
        yield of
        for part in of.values():
            yield from nodes(part)
    elif isinstance(of, list):
        for part in of:
            yield from nodes(part)


def tables(of: Any) -> set[str]:
    """Return the names of all tables and common table expressions that are read."""
    return {node["table_name"] for node in nodes(of) if node.get("type") == "BASE_TABLE"}


def held_to(source: Node) -> set[str]:
    """Return the tables that what is selected from must be in; an outer join holds nothing."""
    if source.get("type") != "JOIN":
        return tables(source)
    left, right = held_to(source["left"]), held_to(source["right"])
    return {"INNER": left | right, "LEFT": left, "RIGHT": right}.get(source["join_type"], set())


def asked_for(condition: Node | None) -> set[str]:
    """Return the tables that every row must be in: by an `in`, not denied and not one of two."""
    if not condition:
        return set()
    if condition["type"] == "CONJUNCTION_AND":
        return set().union(*(asked_for(part) for part in condition["children"]))
    is_asked = (
        condition.get("subquery_type") == "ANY" and condition["comparison_type"] == "COMPARE_EQUAL"
    )
    return tables(condition["subquery"]) if is_asked else set()


def expressions(of: Node) -> dict[str, Node]:
    """Return the common table expressions of a whole query by name."""
    return {
        entry["key"]: entry["value"]
        for node in nodes(of)
        for entry in node.get("cte_map", {}).get("map", [])
    }


def unrestricted(query: Node) -> set[str]:
    """Return which growing tables are read by a selection that isn't held to what changed."""
    named = expressions(query)

    def is_scope(name: str) -> bool:
        if name in named:
            return any(is_scope(table) for table in tables(named[name]) - {name})
        return name.endswith("_changed") or name in ("new_files", "int_events_checked")

    found = set()
    for node in nodes(query):
        if node.get("type") != "SELECT_NODE":
            continue
        read = tables(node["from_table"])
        asked = asked_for(node["where_clause"]) | (held_to(node["from_table"]) - GROWING)
        if not any(is_scope(table) for table in asked):
            found |= read & GROWING
    return found


@pytest.mark.usefixtures("in_increment")
@pytest.mark.parametrize("name", models())
def test_no_model_of_the_guard_reads_all_that_grows_in_an_increment(name: str) -> None:
    found = unrestricted(tree(name))
    assert bool(found) == (name in EXCEPTIONS), found


@pytest.mark.parametrize(
    ("sql", "is_found"),
    [
        ("select count(*) from intake.int_events_known", True),
        ("with e as (select * from core.int_events) select * from e", True),
        ("select * from a union all select * from core.int_events join b using (x)", True),
        ("select * from core.int_events where x in (select x from s.int_weeks_changed)", False),
        ("with w as (select x from s.int_weeks_changed) select * from core.int_events "
         "join w using (x)", False),
        ("with w as (select x from s.int_weeks) select * from core.int_events join w using (x)",
         True),
        ("select * from core.int_events left join s.int_weeks_changed using (x)", True),
        ("select * from core.int_events where x not in (select x from s.int_weeks_changed)", True),
        ("select * from core.int_events where x in (select x from s.int_weeks_changed) or y > 0",
         True),
        ("select * from core.int_events where exists (select 1 from s.int_weeks_changed)", True),
        ("select * from core.int_events where y > 0 and (x, z) in (select x, z from s.int_changed)",
         False),
        ("select * from s.int_weeks", False),
        ("select count(*) from core.int_tasks group by week", True),
        ("select count(*) from core.int_tasks where week in (select week from s.int_changed)",
         False),
    ],
)  # fmt: skip
def test_a_selection_that_nothing_holds_to_what_changed_is_found(sql: str, is_found: bool) -> None:
    assert bool(unrestricted(parsed(sql))) == is_found
