"""Intervals of ratios of sums by week and natural period, which SQL cannot compute."""

from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from orchestration.defs.judge import touched
from orchestration.defs.judge.ratio_intervals import CLUSTERS, Parts, bootstrap_ratio, grouped
from orchestration.defs.judge.remembered import remembered
from orchestration.defs.judge.series import GRAIN_WEEKS
from orchestration.defs.judge.tables import portions, write_table
from orchestration.engine import connect

COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "period_grain": "varchar",
    "period_start_date": "date",
    "ci_low": "double",
    "ci_high": "double",
    "unit_count": "integer",
}
GRAINS = ", ".join(f"('{grain}', {7 * weeks})" for grain, weeks in GRAIN_WEEKS.items())

# all clusters of a week, and those of the ripe weeks of a longer period, which counts no others;
# periods are counted from a Monday. The order of clusters is fixed, so that equal sides have an
# equal digest and a seed gives equal draws; samples of one size share most of their work, and come
# one after the other
PERIODS = f"""
    with grains (period_grain, day_count) as (values {GRAINS}),
    wanted as (
        select distinct product_id, metric_id from metrics.int_metric_periods
        where product_id in (select unnest($products))
    ),
    clusters as (select * from ({CLUSTERS}) where week_start_date >= $first),
    ripe as (
        select distinct product_id, metric_id, period_start_date as week_start_date
        from metrics.int_metric_periods
        where period_grain = 'week' and segment_type = 'all' and is_ripe
    ),
    longer as (
        select product_id, metric_id, unit_key, week_start_date, x, y,
               m.natural_period as period_grain,
               date '2024-01-01'
               + cast(floor((week_start_date - date '2024-01-01') / g.day_count) as integer)
               * g.day_count as period_start_date
        from clusters
        join ripe using (product_id, metric_id, week_start_date)
        join registry.metrics as m using (metric_id)
        join grains as g on g.period_grain = m.natural_period
        where m.natural_period <> 'week'
    ),
    parts as (
        select product_id, metric_id, 'week' as period_grain,
               week_start_date as period_start_date, unit_key, x, y
        from clusters
        union all
        select product_id, metric_id, period_grain, period_start_date, unit_key,
               sum(x order by week_start_date), sum(y order by week_start_date)
        from longer group by all
    )
    select product_id, metric_id, period_grain, period_start_date,
           list(x order by unit_key) as x, list(y order by unit_key) as y
    from parts {{of_periods}} group by all order by count(*), 1, 2, 3, 4
"""


def write_period_intervals(database: Path, first: date = date.min) -> None:
    """Write `guard.ratio_period_intervals` anew: 95 % intervals of ratios of sums.

    Args:
        database: The private warehouse, after the measure step.
        first: Monday of the first week that counts.

    Equal input gives equal intervals: each cell has a seed made of its key. An increment writes
    those of the periods that it computed anew.
    """
    with connect(database) as connection:
        rows = []
        is_part = touched.is_adding(connection, "ratio_period_intervals")
        periods = PERIODS.format(
            scope=f"and v.week_start_date in ({touched.WEEKS})" if is_part else "",
            of_periods=f"where {touched.OF_PERIODS}" if is_part else "",
        )
        with remembered(connection, "periods", is_of_all=not is_part) as memory:
            for products in [*portions(connection, "metrics.int_measure_values")]:
                asked = {"first": first, "products": products}
                for *cell, start, x, y in (
                    connection.execute(periods, asked).df().itertuples(index=False)
                ):
                    parts = Parts(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
                    key, few = "|".join([*cell, f"{start:%F}"]), grouped(parts)
                    draw = partial(bootstrap_ratio, few, key)
                    limits = memory.interval(key, [few.x, few.y], draw)
                    if limits is not None:
                        rows.append((*cell, start.date(), *limits, len(parts.x)))
        replaced = touched.OF_PERIODS if is_part else ""
        write_table(connection, "ratio_period_intervals", COLUMNS, rows, replaced)
