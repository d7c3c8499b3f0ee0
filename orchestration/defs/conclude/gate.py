"""The gate before publishing: each served table is held against its suite of expectations."""

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import great_expectations as gx
import pandas as pd

from expectations.run import Outcome, broken_rows, evaluate
from expectations.suites.marts import (
    frame_columns,
    is_about_columns,
    looked_at,
    mart_suite,
)
from orchestration.defs.publish.contracts import Contract, read_contracts
from orchestration.engine import connect

MOST_ROWS = 1_000_000
"""Of larger tables parts are judged one after the other: GX needs a frame of them in memory."""
TOLD_KEYS = (
    "product_id", "metric_id", "kpi_id", "tripwire_id", "period_grain", "period_start_date",
    "week_start_date",
)  # fmt: skip
"""Keys by which rows are named in messages; others may name who did something."""
MOST_TOLD = 3
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
    with connect(database) as connection:
        outcomes = {contract.name: judged(connection, contract) for contract in read_contracts()}
        _add(connection, outcomes)
    return outcomes


def judged(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Outcome]:
    """Return what became of each expectation about one table in schema `marts`."""
    row_count = _row_count(connection, contract)
    parts = range(max(1, math.ceil(row_count / MOST_ROWS)))
    # which columns there are is judged on all of them and on no row
    of_columns = evaluate(_suite(contract, True), mart_frame(connection, contract, "where false"))
    of_rows = [_part(connection, contract, part, len(parts)) for part in parts]
    return [*of_columns, *_together(of_rows)]


def _suite(contract: Contract, is_of_columns: bool) -> gx.ExpectationSuite:
    """Return what is expected of a table's columns, or of its rows.

    GX writes into the expectations that it evaluates: each time a suite of its own.
    """
    columns = [column.name for column in contract.columns]
    suite = mart_suite(contract.name, contract.grain, columns)
    suite.expectations = [e for e in suite.expectations if is_about_columns(e) == is_of_columns]
    return suite


def _part(
    connection: duckdb.DuckDBPyConnection, contract: Contract, part: int, parts: int
) -> list[Outcome]:
    """Judge one of several parts of a table's rows, and name some of those that break a promise.

    Rows of one grain are in one part, so that doubles meet.
    """
    suite = _suite(contract, False)
    keys = [name for name in TOLD_KEYS if name in contract.grain]
    # a column that nobody looks at would be copied for each expectation that leaves out rows
    wanted = set(keys).union(*map(looked_at, suite.expectations))
    grain = ", ".join(f"t.{name}" for name in contract.grain)
    where = f"where hash({grain}) % {parts} = {part}" if parts > 1 else ""
    frame = mart_frame(connection, contract, where, wanted)
    outcomes = evaluate(suite, frame)
    broken = {outcome.said for outcome in outcomes if outcome.severity}
    if not broken or not keys:
        return outcomes
    suite = _suite(contract, False)
    suite.expectations = [e for e in suite.expectations if (e.meta or {})["said"] in broken]
    rows = broken_rows(suite, frame, keys, MOST_TOLD)
    return [
        replace(o, rows=tuple(" ".join(map(_word, row)) for row in rows.get(o.said, [])))
        for o in outcomes
    ]


def _word(key: object) -> str:
    if pd.isna(key):
        return "-"
    return f"{key:%Y-%m-%d}" if isinstance(key, date) else str(key)


def _row_count(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    (found,) = connection.execute(f"select count(*) from marts.{contract.name}").fetchall()
    return int(found[0])


def _together(parts: list[list[Outcome]]) -> list[Outcome]:
    """Return the outcomes of a table of which parts were judged: rows add up, any break counts."""
    return [
        replace(
            max(outcomes, key=lambda outcome: outcome.severity),
            element_count=_sum([outcome.element_count for outcome in outcomes]),
            broken_count=_sum([outcome.broken_count for outcome in outcomes]),
            rows=tuple(row for outcome in outcomes for row in outcome.rows)[:MOST_TOLD],
        )
        for outcomes in zip(*parts, strict=True)
    ]


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def mart_frame(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    where: str = "",
    wanted: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return the rows of a table as its suite judges them, columns beyond its contract included.

    Args:
        connection: The warehouse.
        contract: Of the table.
        where: Which of its rows, by columns of `t`.
        wanted: Which columns; None for all.
    """
    columns = [column.name for column in contract.columns]
    actual = [row[0] for row in connection.execute(f"describe marts.{contract.name}").fetchall()]
    every = [*columns, *(name for name in actual if name not in columns)]
    joined = "left join marts.dim_metrics as m using (metric_id)" if "metric_id" in columns else ""
    return connection.execute(
        f"select {frame_columns(contract.name, every, wanted)} "
        f"from marts.{contract.name} as t {joined} {where}"
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
