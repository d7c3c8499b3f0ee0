"""Expectations about sources: one suite a source, one expectation a clause and severity.

A suite judges the weeks of one source: each row is an event type, a week and a clause, and the
clause's own column has the share of events that break it (NaN in the rows of other clauses).
"""

import math
from dataclasses import dataclass

import great_expectations as gx

from expectations.suites.instruments import GX_SEVERITIES, ExpectColumnValuesToBeBetween

MINIMUM_N = 10
"""Events of a type in a week below which nothing is judged."""
ALL = "all sources"


@dataclass(frozen=True)
class Clause:
    """What every source promises of its events. Limits are shares, NaN where there is none."""

    name: str
    said: str
    """What holds, with `{property}` where it speaks of one."""
    warn: float
    fail: float
    block: float
    defect: str
    note: str
    """Which metric would be wrong, and in which direction."""


NEVER = math.nan
CLAUSES = (
    Clause(
        "required_property", "{property} is sent", NEVER, 0.01, 0.99,
        "required properties not sent",
        "Filters and sums over the property leave these events out: numerators are too low.",
    ),
    Clause(
        "property_type", "{property} can be read as what it is", 0.0, 0.01, 0.99,
        "properties of another type",
        "What can't be read counts as not sent: sums are too low, and shares that filter by it "
        "too.",
    ),
    Clause(
        "envelope", "the event's own attributes are there", NEVER, 0.01, 0.99,
        "attributes of the envelope missing or mistyped",
        "These events are set aside: counts are too low, and tasks look open that have ended.",
    ),
    Clause(
        "time", "events have a time, and none of the future", 0.0, 0.01, 0.5,
        "times that nobody can have seen",
        "These events are set aside: counts are too low, and durations rest on the other events.",
    ),
    Clause(
        "unique_id", "an id stands for one event", 0.0, 0.001, 0.01,
        "ids used again for another event",
        "Only the first of them is counted: counts are too low.",
    ),
    Clause(
        "known_product", "events belong to a product of the registry", 0.0, 0.01, 0.99,
        "events of products that nobody knows",
        "No product's metric counts these events: counts of the product they belong to are too "
        "low.",
    ),
)  # fmt: skip
BY_NAME = {clause.name: clause for clause in CLAUSES}


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
