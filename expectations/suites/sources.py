"""Expectations about sources: one suite a source, one expectation a clause and severity.

A suite judges the weeks of one source: each row is an event type, a week and a clause, and the
clause's own column has the share of events that break it (NaN in the rows of other clauses).
"""

import great_expectations as gx

from expectations.suites.clauses import CLAUSES
from expectations.suites.instruments import GX_SEVERITIES, ExpectColumnValuesToBeBetween

ALL = "all sources"


def source_suite(source_id: str = ALL) -> gx.ExpectationSuite:
    """Return the suite of one source's contract.

    A share warns as soon as it is over the limit; a number is only lost (fail, block) to an
    excess that is no chance, in the column `<clause>_sure`.
    """
    return gx.ExpectationSuite(
        name=f"source {source_id}",
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=f"{clause.name}_sure" if limit.is_sure else clause.name,
                max_value=limit.share,
                severity=GX_SEVERITIES[limit.severity],
                meta={
                    "defect": clause.defect,
                    "severity": limit.severity,
                    "clause": clause.name,
                },
                notes=clause.note,
            )
            for clause in CLAUSES
            for limit in clause.limits
        ],
    )
