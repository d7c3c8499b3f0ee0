"""The sample organisation on Spark: every served table as DuckDB publishes it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.engines.spark import _folder, _left, _pull, _push, _tables
from orchestration.sample import build
from orchestration.workspace import Workspace
from tests.engines.compare import differences
from tests.engines.servers import spark_cluster

FIRST = ("release_platform", "substrate")
"""Products whose events are there first: deliveries, tasks, defects and accounts of people."""
ENDS_ON = date(2026, 3, 27)
EARLIER = ("--as-of", "2026-01-30T00:00:00Z")
STATE = ("int_published_rosters", "int_segment_grains")


def test_what_is_given_and_taken_as_parquet_is_the_same_table(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ("state", "lines"))
    with duckdb.connect() as connection:
        connection.execute("create schema raw; create schema state")
        connection.execute(
            "create table raw.lines as select 1.1 / 3 as share, "
            "timestamp '2026-01-05 10:00:00.000001' as at, null::varchar as nothing, "
            "'a;''b' as words, true as is_it, date '2026-01-05' as day"
        )
        _push(connection, folder, ("raw", "lines"))
        _pull(connection, folder, ("state", "lines"))
        rows = [
            connection.execute(f"select columns(*)::varchar from {schema}.lines").fetchall()
            for schema in ("raw", "state")
        ]
    assert rows[0] == rows[1]


def test_a_table_that_spark_has_not_written_whole_is_none(tmp_path: Path) -> None:
    for name in ("whole", "broken_off"):
        _folder(tmp_path, ("state", name)).mkdir(parents=True)
    (_folder(tmp_path, ("state", "whole")) / "_SUCCESS").touch()
    assert _left(tmp_path) == [("state", "whole")]


def test_a_table_is_taken_from_the_folders_of_its_months(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ("marts", "fct_tasks"))
    for month in ("2026-01", "2026-02", "__HIVE_DEFAULT_PARTITION__"):
        part = folder / f"month={month}"
        part.mkdir(parents=True)
        duckdb.sql(f"select '{month}' as item_id").write_parquet(str(part / "rows.parquet"))
    (folder / "_SUCCESS").touch()
    assert _left(tmp_path) == [("marts", "fct_tasks")]
    with duckdb.connect() as connection:
        _pull(connection, folder, ("marts", "fct_tasks"))
        taken = connection.execute("select * from marts.fct_tasks order by all").fetchall()
    assert taken == [("2026-01",), ("2026-02",), ("__HIVE_DEFAULT_PARTITION__",)]


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("engine", ["spark_session", "spark_thrift"])
def test_spark_publishes_what_duckdb_publishes_and_keeps_its_state(
    engine: str, tmp_path: Path
) -> None:
    spark = importlib.util.find_spec("pyspark")
    if spark is None or importlib.util.find_spec("pyhive") is None:
        pytest.skip("pyspark is not installed: pip install 'steelyard[spark]'")
    if shutil.which("java") is None:
        pytest.skip("no Java is installed")
    ours, theirs = (_workspace(tmp_path / name) for name in ("on_duckdb", "on_spark"))

    published = [w.publish / "marts.duckdb" for w in (ours, theirs)]

    kept: dict[str, list[tuple]] = {}
    for options in (EARLIER, ()):  # each in a process of its own: only what lies in folders stays
        if kept:
            for workspace in (ours, theirs):
                _land_all(workspace)
        _refresh(ours, "duckdb", {}, *options)
        # names of tasks are made with it
        shutil.copytree(ours.home / "secrets", theirs.home / "secrets", dirs_exist_ok=True)
        # a server that is started again knows no table any more
        with _server(engine, Path(str(spark.origin)).parent) as server:
            _refresh(theirs, engine, server, *options)

        assert differences(*published) == []
        state = _state(theirs)
        assert state == _state(ours)
        # what the earlier run decided stays
        assert all(set(kept[name]) <= set(state[name]) for name in kept)
        kept = state
    assert any(kept.values())
    months = {folder.name for folder in _folder(_tables(theirs), ("core", "int_events")).iterdir()}
    assert {"month=2025-12", "month=2026-03"} <= months


def _server(engine: str, spark: Path) -> AbstractContextManager[dict[str, str]]:
    return nullcontext({}) if engine == "spark_session" else spark_cluster(spark)


def _workspace(home: Path) -> Workspace:
    """The whole registry, and the events of few products; the others' lie beside."""
    workspace = Workspace(home)
    build(workspace, ends_on=ENDS_ON, seed=1)
    for folder in (workspace.landing / "cloudevents").iterdir():
        if folder.name not in FIRST:
            folder.rename(_later(workspace) / folder.name)
    return workspace


def _land_all(workspace: Workspace) -> None:
    for folder in _later(workspace).iterdir():
        folder.rename(workspace.landing / "cloudevents" / folder.name)


def _later(workspace: Workspace) -> Path:
    folder = workspace.home / "later"
    folder.mkdir(exist_ok=True)
    return folder


def _refresh(workspace: Workspace, engine: str, server: dict[str, str], *options: str) -> None:
    chosen = {"STEELYARD_ENGINE": engine, "STEELYARD_HOME": str(workspace.home), **server}
    run = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "refresh", *options],
        env={**os.environ, **chosen}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]


def _state(workspace: Workspace) -> dict[str, list[tuple]]:
    """Rows of the tables that models append to, without the names of the runs that added them."""
    return {
        name: _rows(
            workspace,
            f"select columns(lambda c: c <> 'run_id') from state.{name} order by all",
        )
        for name in STATE
    }


def _rows(workspace: Workspace, query: str) -> list[tuple]:
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        return connection.execute(query).fetchall()
