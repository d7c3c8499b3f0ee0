"""Publication: contracts hold, readers are never in the way, and nothing is half published."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.publish.contracts import Contract, read_contracts
from orchestration.defs.publish.publish import publish
from orchestration.errors import RunError
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build

MEGABYTE = 1_000_000
PEOPLE = {"person_id", "actor_id", "user_id", "author", "email", "employee_id", "segment_id"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("published"))
    build(workspace)
    publish(workspace)
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "workspace")
    build(workspace)
    return workspace


def query(workspace: Workspace, sql: str) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{workspace.publish / 'marts.duckdb'}' as served (read_only)")
        return connection.execute(sql).fetchall()


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }


def test_every_served_table_and_column_carries_the_comment_of_its_contract(
    published: Workspace,
) -> None:
    tables = dict(query(published, "select table_name, comment from duckdb_tables()"))
    columns = query(
        published,
        "select table_name, column_name, comment from duckdb_columns() where not internal",
    )
    assert tables == {contract.name: contract.description for contract in read_contracts()}
    assert {(t, c): comment for t, c, comment in columns} == {
        (contract.name, column.name): column.description
        for contract in read_contracts()
        for column in contract.columns
    }


def test_every_description_starts_with_the_grain() -> None:
    assert [c.name for c in read_contracts() if not c.description.startswith("One row per ")] == []


def test_every_grain_names_columns_of_the_table() -> None:
    for contract in read_contracts():
        assert set(contract.grain) <= {column.name for column in contract.columns}, contract.name


def test_no_served_table_has_a_column_of_persons() -> None:
    for contract in read_contracts():
        assert not PEOPLE & {column.name for column in contract.columns}, contract.name


def test_every_contract_belongs_to_a_model() -> None:
    from orchestration.defs.publish.contracts import MARTS

    models = {path.stem for path in MARTS.rglob("*.sql") if path.parent.name != "serving"}
    assert models == {contract.name for contract in read_contracts()}


def test_the_file_can_be_read_by_older_clients(published: Workspace) -> None:
    ((tags,),) = query(
        published, "select tags from duckdb_databases() where database_name = 'served'"
    )
    assert tags["storage_version"].startswith("v1.2")


def test_nothing_but_the_publication_is_left_in_the_folder(published: Workspace) -> None:
    names = {path.name for path in published.publish.iterdir()}
    assert names == {
        "marts.duckdb", "parquet", "contract.json", "scorecard.html", "metrics.html",
        "numbers.html", "quality.html",
    }  # fmt: skip


def test_the_contract_file_tells_run_as_of_and_rows_of_every_table(published: Workspace) -> None:
    contract = json.loads((published.publish / "contract.json").read_text())
    assert (contract["run_id"], contract["as_of_at"]) == ("run-0001", "2026-03-02T06:00:00Z")
    for name, table in contract["tables"].items():
        ((count,),) = query(published, f"select count(*) from served.{name}")
        parquet = published.publish / "parquet" / f"{name}.parquet"
        ((in_parquet,),) = query(published, f"select count(*) from '{parquet}'")
        assert table["row_count"] == count == in_parquet, name


def test_rows_lie_in_the_order_of_the_grain_in_the_file_and_in_parquet(
    workspace: Workspace,
) -> None:
    with duckdb.connect(str(workspace.database)) as connection:
        for contract in read_contracts():
            table = f"marts.{contract.name}"
            shuffled = connection.sql(f"from {table} as t order by hash(t)").to_arrow_table()
            connection.register("shuffled", shuffled)
            connection.execute(f"delete from {table}")
            connection.execute(f"insert into {table} from shuffled")
            connection.unregister("shuffled")
    publish(workspace)
    for contract in read_contracts():
        grain = ", ".join(contract.grain)
        for table in (
            f"served.{contract.name}",
            f"'{workspace.publish}/parquet/{contract.name}.parquet'",
        ):
            lying = query(workspace, f"select {grain} from {table}")
            in_order = f"select {grain} from {table} order by {contract.row_order}"
            assert lying == query(workspace, in_order), table


def test_two_publications_of_the_same_marts_are_equal(workspace: Workspace) -> None:
    publish(workspace)
    first = digests(workspace.publish)
    rows = query(workspace, "select * from served.fct_metric_values order by rowid")
    publish(workspace)
    assert digests(workspace.publish) == first
    again = query(workspace, "select * from served.fct_metric_values order by rowid")
    assert again == rows


@pytest.fixture
def large(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose tasks, published once, are as many as are compared with the last ones."""
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            "insert into marts.fct_tasks by name select md5('' || i) as item_id, 'cms' as "
            "product_id, 'article' as task_type_id, 'finished' as state, "
            "i / 7.0 as duration_hours, "
            "date '2026-01-05' + 7 * (i % 11)::integer as week_start_date from range(3000) as r (i)"
        )
    monkeypatch.setitem(publish.__globals__, "LARGE", 3000)
    monkeypatch.setitem(publish.__globals__, "is_increment", lambda _: True)
    publish(workspace)
    return workspace


