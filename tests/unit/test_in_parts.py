"""What is too large for memory is judged in parts, and comes out as in one."""

from pathlib import Path

import duckdb
import pytest

from orchestration.defs.conclude import gate
from orchestration.defs.judge import tables
from orchestration.defs.publish.contracts import read_contracts
from orchestration.increment import TABLES

DIMENSIONS = ("dim_products", "dim_metrics", "dim_sources", "dim_kpis", "dim_run")
(CONTRACT,) = (contract for contract in read_contracts() if contract.name == "fct_tasks")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Forty tasks, of which three are there twice and five of a product that nobody knows.

    Every fourth is of a week of its own month, the others have lost theirs.
    """
    connection = duckdb.connect()
    connection.execute("create schema marts; create schema built")
    for name in ("promises", "run_plan"):
        connection.execute(f"create table built.{name} ({TABLES[name]})")
    for contract in read_contracts():
        if contract.name in (*DIMENSIONS, "fct_tasks"):
            statement = contract.create_statement(f"marts.{contract.name}")
            connection.execute(statement.replace(" not null", ""))
    connection.execute("insert into marts.dim_products by name select 'known' as product_id")
    keys = ", ".join(
        f"(case when i < 5 then 'lost' else 'known' end) as {name}"
        if name == "product_id"
        else f"i::varchar as {name}"
        for name in CONTRACT.grain
    )
    rows = "(select i from range(40) as t(i) union all select i from range(7, 10) as t(i))"
    product = "" if "product_id" in CONTRACT.grain else (
        ", (case when i < 5 then 'lost' else 'known' end) as product_id"
    )  # fmt: skip
    connection.execute(f"insert into marts.fct_tasks by name select {keys}{product} from {rows}")
    connection.execute(
        "update marts.fct_tasks set week_start_date = date '2026-01-05' + 28 * item_id::integer "
        "where item_id::integer % 4 = 0"
    )
    return connection


def test_a_table_in_parts_has_the_outcomes_of_the_whole(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gate.judged(connection, CONTRACT)
    broken = {outcome.said: outcome.broken_count for outcome in whole if outcome.severity}
    assert broken["product_id is in dim_products"] == 5
    assert broken[f"{', '.join(CONTRACT.grain)} tell rows apart"] == 6
    monkeypatch.setattr(gate, "MOST_ROWS", 10)
    assert gate.judged(connection, CONTRACT) == whole


def test_portions_hold_every_product_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 5)
    with duckdb.connect() as connection:
        connection.execute(
            "create table items as select 'p' || i as product_id "
            "from (values (1, 2), (2, 3), (3, 9), (4, 1)) as t(i, n), range(n)"
        )
        found = list(tables.portions(connection, "items"))
    assert found == [["p1", "p2"], ["p3"], ["p4"]]


def test_no_step_opens_a_database_without_the_limit_of_memory() -> None:
    steps = Path(tables.__file__).parents[1]
    without = [
        f"{path.relative_to(steps)}:{number}"
        for path in sorted(steps.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "duckdb.connect(" in line and "limited(duckdb.connect(" not in line
    ]
    assert not without
