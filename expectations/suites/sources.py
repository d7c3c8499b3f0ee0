"""Expectations about sources: one suite a source, one expectation a clause and severity.

A suite judges the weeks of one source: each row is an event type, a week and a clause, and the
clause's own column has the share of events that break it (NaN in the rows of other clauses).
"""

import math

import great_expectations as gx

from expectations.suites.clauses import CLAUSES, Clause
from expectations.suites.instruments import GX_SEVERITIES, ExpectColumnValuesToBeBetween

MINIMUM_N = 10
"""Events of a type in a week below which nothing is judged."""
ALL = "all sources"


def source_suite(source_id: str = ALL) -> gx.ExpectationSuite:
    """Return the suite of one source's contract.

    A share warns as soon as it is over the limit; a number is only lost (fail, block) to an
    excess that is no chance, in the column `<clause>_sure`.
    """
    return gx.ExpectationSuite(
        name=f"source {source_id}",
        expectations=[
            expectation
            for clause in CLAUSES
            for expectation in (
                _at_most(clause, clause.name, clause.warn, "warn"),
                _at_most(clause, f"{clause.name}_sure", clause.fail, "fail"),
                _at_most(clause, f"{clause.name}_sure", clause.block, "block"),
            )
            if expectation
        ],
    )


def _at_most(
    clause: Clause, column: str, limit: float, severity: str
) -> ExpectColumnValuesToBeBetween | None:
    if math.isnan(limit):
        return None
    return ExpectColumnValuesToBeBetween(
        column=column,
        max_value=limit,
        severity=GX_SEVERITIES[severity],
        meta={"defect": clause.defect, "severity": severity, "clause": clause.name},
        notes=clause.note,
    )
