"""What people recorded about a metric's history: causes of a change, exceptional periods."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

if TYPE_CHECKING:
    from orchestration.defs.judge.series import Series

CAUSES = """
    select annotation_id, product_id, metric_id, from_date
    from registry.annotations
    where annotation_kind = 'cause' and is_accepted and is_lasting
    order by from_date, annotation_id
"""
EXCEPTIONAL = """
    select product_id, metric_id, from_date, coalesce(to_date, from_date) as to_date
    from registry.annotations
    where annotation_kind = 'exceptional'
"""


@dataclass(frozen=True)
class Cause:
    """A recorded cause of a lasting change whose new level is accepted."""

    annotation_id: str
    product_id: str
    metric_id: str | None
    """None for all metrics of the product."""
    from_date: date

    def is_of(self, series: "Series") -> bool:
        """Tell whether the cause was recorded for this metric."""
        is_own = self.metric_id in (None, series.metric_id)
        return is_own and self.product_id == series.product_id


def read_causes(connection: duckdb.DuckDBPyConnection) -> list[Cause]:
    """Return the causes that may open a segment, in order of their days."""
    return [Cause(*row) for row in connection.execute(CAUSES).fetchall()]


def read_exceptional(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Return the exceptional stretches: product, metric (None for all), first and last day."""
    return connection.execute(EXCEPTIONAL).fetchall()


def is_exceptional(rows: pd.DataFrame, stretches: list[tuple]) -> pd.Series:
    """Tell which periods have a day of an exceptional stretch.

    `rows` has `product_id`, `metric_id`, `period_start_date` and the period's `week_count`.
    """
    found = pd.Series(False, index=rows.index)
    for product, metric, start, end in stretches:
        own = rows[(rows.product_id == product) & ((rows.metric_id == metric) | (metric is None))]
        is_touched = [
            begins <= end and begins + timedelta(weeks=weeks) > start
            for begins, weeks in zip(own.period_start_date, own.week_count, strict=True)
        ]
        found |= pd.Series(is_touched, index=own.index, dtype=bool).reindex(
            found.index, fill_value=False
        )
    return found
