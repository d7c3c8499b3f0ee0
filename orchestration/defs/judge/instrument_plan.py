"""From when on a planned event type that never came is missing, and not merely rare."""

import duckdb
import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold

MISSING_FINISH = 5
AWAITED = """
select distinct
    sources.source_id, sources.product_id, types.finish_event_type as event_type,
    max(horizons.horizon_hours) over (partition by types.finish_event_type) as horizon_hours
from metrics.int_metric_lineage as lineage
inner join registry.metrics as metrics using (metric_id)
inner join registry.task_types as types
    on metrics.task_type_id = types.task_type_id and lineage.event_type = types.finish_event_type
inner join core.int_task_horizons as horizons on types.task_type_id = horizons.task_type_id
inner join registry.sources as sources on lineage.product_id = sources.product_id
where lineage.is_required and metrics.tau_hours is not null
order by all
"""
"""Finishes of tasks that a metric of the product gives a time to: most should come by then."""
FINISHES = "select distinct finish_event_type from registry.task_types order by all"
WEEK = np.timedelta64(7, "D")
Type = tuple[str, str]
"""Source and event type."""


def read_awaited(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return source, product, event type and `horizon_hours` of finishes that are awaited."""
    return connection.execute(AWAITED).df()


def with_awaited(statistics: pd.DataFrame, awaited: pd.DataFrame) -> pd.DataFrame:
    """Add `is_awaited` to the statistics: check 5's rows on finishes that a metric waits for."""
    types = set(zip(awaited["source_id"], awaited["event_type"], strict=True))
    is_awaited = [
        check_id == MISSING_FINISH and (source_id, event_type) in types
        for check_id, source_id, event_type in zip(
            statistics["check_id"], statistics["source_id"], statistics["event_type"], strict=True
        )
    ]
    return statistics.assign(is_awaited=is_awaited)


def many_starts(threshold: Threshold) -> int:
    """Return how many starts without an end can't be chance: of 10 points, 66 at p < 0.001.

    So many rule out, at `sure_p`, that even the share of starts ends at which check 5 fails.
    """
    return int(np.ceil(np.log(threshold.sure_p) / np.log1p(-threshold.fail)))


def unended_since(
    statistics: pd.DataFrame, awaited: pd.DataFrame, least_starts: int
) -> dict[Type, np.datetime64]:
    """Return the Monday from which it is known that none of many tasks ever ended.

    Args:
        statistics: With check 5's rows: mature starts `n` by week of start, `numerator` of them
            ended, by the source that finishes or, where none ever did, the one that starts.
        awaited: From `read_awaited`.
        least_starts: Starts of the product that were due to end by then.

    Returns:
        By source and finish type, for every source of the product. The weeks that the longest tau
        takes are waited for, and one more for late events: nothing later than a week is looked at.
    """
    starts = statistics[statistics["check_id"] == MISSING_FINISH].merge(
        awaited, on=["source_id", "event_type"]
    )
    weekly = starts.groupby(["product_id", "event_type", "week_start_date"], as_index=False).agg(
        n=("n", "sum"), ended=("numerator", "sum"), horizon_hours=("horizon_hours", "max")
    )
    by_product = weekly.groupby(["product_id", "event_type"])
    is_known = (by_product["n"].cumsum() >= least_starts) & (by_product["ended"].cumsum() == 0)
    first = weekly[is_known].drop_duplicates(["product_id", "event_type"])
    sources = awaited.drop(columns="horizon_hours").merge(first, on=["product_id", "event_type"])
    wait = np.ceil(sources["horizon_hours"].to_numpy(float) / (24 * 7)).astype(int) + 1
    mondays = sources["week_start_date"].to_numpy("datetime64[D]") + wait * WEEK
    types = zip(sources["source_id"], sources["event_type"], strict=True)
    return dict(zip(types, mondays, strict=True))
