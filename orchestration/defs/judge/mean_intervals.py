"""Intervals of the mean of many finished times, which SQL cannot compute: BCa bootstraps."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orchestration.defs.judge import touched
from orchestration.defs.judge.remembered import remembered
from orchestration.defs.judge.tables import portions, write_table
from orchestration.engine import connect
from orchestration.method.means import LEAST_FOR_BCA, bca_mean

COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "period_grain": "varchar",
    "period_start_date": "date",
    "ci_low": "double",
    "ci_high": "double",
    "unit_count": "integer",
}

# as in the model int_values_duration_companions, by week and by the metric's natural period; the
# order of items is fixed, so that equal times have an equal digest
TIMES = """
    select w.product_id, w.metric_id || '_finished_mean' as metric_id, w.period_grain,
           w.period_start_date,
           list(i.duration_us / 3600000000.0 * i.units_per_hour order by i.duration_us) as times
    from metrics.int_metric_period_weeks as w
    join registry.metrics as m on m.metric_id = w.metric_id and m.kind = 'duration'
        and w.period_grain in ('week', m.natural_period)
    join metrics.int_duration_items as i
        on i.product_id = w.product_id and i.metric_id = w.metric_id
        and i.week_start_date = w.week_start_date
    where w.product_id in (select unnest($products))
        and w.is_week_ripe and i.duration_us is not null {scope}
    group by all
    having count(*) >= greatest($least, coalesce(max(m.minimum_n), 0))
    order by 1, 2, 3, 4
"""
OF_TOUCHED = f"""
    and (w.product_id, w.metric_id, w.period_grain, w.period_start_date) in (
        select {touched.KEY} from {touched.PERIODS}
    )
    -- by week first: few items are then compared by names
    and i.week_start_date in ({touched.WEEKS})
"""
OF_TOUCHED_MEANS = f"""
    ({touched.KEY}) in (
        select product_id, metric_id || '_finished_mean', period_grain, period_start_date
        from {touched.PERIODS}
    )
"""


def write_mean_intervals(database: Path) -> None:
    """Write `guard.mean_intervals` anew: one row per mean of 30 finished times or more.

    Args:
        database: The private warehouse, after the measure step.

    Equal input gives equal intervals: nothing is drawn. An increment writes those of the periods
    that it computed anew.
    """
    with connect(database) as connection:
        rows = []
        is_part = touched.is_adding(connection, "mean_intervals")
        query = TIMES.format(scope=OF_TOUCHED if is_part else "")
        with remembered(connection, "means", is_of_all=not is_part) as memory:
            for products in [*portions(connection, "metrics.int_duration_items")]:
                asked = {"products": products, "least": LEAST_FOR_BCA}
                cells = connection.execute(query, asked).df()
                for *cell, start, times in cells.itertuples(index=False):
                    values = np.asarray(times, dtype=float)
                    limits = memory.interval("bca", [values], partial(interval, values))
                    if limits is not None:
                        rows.append((*cell, start.date(), *limits, len(values)))
        replaced = OF_TOUCHED_MEANS if is_part else ""
        write_table(connection, "mean_intervals", COLUMNS, rows, replaced)


def interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the 95 % BCa interval of the mean; None where times don't vary."""
    if np.ptp(values) <= 1e-9 * np.abs(values).max():
        return None
    low, high = bca_mean(values).interval
    return (float(low), float(high)) if np.isfinite(low) and np.isfinite(high) else None
