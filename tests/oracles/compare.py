"""Hold the warehouse of a workspace against the oracle: every metric, segment and period."""

import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, NamedTuple

import duckdb

from orchestration.workspace import Workspace
from tests.oracles.oracle_events import read_landing, read_registry
from tests.oracles.oracle_metrics import Key, Oracle, Reading

EXACT, INTERVAL = 1e-9, 1e-6
COLUMNS = (
    "value, numerator, denominator, unit_count, ci_low, ci_high, "
    "is_ripe, coalesce(is_provisional, false), no_value_reason"
)
COMPUTED = f"""
    select product_id, metric_id, period_grain, period_start_date, {COLUMNS}
    from metrics.int_metric_periods where segment_type = 'all'
"""
SERVED = f"""
    select product_id, metric_id, period_grain, period_start_date, {COLUMNS}
    from marts.fct_metric_values where segment_type = 'all'
"""
HIDDEN = ("suppressed", "withheld")


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
    found = [Difference(*key, "row", served[key], None) for key in served.keys() - expected.keys()]
    found += [
        Difference(*key, "row", None, expected[key]) for key in expected.keys() - served.keys()
    ]
    for key in served.keys() & expected.keys():
        for column in fields(Reading):
            name = column.name
            mine, other = getattr(served[key], name), getattr(expected[key], name)
            if not _is_same(name, mine, other):
                found.append(Difference(*key, name, mine, other))
    return sorted(found, key=lambda d: d[:5])


def is_close(left: float | None, right: float | None, tolerance: float = EXACT) -> bool:
    """Return whether two numbers are the same; nothing is only the same as nothing."""
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=1e-12)


def _is_same(column: str, left: Any, right: Any) -> bool:
    if column in ("numerator", "denominator"):
        # nothing to add up is 0 or no row, which is the same to whoever adds up
        return is_close(left or 0.0, right or 0.0)
    if column in ("ci_low", "ci_high"):
        return is_close(left, right, INTERVAL)
    return is_close(left, right) if column == "value" else left == right


def shown(
    served: Mapping[Key, Reading], expected: Mapping[Key, Reading]
) -> tuple[dict[Key, Reading], dict[Key, Reading]]:
    """Leave out, on both sides, what the marts hide; a hidden reading has no number at all."""
    hidden = {key for key, reading in served.items() if reading.reason in HIDDEN}
    for key in hidden:
        reading = served[key]
        numbers = (reading.value, reading.numerator, reading.denominator, reading.ci_low)
        assert numbers == (None,) * 4, (key, reading)
    return (
        {key: reading for key, reading in served.items() if key not in hidden},
        {key: reading for key, reading in expected.items() if key not in hidden},
    )
