"""What dbt sent once is sent again in order, whole or not at all, and only while nothing moved."""

import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.dbt_runner import PROJECT
from orchestration.resend import Node, Recorder, Statements, _places, send

MODEL, CHILD, TEST = "model.s.parent", "model.s.child", "test.s.child_has_rows"
ROWS = re.compile(
    r"run_query|load_result|call statement\((?!'main'\))|get_column_values|invocation_id|"
    r"run_started_at|modules\.|\bvar\(|env_var\(|\bgraph\.|\btarget\.(?!(?:database|schema)\b)"
)
"""Ways to ask for rows, the clock or the environment; what a database is called is in the key."""
OTHER_ENGINES = re.compile(r"\{%-? macro (spark|postgres)__.*?endmacro -?%\}", re.DOTALL)


def node(unique_id: str, *statements: str, parents: tuple[str, ...] = ()) -> Node:
    return Node(unique_id, parents, statements, is_error=True)


def asking(query: str, is_error: bool = True) -> Node:
    asked = f"select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 {query}"
    return Node(TEST, (MODEL,), (asked,), is_error)


def rows(database: Path, table: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"from {table}").fetchall()


def test_parents_come_first_whatever_the_order_in_which_nodes_are_told(tmp_path: Path) -> None:
    nodes = [
        node(CHILD, "create or replace table child as from parent", parents=(MODEL,)),
        node(MODEL, "create or replace table parent as select 1 as id"),
    ]
    sent = send(tmp_path / "a.duckdb", nodes)
    assert [(s.unique_id, s.status) for s in sent] == [(MODEL, "success"), (CHILD, "success")]
    assert rows(tmp_path / "a.duckdb", "child") == [(1,)]


def test_what_is_on_the_longest_way_to_the_end_goes_first() -> None:
    chain = [node("a", "-"), node("b", "-", parents=("a",)), node("c", "-", parents=("b",))]
    nodes = [node("alone", "-"), node("short", "-"), node("leaf", "-", parents=("short",)), *chain]
    places = _places(nodes)
    assert sorted(places, key=places.__getitem__) == ["a", "short", "b", "alone", "leaf", "c"]


def test_a_node_that_fails_leaves_what_was_there_and_keeps_the_rest_from_running(
    tmp_path: Path,
) -> None:
    database = tmp_path / "a.duckdb"
    send(database, [node(MODEL, "create table parent as select 1 as id")])
    nodes = [
        node(MODEL, "delete from parent", "insert into parent select error('not now')"),
        node(CHILD, "create or replace table child as from parent", parents=(MODEL,)),
    ]
    failed, skipped = send(database, nodes)
    assert (failed.status, skipped.status) == ("error", "skipped")
    assert "not now" in failed.message
    assert rows(database, "parent") == [(1,)]


@pytest.mark.parametrize(
    ("found", "is_error", "status"),
    [("where false", True, "pass"), ("", True, "fail"), ("", False, "warn")],
)
def test_a_test_passes_warns_or_fails_as_with_dbt(
    tmp_path: Path, found: str, is_error: bool, status: str
) -> None:
    nodes = [
        node(MODEL, "create table parent as select 1 as id"),
        asking(f"as should_error from parent {found}", is_error),
    ]
    _, sent = send(tmp_path / "a.duckdb", nodes)
    assert (sent.status, sent.failure_count) == (status, 0 if status == "pass" else 1)


def test_what_was_sent_is_forgotten_where_project_selection_or_tables_are_others(
    tmp_path: Path,
) -> None:
    database = tmp_path / "a.duckdb"
    send(database, [node(MODEL, "create table parent as select 1 as id")])
    nodes = [node(MODEL, "insert into parent select 2")]

    def there(project: str = "p", selected: str = "core") -> Statements:
        return Statements(tmp_path, project, [selected], database)

    there().write(nodes, Path.write_bytes)
    assert there().known() == nodes
    assert there(project="other").known() is None
    assert there(selected="marts").known() is None
    send(database, [node(MODEL, "insert into parent select 3")])
    assert there().known() == nodes, "rows don't matter"
    send(database, [node(MODEL, "alter table parent add column said varchar")])
    assert there().known() is None
    there(project="next").write(nodes, Path.write_bytes)
    assert len(list(tmp_path.glob("sent-*"))) == 1


