"""Tables, views and increments are replaced in one go, and stay where a model fails."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.dbt_runner import PROJECT

MACROS = PROJECT / "dbt_project" / "macros" / "duckdb"
COLUMNS = [
    {"name": "id", "data_type": "integer", "constraints": [{"type": "not_null"}]},
    {"name": "said", "data_type": "varchar"},
]
CONTRACT = {"contract": {"enforced": True}}
APPENDED = """
    {{ config(materialized='incremental', incremental_strategy='append',
        pre_hook="{% if is_incremental() %} delete from {{ this }} where id = 1 {% endif %}") }}
"""

Build = Callable[..., list[tuple]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build one model from a text of SQL; returns the rows that are there then, whatever became."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    shutil.copytree(MACROS, tmp_path / "macros")
    (tmp_path / "models").mkdir()
    database = tmp_path / "there.duckdb"
    output = {"type": "duckdb", "path": str(database), "threads": 1}
    _write(tmp_path / "profiles.yml", {"p": {"target": "t", "outputs": {"t": output}}})
    _write(tmp_path / "dbt_project.yml", {"name": "p", "version": "1.0.0", "profile": "p"})

    def built(sql: str, fails: str = "", config: dict[str, Any] | None = None) -> list[tuple]:
        (tmp_path / "models" / "m.sql").write_text(sql, encoding="utf-8")
        model = {"name": "m", "columns": COLUMNS, "config": config or {}}
        _write(tmp_path / "models" / "m.yml", {"models": [model]})
        folders = ["--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)]
        outcome = dbtRunner().invoke(["--quiet", "run", *folders])
        DuckDBConnectionManager.close_all_connections()
        results = getattr(outcome.result, "results", [])
        assert outcome.success == (not fails), results
        assert fails in str(results[0].message)
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute("from m order by all").fetchall()

    return built


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_a_table_that_fails_or_breaks_its_contract_leaves_the_old_one(build: Build) -> None:
    table = "{{ config(materialized='table') }} select "
    assert build(f"{table} 1 as id, 'old' as said -- the end", config=CONTRACT) == [(1, "old")]
    for column, fails in (
        ("'x' as id", "contract"),
        ("cast(null as integer) as id", "NOT NULL"),
        ("cast(error('not now') as integer) as id", "not now"),
    ):
        assert build(f"{table} {column}, 'new' as said", fails, CONTRACT) == [(1, "old")]
    assert build(f"{table} 2 as id, 'new' as said", config=CONTRACT) == [(2, "new")]


def test_what_was_a_view_becomes_a_table_and_a_view_again(build: Build) -> None:
    for kind in ("view", "table", "view", "view"):
        told = build(f"{{{{ config(materialized='{kind}') }}}} select 1 as id, '{kind}' as said")
        assert told == [(1, kind)]


@pytest.mark.parametrize(("before", "after"), [("view", "table"), ("table", "view")])
def test_what_changes_its_kind_and_fails_leaves_the_old_one(
    build: Build, before: str, after: str
) -> None:
    kept = f"{{{{ config(materialized='{before}') }}}} select 1 as id, 'old' as said"
    assert build(kept) == [(1, "old")]
    failing = f"{{{{ config(materialized='{after}') }}}} select 1 as id, not_there as said"
    assert build(failing, "not_there") == [(1, "old")]


def test_an_increment_replaces_what_its_hook_takes_out_or_nothing(build: Build) -> None:
    first = f"{APPENDED} select unnest([1, 2]) as id, 'old' as said"
    assert build(first) == [(1, "old"), (2, "old")]
    # a column that the table of an earlier version lacks is left out
    more = f"{APPENDED} select 'new' as said, 1 as id, 'x' as news"
    assert build(more) == [(1, "new"), (2, "old")]
    failing = f"{APPENDED} select 1 as id, cast(error('not now') as varchar) as said"
    assert build(failing, "not now") == [(1, "new"), (2, "old")]


def test_no_increment_is_merged(build: Build) -> None:
    assert build("select 1 as id, 'old' as said") == [(1, "old")]
    merged = "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, '' as said"
    assert build(merged, "append") == [(1, "old")]
