"""Grades that people lowered, with a reason: what the registry's `trust_overrides` says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

ROWS = """
    select product_id, metric_id, source_id, grade, from_week_date, to_week_date, reason
    from registry.trust_overrides
    order by all
"""


@dataclass(frozen=True)
class Override:
    """One row: over these weeks, nothing better than `grade`."""

    product_id: str | None
    metric_id: str | None
    """One metric of the product; None for all."""
    source_id: str | None
    grade: str
    """B, C or D."""
    from_week: date
    """Monday of the first week."""
    to_week: date | None
    """Monday of the last week; None until further notice."""
    reason: str

    def covers(self, week: date) -> bool:
        return self.from_week <= week and (self.to_week is None or week <= self.to_week)

    @property
    def words(self) -> str:
        return f"lowered by hand: {self.reason}"


class Overrides:
    """What people lowered; nothing here can make a grade better."""

    def __init__(self, rows: list[Override]) -> None:
        self._rows = rows

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection) -> "Overrides":
        """Read the registry's table; it has passed validation."""
        return cls([Override(*row) for row in connection.execute(ROWS).fetchall()])

    def of_source(self, source_id: str, week: date) -> Override | None:
        """Return the worst of a source in a week."""
        return _worst(o for o in self._rows if o.source_id == source_id and o.covers(week))

    def of_metric(self, product_id: str, metric_id: str, week: date) -> Override | None:
        """Return the worst of a product's metric in a week; those of all its metrics included."""
        return _worst(
            o
            for o in self._rows
            if o.product_id == product_id and o.metric_id in (None, metric_id) and o.covers(week)
        )


def _worst(found: Iterable[Override]) -> Override | None:
    return max(found, key=lambda override: override.grade, default=None)
