"""The gate before publishing: each served table is held against its suite of expectations."""

from pathlib import Path

import duckdb
import pandas as pd

from expectations.run import Outcome, evaluate
from expectations.suites.marts import frame_columns, mart_suite
from orchestration.defs.publish.contracts import Contract, read_contracts

ADDED = """
    insert into marts.fct_contract_checks by name
    select
        'mart/' || mart as dataset, '*' as event_type, said as expectation, column_name,
        severity::integer as severity, element_count::bigint as element_count,
        broken_count::bigint as broken_count, defect, note
    from found
"""


def judge_marts(database: Path) -> dict[str, list[Outcome]]:
    """Judge every served table of the warehouse, and add the outcomes to `fct_contract_checks`.

    What is found about tables is served in that table, which the tables' own build can't write.
    Raises ExpectationError where an expectation couldn't be evaluated.
    """
    with duckdb.connect(str(database)) as connection:
        outcomes = {contract.name: judged(connection, contract) for contract in read_contracts()}
        _add(connection, outcomes)
    return outcomes


def judged(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Outcome]:
    """Return what became of each expectation about one table in schema `marts`."""
    columns = [column.name for column in contract.columns]
    suite = mart_suite(contract.name, contract.grain, columns)
    return evaluate(suite, mart_frame(connection, contract))


def mart_frame(connection: duckdb.DuckDBPyConnection, contract: Contract) -> pd.DataFrame:
    """Return the rows of a table as its suite judges them, columns beyond its contract included."""
    columns = [column.name for column in contract.columns]
    actual = [row[0] for row in connection.execute(f"describe marts.{contract.name}").fetchall()]
    every = [*columns, *(name for name in actual if name not in columns)]
    joined = "left join marts.dim_metrics as m using (metric_id)" if "metric_id" in columns else ""
    return connection.execute(
        f"select {frame_columns(contract.name, every)} from marts.{contract.name} as t {joined}"
    ).df()


def _add(connection: duckdb.DuckDBPyConnection, outcomes: dict[str, list[Outcome]]) -> None:
    """Replace the rows about tables; those about sources stay."""
    rows = [
        (mart, o.said, o.column, o.severity, o.element_count, o.broken_count, o.defect, o.note)
        for mart, found in outcomes.items()
        for o in found
    ]
    names = ["mart", "said", "column_name", "severity", "element_count", "broken_count", "defect",
             "note"]  # fmt: skip
    connection.register("found", pd.DataFrame(rows, columns=names, dtype=object))
    connection.execute("delete from marts.fct_contract_checks where dataset like 'mart/%'")
    connection.execute(ADDED)
    connection.unregister("found")