@pytest.mark.parametrize("content", ["", "[{", "{}", "[]", '[{"unique_id": "model.s.it"}]', "[1]"])
def test_a_file_that_was_broken_off_asks_dbt_again(tmp_path: Path, content: str) -> None:
    database = tmp_path / "a.duckdb"
    send(database, [node(MODEL, "create table parent as select 1 as id")])
    there = Statements(tmp_path, "p", ["core"], database)
    there.write([node(MODEL, "insert into parent select 2")], Path.write_bytes)
    (kept,) = tmp_path.glob("sent-*.json")
    kept.write_text(content)
    assert there.known() is None
    kept.unlink()
    assert there.known() is None


def test_nothing_is_made_of_a_model_before_its_own_tests_passed() -> None:
    recorder = Recorder()
    asked = "select count(*) as failures, false as should_warn, false as should_error from a"
    sent = {MODEL: "create table parent", CHILD: "create table child", TEST: asked}
    parents = {MODEL: [], CHILD: [MODEL], TEST: [MODEL]}
    results = []
    for unique_id, sql in sent.items():
        data = SimpleNamespace(sql=sql, node_info=SimpleNamespace(unique_id=unique_id))
        recorder(SimpleNamespace(info=SimpleNamespace(name="SQLQuery"), data=data))
        told = SimpleNamespace(
            unique_id=unique_id,
            resource_type=unique_id.split(".")[0],
            depends_on_nodes=parents[unique_id],
            config=SimpleNamespace(severity="ERROR"),
        )
        results.append(SimpleNamespace(node=told))
    found = {kept.unique_id: kept.parents for kept in recorder.nodes(results) or []}
    assert found == {MODEL: (), CHILD: (MODEL, TEST), TEST: (MODEL,)}


def heard(kind: str, *statements: str) -> list[Node] | None:
    """What a recorder makes of one node of this kind for which dbt sent these."""
    recorder = Recorder()
    unique_id = f"{kind}.s.it"
    for sql in statements:
        info = SimpleNamespace(name="SQLQuery")
        data = SimpleNamespace(sql=sql, node_info=SimpleNamespace(unique_id=unique_id))
        recorder(SimpleNamespace(info=info, data=data))
    told: Any = SimpleNamespace(
        unique_id=unique_id,
        resource_type=kind,
        depends_on_nodes=["model.s.of_another_stage"],
        config=SimpleNamespace(severity="ERROR"),
    )
    return recorder.nodes([SimpleNamespace(node=told)])


def test_only_what_changes_tables_is_kept_of_a_model_and_the_query_of_a_test() -> None:
    written = heard(
        "model", "BEGIN", "/* {} */ select 1 from duckdb_columns()", "/* {} */ create table a"
    )
    assert written == [Node("model.s.it", (), ("create table a",), is_error=False)]
    asked = "select count(*) as failures, false as should_warn, false as should_error from a"
    assert heard("test", "BEGIN", "select 1", asked) == [Node("test.s.it", (), (asked,), True)]


def test_nothing_is_kept_where_a_statement_is_not_understood() -> None:
    assert heard("model", "create table a", "attach 'somewhere'") is None
    assert heard("model", "select 1") is None
    assert heard("test", "select 1") is None
    assert heard("snapshot", "create table a") is None


def test_no_model_or_macro_makes_its_statement_of_rows_or_of_the_clock() -> None:
    folders = [PROJECT / name for name in ("dbt_project", "tests/dbt")]
    files = [path for folder in folders for path in folder.rglob("*.sql")]
    of_duckdb = {
        path.name: OTHER_ENGINES.sub("", path.read_text(encoding="utf-8"))
        for path in files
        if path.parent != folders[0] / "macros" / "spark"
    }
    assert len(of_duckdb) > 200
    assert [name for name, text in of_duckdb.items() if ROWS.search(text)] == []


def test_every_statement_runs_with_the_settings_that_dbt_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
    settings = profiles["steelyard"]["outputs"]["duckdb"]["settings"]
    assert settings["TimeZone"] == "UTC"
    names = ["TimeZone", "disabled_optimizers"]
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        send(tmp_path / "a.duckdb", [node(MODEL, f"create table parent as select {asked}")])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert rows(tmp_path / "a.duckdb", "parent") == [tuple(settings[name] for name in names)]


def test_a_seed_stays_as_it_is_and_is_told_of(tmp_path: Path) -> None:
    seeds = heard("seed", "create table a", "insert into a select 1")
    assert seeds == [Node("seed.s.it", (), (), is_error=False)]
    assert [sent.status for sent in send(tmp_path / "a.duckdb", seeds)] == ["no-op"]