@pytest.mark.parametrize(
    "change",
    [
        "select 1",
        "update {table} set state = 'cancelled' where week_start_date = {week}",
        "delete from {table} where week_start_date >= {week}",
        "delete from {table}",
        "insert into {table} "
        "select * replace ('new' as item_id, {week} as week_start_date) from {table} "
        "limit 1",
        "update marts.dim_run set code_version = 'another'",
        "of other code",
        "broken",
        "damaged",
        "create table others as select 1 as one",
        "alter table fct_tasks add column other integer",
    ],
)
def test_a_table_that_goes_on_lies_as_one_that_is_written_anew(
    large: Workspace, change: str
) -> None:
    week = "(select quantile_disc(week_start_date, 0.7) from marts.fct_tasks)"
    if change == "broken":
        (large.publish / "marts.duckdb").write_text("none", encoding="utf-8")
    elif change == "damaged":
        _damage(large.publish / "marts.duckdb")
    elif "other" in change and change != "of other code":
        with duckdb.connect(str(large.publish / "marts.duckdb")) as connection:
            connection.execute(change)
    elif change == "of other code":
        with duckdb.connect(str(large.publish / "marts.duckdb")) as connection:
            connection.execute("update dim_run set code_version = 'older'")
            connection.execute(
                "create or replace table fct_tasks as from fct_tasks order by item_id"
            )
    else:
        with duckdb.connect(str(large.database)) as connection:
            connection.execute(change.format(table="marts.fct_tasks", week=week))
    publish(large)
    assert query(large, "select count(*) from served.fct_tasks") != [(0,)] or "delete" in change
    rows = "from served.fct_tasks order by rowid"
    parquet = f"from '{large.publish}/parquet/fct_tasks.parquet'"
    comments = (
        "select table_name, comment from duckdb_tables() where database_name = 'served' union all "
        "select table_name || column_name, comment from duckdb_columns() "
        "where database_name = 'served' order by 1"
    )
    gone_on = [query(large, asked) for asked in (rows, parquet, comments)]
    (large.publish / "marts.duckdb").unlink()
    publish(large)
    assert gone_on == [query(large, asked) for asked in (rows, parquet, comments)]


def _damage(file: Path) -> None:
    """Change a byte in each block of a column of the stored tasks."""
    with duckdb.connect(str(file), read_only=True) as connection:
        blocks = connection.execute(
            "select distinct block_id from pragma_storage_info('fct_tasks') "
            "where column_name = 'duration_hours' and block_id >= 0"
        ).fetchall()
    with file.open("r+b") as opened:
        for (block,) in blocks:
            opened.seek(3 * 4096 + block * 262144 + 5000)
            (byte,) = opened.read(1)
            opened.seek(-1, 1)
            opened.write(bytes([byte ^ 255]))
    with duckdb.connect(str(file), read_only=True) as connection, pytest.raises(duckdb.Error):
        connection.execute("select sum(duration_hours) from fct_tasks").fetchall()


