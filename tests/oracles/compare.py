"""Hold the warehouse of a workspace against the oracle: every metric, segment and period."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, NamedTuple

import duckdb

from orchestration.workspace import Workspace
from tests.oracles.oracle_events import read_landing, read_registry
from tests.oracles.oracle_metrics import Key, Oracle, Reading
from tests.oracles.oracle_served import Place, Served

EXACT, INTERVAL = 1e-9, 1e-6
# limits of an endless bootstrap are found on one grid by the product, on another by the oracle
ENDLESS = 5e-4
COLUMNS = (
    "value, numerator, denominator, unit_count, ci_low, ci_high, "
    "is_ripe, coalesce(is_provisional, false), no_value_reason, "
    "coalesce(person_count, 0), open_count, ci_method"
)
COMPUTED = f"""
    select product_id, metric_id, period_grain, period_start_date, {COLUMNS}
    from metrics.int_metric_periods where segment_type = 'all'
"""
SERVED = """
    select product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        value, numerator, denominator, unit_count, ci_low, ci_high, is_ripe,
        coalesce(is_provisional, false), no_value_reason, person_count, open_count, ci_method,
        is_suppressed, trust_grade, unit, bound_low, bound_high, bound_reason,
        last_trusted_value, last_trusted_period_start_date, metric_version
    from marts.fct_metric_values
"""
CHECKS = """
    select source_id, event_type, week_start_date, check_id, severity, n < expected as is_few,
        case
            when check_id = 20 and defect like '%taken away%'
                or check_id = 12 and event_type = '*' and statistic >= 0.05
                then round(statistic * n)::integer
        end as lost_count
    from guard.instrument_checks
"""
RESULTS = """
    select source_id, event_type, week_start_date, check_id, severity, coalesce(n, 0)::integer,
        coalesce(statistic, 0.0), defect like '%taken away%' or defect like '%can''t be read%',
        concat_ws(' ', defect, check_id = 11 and n < expected,
                  split_part(finding, ' ', 1), contains(finding, ' larger '))
    from guard.instrument_checks
    union all
    select source_id, event_type, week_start_date, 0, severity, event_count::integer,
        broken_count / event_count, false, ''
    from guard.contract_checks
    where severity >= 2 and clause in ('property_type', 'time', 'known_product')
"""
"""What the guard measured, with the promises of the contract as check 0."""
ON_METRICS = """
    select product_id, metric_id, source_id, event_type, week_start_date, check_id, severity
    from guard.metric_checks
"""


class Difference(NamedTuple):
    """A number on which SQL and oracle disagree; one is None where a row is absent."""

    product_id: str
    metric_id: str
    period_grain: str
    period_start_date: date
    column: str
    sql: Any
    oracle: Any


def oracle_of(workspace: Workspace) -> Oracle:
    """Return the oracle over a workspace's registry and landing files, as of its last run."""
    ((as_of,),) = query(workspace, "select as_of_at from registry.run_context")
    registry = read_registry(workspace.seeds)
    landing = read_landing(workspace.landing, registry, as_of)
    return Oracle(registry, landing.events, as_of, landing.signs)


def query(workspace: Workspace, sql: str, parameters: Any = None) -> list[tuple]:
    """Answer a query on a workspace's warehouse."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


def served_rows(workspace: Workspace) -> dict[Place, Served]:
    """Return all rows of `fct_metric_values`."""
    return {row[:6]: Served(*row[6:]) for row in query(workspace, SERVED)}


def rows_of(rows: list[tuple]) -> dict[Key, Reading]:
    """Return rows of one of the queries above as readings."""
    return {row[:4]: Reading(*row[4:]) for row in rows}


def differences(
    served: Mapping[Key, Reading], expected: Mapping[Key, Reading]
) -> list[Difference]:  # fmt: skip
    """Return where two sets of readings differ, absent rows included.

    Values are the same within 1e-9, intervals within 1e-6 (relative); reasons, counts and flags
    exactly.
    """
    found = [Difference(*key, *unlike) for key, *unlike in unequal(served, expected)]
    return sorted(found, key=lambda d: d[:5])


def unequal(
    served: Mapping[Any, Reading], expected: Mapping[Any, Reading]
) -> Iterator[tuple[Any, str, Any, Any]]:
    """Yield key, column and both readings of it where two sets differ; `row` where one has none."""
    for key in served.keys() ^ expected.keys():
        yield key, "row", served.get(key), expected.get(key)
    for key in served.keys() & expected.keys():
        is_hidden = getattr(expected[key], "is_hidden", False)
        for column in fields(expected[key]):
            mine, other = getattr(served[key], column.name), getattr(expected[key], column.name)
            is_endless = expected[key].method == "bca_bootstrap"
            if not _is_same(column.name, mine, other, is_hidden, is_endless):
                yield key, column.name, mine, other


def is_close(left: float | None, right: float | None, tolerance: float = EXACT) -> bool:
    """Return whether two numbers are the same; nothing is only the same as nothing."""
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=1e-12)


def _is_same(column: str, left: Any, right: Any, is_hidden: bool, is_endless: bool) -> bool:
    if not is_hidden and column in ("numerator", "denominator"):
        # nothing to add up is 0 or no row, which is the same to whoever adds up
        return is_close(left or 0.0, right or 0.0)
    if column in ("ci_low", "ci_high"):
        return is_close(left, right, ENDLESS if is_endless else INTERVAL)
    is_number = column in (
        "value",
        "numerator",
        "denominator",
        "last_value",
        "bound_low",
        "bound_high",
    )
    return is_close(left, right) if is_number else left == right
