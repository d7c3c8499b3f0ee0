"""What every source promises of its events, clause by clause."""

import math
from dataclasses import dataclass


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
        "Filters and sums over the property leave these events out: numerators of shares and "
        "rates are too low, ratios of sums too.",
    ),
    Clause(
        "property_type", "{property} can be read as what it is", 0.0, 0.01, 0.99,
        "properties of another type",
        "What can't be read counts as not sent: ratios of sums are too low, and shares and "
        "durations that filter by it rest on the others.",
    ),
    Clause(
        "envelope", "the event's own attributes are there", NEVER, 0.01, 0.99,
        "attributes of the envelope missing or mistyped",
        "These events are set aside: counts and rates are too low, and durations too long, for "
        "tasks look open that have ended.",
    ),
    Clause(
        "time", "events have a time, and none of the future", 0.0, 0.01, 0.5,
        "times that nobody can have seen",
        "These events are set aside: counts and rates are too low, and durations rest on the "
        "other events.",
    ),
    Clause(
        "unique_id", "an id stands for one event", 0.0, 0.001, 0.01,
        "ids used again for another event",
        "Only the first of them is counted: counts and rates are too low.",
    ),
    Clause(
        "known_product", "events belong to a product of the registry", 0.0, 0.01, 0.99,
        "events of products that nobody knows",
        "No product's metric counts these events: counts and rates of the product they belong "
        "to are too low.",
    ),
)  # fmt: skip
BY_NAME = {clause.name: clause for clause in CLAUSES}
