"""What every source promises of its events, clause by clause."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from expectations.suites.remedies import ANEW, AS_PLANNED, RANDOM_IDS, REMEDIES, Remedy

MINIMUM_N = 10
"""Events of a type in a week below which nothing is judged."""


class Limit(NamedTuple):
    """A share of broken events above which a clause has this severity."""

    severity: str
    share: float
    is_sure: bool
    """Whether it counts only where the excess is no chance: a number is lost to nothing less."""


@dataclass(frozen=True)
class Clause:
    """What every source promises of its events. Limits are shares, NaN where there is none."""

    name: str
    dimension: str
    """Of data quality, as the Open Data Contract Standard names it."""
    said: str
    """What holds, with `{property}` where it speaks of one."""
    warn: float
    fail: float
    block: float
    defect: str
    note: str
    """Which metric would be wrong, and in which direction."""
    remedy: Remedy

    def promise(self, name: str = "") -> str:
        """What is promised, of a property by its name in the event's data."""
        return self.said.format(property=f"data.{name}")

    def is_about(self, kind: str, is_required: bool) -> bool:
        """Whether it says something of a property that is read as `kind`."""
        if self.name == "required_property":
            return is_required
        return self.name == "property_type" and kind != "text"

    @property
    def is_of_properties(self) -> bool:
        """Whether it is promised of single properties, or of whole events."""
        return "{property}" in self.said

    @property
    def limits(self) -> list[Limit]:
        """Those that it has, the least severe first; above the first of them it is broken."""
        found = (
            Limit("warn", self.warn, False),
            Limit("fail", self.fail, True),
            Limit("block", self.block, True),
        )
        return [limit for limit in found if not math.isnan(limit.share)]


NEVER = math.nan
CLAUSES = (
    Clause(
        "required_property", "completeness", "{property} is sent", NEVER, 0.01, 0.99,
        "required properties not sent",
        "Filters and sums over the property leave these events out: numerators of shares and "
        "rates are too low, ratios of sums too.",
        AS_PLANNED,
    ),
    Clause(
        "property_type", "conformity", "{property} can be read as what it is", 0.0, 0.01, 0.99,
        "properties of another type",
        "What can't be read counts as not sent: ratios of sums are too low, and shares and "
        "durations that filter by it rest on the others.",
        Remedy(
            "Send the property in the type in which the measures read it",
            f"{ANEW} the property in that type",
        ),
    ),
    Clause(
        "envelope", "conformity", "the event's own attributes are there", NEVER, 0.01, 0.99,
        "attributes of the envelope missing or mistyped",
        "These events are set aside: counts and rates are too low, and durations too long, for "
        "tasks look open that have ended.",
        Remedy(
            "Send what the envelope's schema asks for (docs/envelope.schema.json)",
            "Deliver again what was set aside, mended",
        ),
    ),
    Clause(
        "time", "accuracy", "events have a time, and none of the future", 0.0, 0.01, 0.5,
        "times that nobody can have seen",
        "These events are set aside: counts and rates are too low, and durations rest on the "
        "other events.",
        Remedy(
            "Set the clock or time zone of the sender right, or the unit in which it gives times",
            "Deliver again what was set aside, with the right times",
        ),
    ),
    Clause(
        "delivered_once", "uniqueness", "events are delivered once", NEVER, 0.05, 0.2,
        "events delivered more than once",
        "What comes again under its id is counted once. A sender that retries so often counts what "
        "it repeats under new ids twice: counts and rates are too high.",
        REMEDIES[1],
    ),
    Clause(
        "unique_id", "uniqueness", "an id stands for one event", 0.0, 0.001, 0.01,
        "ids used again for another event",
        "Only the first of them is counted: counts and rates are too low.",
        RANDOM_IDS,
    ),
    Clause(
        "known_product", "consistency", "events belong to a product of the registry",
        0.0, 0.01, 0.99,
        "events of products that nobody knows",
        "No product's metric counts these events: counts and rates of the product they belong "
        "to are too low.",
        Remedy(
            "Send the product's id as in `products.csv`, or add the product there",
            "Add the product: its events are counted then",
        ),
    ),
)  # fmt: skip
BY_NAME = {clause.name: clause for clause in CLAUSES}