def test_a_rebuild_goes_on_with_nothing(large: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = []
    monkeypatch.setitem(publish.__globals__, "_renew_table", lambda *_: went_on.append(True))
    monkeypatch.setitem(publish.__globals__, "is_increment", lambda _: False)
    publish(large)
    assert not went_on


def test_of_a_table_that_goes_on_only_what_is_new_is_written(
    large: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rows, added = publish.__globals__["_add_rows"], {}

    def told(connection: duckdb.DuckDBPyConnection, contract: Contract, where: str = "") -> int:
        (left,) = connection.execute(f"select count(*) from served.{contract.name}").fetchall()
        rows = add_rows(connection, contract, where)
        added[contract.name] = rows - left[0]
        return rows

    monkeypatch.setitem(publish.__globals__, "_add_rows", told)
    with duckdb.connect(str(large.database)) as connection:
        last = "week_start_date = (select max(week_start_date) from marts.fct_tasks)"
        connection.execute(f"update marts.fct_tasks set state = 'cancelled' where {last}")
        (count,) = connection.execute(
            f"select count(*), (select count(*) from marts.fct_tasks) from marts.fct_tasks "
            f"where {last}"
        ).fetchall()
    publish(large)
    assert added["fct_tasks"] == count[0] < count[1]


def test_a_row_without_its_date_is_not_lost(large: Workspace) -> None:
    with duckdb.connect(str(large.database)) as connection:
        connection.execute("alter table marts.fct_tasks alter week_start_date drop not null")
        connection.execute(
            "insert into marts.fct_tasks "
            "select * replace ('new' as item_id, null as week_start_date) from marts.fct_tasks "
            "limit 1"
        )
    with pytest.raises(RunError, match="fct_tasks breaks its contract"):
        publish(large)


@pytest.mark.parametrize(
    "damage",
    [
        "insert into marts.dim_kpis select * from marts.dim_kpis limit 1",
        "alter table marts.dim_kpis alter question drop not null; "
        "update marts.dim_kpis set question = null",
        "drop table marts.dim_kpis",
    ],
    ids=["a row twice", "a missing value", "a missing table"],
)
def test_a_broken_contract_leaves_the_last_publication_whole(
    workspace: Workspace, damage: str
) -> None:
    publish(workspace)
    before = digests(workspace.publish)
    inode = (workspace.publish / "marts.duckdb").stat().st_ino
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(damage)
    with pytest.raises(RunError, match="dim_kpis breaks its"):
        publish(workspace)
    assert digests(workspace.publish) == before
    assert (workspace.publish / "marts.duckdb").stat().st_ino == inode
    assert not list(workspace.publish.glob(".next*"))


def test_a_page_that_can_not_be_drawn_leaves_the_last_publication_whole(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workspace)
    before = digests(workspace.publish)

    def broken(_: object) -> str:
        raise ValueError("no page")

    # the package exports a function of the module's name
    monkeypatch.setitem(publish.__globals__, "render_quality", broken)
    with pytest.raises(ValueError, match="no page"):
        publish(workspace)
    assert digests(workspace.publish) == before


@pytest.mark.parametrize("name", ["marts.kpi_scorecard", "kpi_scorecard"])
def test_the_marts_are_read_by_the_name_that_everybody_types_first(
    published: Workspace, name: str
) -> None:
    with duckdb.connect(str(published.publish / "marts.duckdb"), read_only=True) as reader:
        assert reader.execute(f"select count(*) > 0 from {name}").fetchall() == [(True,)]


def test_a_reader_keeps_its_file_while_a_new_one_is_published(workspace: Workspace) -> None:
    publish(workspace)
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as reader:
        sql = "select count(*) from marts.kpi_scorecard"
        before = reader.execute(sql).fetchall()
        publish(workspace)
        assert reader.execute(sql).fetchall() == before


def test_the_query_of_the_readme_runs_on_the_file_opened_by_its_path(published: Workspace) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    queries = [block.split("```")[0] for block in text.split("```sql\n")[1:]]
    assert queries
    with duckdb.connect(str(published.publish / "marts.duckdb"), read_only=True) as reader:
        assert all(reader.execute(sql).fetchall() for sql in queries)


@pytest.mark.parametrize("page", ["scorecard.html", "metrics.html", "numbers.html", "quality.html"])
def test_a_page_is_one_small_file_that_fetches_nothing(published: Workspace, page: str) -> None:
    html = (published.publish / page).read_text(encoding="utf-8")
    assert len(html.encode()) < MEGABYTE
    # long lists are searched by a script of their own, and are read without it
    is_searched = page in ("metrics.html", "quality.html")
    assert html.count("<script") == html.count("<script>") == is_searched
    assert "http://" not in html and "https://" not in html and "@import" not in html
