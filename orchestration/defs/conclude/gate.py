"""The gate before publishing: each served table is held against its suite of expectations."""

import json
import math
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb
import great_expectations as gx
import pandas as pd

from expectations.run import Outcome, broken_rows, evaluate
from expectations.suites.marts import (
    frame_columns,
    looked_at,
    mart_suite,
    scope,
)
from orchestration.defs.publish.contracts import Contract, read_contracts
from orchestration.engine import connect

MOST_ROWS = 1_000_000
"""Of larger tables parts are judged one after the other: GX needs a frame of them in memory."""
KNOWN = "built.promises"
"""What became of a month's promises, by what was judged of it."""
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
    # which columns there are is judged on all of them and on no row
    of_columns = evaluate(
        _suite(contract, "columns"), mart_frame(connection, contract, "where false")
    )
    row_count = _row_count(connection, contract)
    if row_count <= MOST_ROWS:
        return [*of_columns, *_part(connection, contract, ("grain", "rows"))]
    of_rows = (
        _months(connection, contract)
        if contract.clustered_by
        else _pieces(connection, contract, "rows", row_count)
    )
    return [*of_columns, *_of_grain(connection, contract, row_count), *_together(of_rows)]


def _of_grain(
    connection: duckdb.DuckDBPyConnection, contract: Contract, row_count: int
) -> list[Outcome]:
    """Judge whether rows of a large table are told apart, on those whose hashes aren't."""
    grain = ", ".join(f"t.{name}" for name in contract.grain)
    doubled = (
        f"select hash({grain}) as grain, count(*) as row_count from marts.{contract.name} as t "
        "group by all having count(*) > 1"
    )
    count = connection.execute(f"select sum(row_count) from ({doubled})").fetchall()[0][0] or 0
    condition = f"hash({grain}) in (select grain from ({doubled}))" if count else "false"
    found = _together(_pieces(connection, contract, "grain", count, condition))
    return [replace(outcome, element_count=row_count) for outcome in found]


def _months(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[list[Outcome]]:
    """Judge a large table by month; one whose rows are those of an earlier run keeps its outcomes.

    What is judged tells, dimensions that it is held against included, by the sum of its hashes.
    """
    month = f"date_trunc('month', t.{contract.clustered_by})::date"
    columns = _judged_columns(contract, ("rows",))
    rows = _query(connection, contract, columns, month=month)
    contents = connection.execute(
        f"select month, count(*), sum(hash({', '.join(sorted(columns))}))::varchar "
        f"from ({rows}) group by month order by month"
    ).fetchall()
    (code,) = connection.execute("select max(code_version) from marts.dim_run").fetchall()[0]
    known = {
        tuple(key): [Outcome(**{**found, "rows": tuple(found["rows"])}) for found in json.loads(o)]
        for *key, o in connection.execute(
            # a rebuild remembers nothing
            f"select month, row_count, content, outcomes from {KNOWN} where mart = ? and code = ? "
            "and (select bool_or(is_increment) from built.run_plan)",
            [contract.name, code],
        ).fetchall()
    }
    outcomes = {
        key: known.get(key)
        or _together(
            _pieces(connection, contract, "rows", key[1], f"{month} is {_same_as(key[0])}")
        )
        for key in contents
    }
    connection.execute(f"delete from {KNOWN} where mart = ?", [contract.name])
    connection.executemany(
        f"insert into {KNOWN} values (?, ?, ?, ?, ?, ?)",
        [
            [contract.name, code, *key, json.dumps([asdict(outcome) for outcome in found])]
            for key, found in outcomes.items()
        ],
    )
    return list(outcomes.values())


def _same_as(month: date | None) -> str:
    return "null" if month is None else f"not distinct from date '{month}'"


def _pieces(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    scope: str,
    row_count: int,
    condition: str = "true",
) -> list[list[Outcome]]:
    """Judge rows in as many parts as memory asks for; those of one grain are in one part."""
    parts = max(1, math.ceil(row_count / MOST_ROWS))
    grain = ", ".join(f"t.{name}" for name in contract.grain)
    wheres = (f"where {condition} and hash({grain}) % {parts} = {part}" for part in range(parts))
    return [_part(connection, contract, (scope,), where) for where in wheres]


def _suite(contract: Contract, *scopes: str) -> gx.ExpectationSuite:
    """Return what is expected of a table within these scopes.

    GX writes into the expectations that it evaluates: each time a suite of its own.
    """
    columns = [column.name for column in contract.columns]
    suite = mart_suite(contract.name, contract.grain, columns)
    suite.expectations = [e for e in suite.expectations if scope(e) in scopes]
    return suite


def _told_keys(contract: Contract) -> list[str]:
    return [name for name in TOLD_KEYS if name in contract.grain]


def _judged_columns(contract: Contract, scopes: tuple[str, ...]) -> set[str]:
    """Return what is looked at, and the keys that name it.

    A column that nobody looks at would be copied for each expectation that leaves out rows.
    """
    return set(_told_keys(contract)).union(*map(looked_at, _suite(contract, *scopes).expectations))


def _part(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    scopes: tuple[str, ...],
    where: str = "",
) -> list[Outcome]:
    """Judge some of a table's rows, and name some of those that break a promise."""
    suite, keys = _suite(contract, *scopes), _told_keys(contract)
    frame = mart_frame(connection, contract, where, _judged_columns(contract, scopes))
    outcomes = evaluate(suite, frame)
    broken = {outcome.said for outcome in outcomes if outcome.severity}
    if not broken or not keys:
        return outcomes
    suite = _suite(contract, *scopes)
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
    return connection.execute(_query(connection, contract, wanted, where)).df()


def _query(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    wanted: Collection[str] | None,
    where: str = "",
    **more: str,
) -> str:
    """Return the query of a table's rows as its suite judges them, with more columns by name."""
    columns = [column.name for column in contract.columns]
    actual = [row[0] for row in connection.execute(f"describe marts.{contract.name}").fetchall()]
    every = [*columns, *(name for name in actual if name not in columns)]
    joined = "left join marts.dim_metrics as m using (metric_id)" if "metric_id" in columns else ""
    selected = [
        frame_columns(contract.name, every, wanted),
        *(f"{sql} as {name}" for name, sql in more.items()),
    ]
    return f"select {', '.join(selected)} from marts.{contract.name} as t {joined} {where}"


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
