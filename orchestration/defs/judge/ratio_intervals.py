"""Intervals of changes that SQL cannot compute: bootstraps of ratios, exact ratios of rates."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestration.defs.judge.remembered import Remembered, remembered
from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.intervals import expanded_levels
from orchestration.method.rates import exact_rate_ratio
from orchestration.method.resampling import resampled_sums

Floats = NDArray[np.float64]

LEAST_CLUSTERS = 12
REPLICATES = 2_000
# above this many clusters they are put into groups, whose sums are clusters as well; keeps a run
# short, and resampling 250 of them is as good as resampling thousands
MOST_CLUSTERS = 250

WINDOW_COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "window_end_date": "date",
    "window_periods": "integer",
    "scale": "varchar",
    "before_value": "double",
    "after_value": "double",
    "difference": "double",
    "ci90_low": "double",
    "ci90_high": "double",
    "unit_count_before": "integer",
    "unit_count_after": "integer",
}

# the same windows as in the model int_balance_periods (the last so many ripe weeks), widened as in
# int_chart_spreads
WINDOWS = """
    with leads as (
        select product_id, metric_id, max(chart_grain) as chart_grain
        from guard.chart_points group by all
    ),
    segments as (
        select product_id, metric_id, arg_max(sigma_z, entry_number) as sigma_z,
               arg_max(chart_method, entry_number) as chart_method
        from state.limit_segments
        where chart_method is not null and (segment_number = 1 or state = 'locked')
        group by all
    ),
    baselines as (
        select product_id, metric_id, point_number, numerator, denominator,
               sum(numerator) over chart / nullif(sum(denominator) over chart, 0) as rate
        from guard.chart_points
        where is_baseline and chart_method = 'probability' and denominator > 0
            and (product_id, metric_id, segment_number) in (
                select (product_id, metric_id, max(segment_number)) from guard.chart_points
                where is_baseline group by product_id, metric_id
            )
        window chart as (
            partition by product_id, metric_id order by point_number
            rows between unbounded preceding and unbounded following
        )
    ),
    dispersions as (
        select product_id, metric_id,
               sum(power(numerator - denominator * rate, 2) / nullif(denominator * rate, 0)
                   order by point_number)
                   / nullif(count(*) - 1, 0) as phi
        from baselines group by all
    ),
    spreads as (
        select s.product_id, s.metric_id,
               case s.chart_method when 'laney_u' then greatest(coalesce(s.sigma_z, 1), 1)
                    else sqrt(greatest(coalesce(d.phi, 1), 1)) end as widening
        from segments as s left join dispersions as d using (product_id, metric_id)
    ),
    grains (chart_grain, week_count) as (
        values ('week', 1), ('fortnight', 2), ('four_weeks', 4), ('thirteen_weeks', 13)
    )
    select distinct k.product_id, b.metric_id, b.margin_scale as scale, m.kind,
           cast(coalesce(s.widening, 1) as double) as widening,
           cast(coalesce(cast(b.pool_periods as integer), 8 * g.week_count,
                         case when l.chart_grain = 'outage' then 13 else 8 end) as integer)
               as window_periods
    from registry.balances as b
    join registry.kpis as k using (kpi_id)
    join registry.metrics as m on m.metric_id = b.metric_id
    left join leads as l on l.product_id = k.product_id and l.metric_id = k.metric_id
    left join grains as g on g.chart_grain = l.chart_grain
    left join spreads as s on s.product_id = k.product_id and s.metric_id = b.metric_id
    where m.kind = 'ratio_of_sums' or (m.kind = 'count_rate' and b.margin_scale = 'ratio')
    order by all
"""

# as in the model int_baselines, in the order in which they locked
BASELINES = """
    select product_id, metric_id, min(period_start_date) as from_date,
           max(period_start_date) + 7 * (
               case max(chart_grain) when 'fortnight' then 2 when 'four_weeks' then 4
                    when 'thirteen_weeks' then 13 else 1 end - 1
           ) as to_date
    from guard.chart_points where is_baseline
    group by product_id, metric_id, segment_number
    having bool_or(limit_state in ('locked', 'degenerate'))
    order by product_id, metric_id, segment_number
"""

RIPE_WEEKS = """
    select p.product_id, p.metric_id, p.period_start_date as week_start_date,
           cast(p.numerator as double) as numerator, cast(p.denominator as double) as denominator,
           coalesce(t.grade in ('A', 'B') and p.value is not null and s.metric_id is null, false)
               as is_usable
    from metrics.int_metric_periods as p
    left join metrics.int_metric_periods_suppressed as s
        using (product_id, metric_id, period_grain, period_start_date)
    left join guard.metric_trust as t
        on t.product_id = p.product_id and t.metric_id = p.metric_id
        and t.week_start_date = p.period_start_date
    where p.period_grain = 'week' and p.segment_type = 'all' and p.is_ripe
    order by all
"""

# one row per cluster and week of these products and metrics
CLUSTERS = """
    select p.product_id, m.metric_id, v.week_start_date, v.unit_key,
           coalesce(sum(v.amount order by v.amount)
               filter (where v.measure_id = m.numerator_measure_id), 0) as x,
           coalesce(sum(v.amount order by v.amount)
               filter (where v.measure_id = m.denominator_measure_id), 0) as y
    from registry.metrics as m
    join wanted as p using (metric_id)
    join metrics.int_measure_values as v
        on v.product_id = p.product_id
        and v.measure_id in (m.numerator_measure_id, m.denominator_measure_id)
    where m.kind = 'ratio_of_sums' and v.unit_key is not null {scope}
    group by all
"""


class Window(NamedTuple):
    """How a balancing ratio is to be compared with its baseline."""

    product_id: str
    metric_id: str
    scale: str
    kind: str
    widening: float
    periods: int


@dataclass(frozen=True)
class Parts:
    """A ratio's clusters in one period: x over y, one value per cluster."""

    x: Floats
    y: Floats

    @property
    def ratio(self) -> float:
        return float(self.x.sum() / self.y.sum()) if self.y.sum() else np.nan


def compute(database: Path) -> None:
    """Write `guard.ratio_intervals` anew.

    Args:
        database: The private warehouse, after `update_limits`: before is the baseline of the
            balancing metric's chart.

    Equal input gives equal intervals: each cell has a seed made of its key.
    """
    with connect(database) as connection:
        windows = [Window(*row) for row in connection.execute(WINDOWS).fetchall()]
        weeks = connection.execute(RIPE_WEEKS).df()
        baselines = connection.execute(BASELINES).df()
        with remembered(connection, "windows") as memory:
            rows = _windows(windows, weeks, baselines, _clusters(connection, windows), memory)
        write_table(connection, "ratio_intervals", WINDOW_COLUMNS, rows)


def _clusters(connection: duckdb.DuckDBPyConnection, windows: list[Window]) -> pd.DataFrame:
    """Return clusters and weeks of what has windows, in an order that gives equal draws."""
    wanted = pd.DataFrame(windows, columns=list(Window._fields), dtype="string")
    connection.register("wanted", wanted[["product_id", "metric_id"]].drop_duplicates())
    clusters = connection.execute(CLUSTERS.format(scope="") + "order by all").df()
    connection.unregister("wanted")
    return clusters


def resample(parts: Parts, key: str, stream: int = 0) -> Floats:
    """Return the ratio in 2,000 bootstrap samples of clusters, shuffled with `key` as seed."""
    parts = grouped(parts)
    sums = resampled_sums(np.column_stack([parts.x, parts.y]), key, stream, REPLICATES)
    with np.errstate(divide="ignore", invalid="ignore"):
        return sums[:, 0] / sums[:, 1]


def bootstrap_change(
    before: Parts, after: Parts, key: str, scale: str
) -> tuple[float, float] | None:
    """Return the 90 % interval of after - before (`absolute`) or after / before - 1 (`ratio`).

    Both periods are resampled by cluster. None with fewer than 12 clusters in either.
    """
    if min(len(before.x), len(after.x)) < LEAST_CLUSTERS:
        return None
    befores, afters = resample(before, f"{key}|before"), resample(after, f"{key}|after", stream=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        changes = afters - befores if scale == "absolute" else afters / befores - 1
    changes = changes[np.isfinite(changes)]
    if len(changes) < REPLICATES * 0.99:
        return None
    # of two periods the one with fewer clusters tells how far percentiles must be apart
    count = min(len(before.x), len(after.x), MOST_CLUSTERS)
    low, high = np.quantile(changes, expanded_levels(count, 0.9))
    return float(low), float(high)


def bootstrap_ratio(parts: Parts, key: str) -> tuple[float, float] | None:
    """Return the 95 % interval of a ratio of sums; None with fewer than 12 clusters."""
    if len(parts.x) < LEAST_CLUSTERS:
        return None
    ratios = resample(parts, key)
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < REPLICATES * 0.99:
        return None
    low, high = np.quantile(ratios, expanded_levels(min(len(parts.x), MOST_CLUSTERS), 0.95))
    return float(low), float(high)


def widened(estimate: float, low: float, high: float, factor: float) -> tuple[float, float]:
    """Widen an interval of a ratio by `factor` on the log scale; a ratio of 0 stays."""
    if estimate <= 0 or factor == 1:
        return low, high
    return (
        float(estimate * (low / estimate) ** factor),
        float(estimate * (high / estimate) ** factor),
    )


def _windows(
    windows: list[Window],
    weeks: pd.DataFrame,
    baselines: pd.DataFrame,
    clusters: pd.DataFrame,
    memory: Remembered,
) -> list[tuple]:
    """Return one row per window that ends in a ripe week and begins after the baseline."""
    weeks_of = dict(tuple(weeks.groupby(["product_id", "metric_id"])))
    clusters_of = dict(tuple(clusters.groupby(["product_id", "metric_id"])))
    baselines_of = dict(tuple(baselines.groupby(["product_id", "metric_id"])))
    rows: list[tuple] = []
    for window in windows:
        key = (window.product_id, window.metric_id)
        own, known = weeks_of.get(key), baselines_of.get(key)
        if own is None or known is None:
            continue
        own = own.reset_index(drop=True)
        for end in range(window.periods - 1, len(own)):
            after = own.iloc[end - window.periods + 1 : end + 1]
            # the last baseline that had locked by then; the first one stands for the time before
            locked = known[known.to_date <= after.week_start_date.iloc[-1]]
            baseline = (locked.iloc[-1:] if len(locked) else known.iloc[:1]).iloc[0]
            if after.week_start_date.iloc[0] <= baseline.to_date:
                continue
            is_before = own.week_start_date.between(baseline.from_date, baseline.to_date)
            before = own[is_before & own.is_usable]
            after = after[after.is_usable]
            cell = (*key, own.week_start_date[end].date(), window.periods, window.scale)
            if window.kind == "count_rate":
                change = _rate_change(before, after, window.widening)
            else:
                change = _cluster_change(clusters_of.get(key), before, after, cell, memory)
            rows.append((*cell, *change))
    return rows


def _rate_change(before: pd.DataFrame, after: pd.DataFrame, widening: float) -> tuple:
    sums = [float(s) for s in (after.numerator.sum(), after.denominator.sum())]
    bases = [float(s) for s in (before.numerator.sum(), before.denominator.sum())]
    result = exact_rate_ratio(*sums, *bases, confidence=0.9)
    if result is None:
        return (None,) * 5 + (round(bases[0]), round(sums[0]))
    estimate, low, high = result
    low, high = widened(estimate, low, high, widening)
    return (
        bases[0] / bases[1],
        sums[0] / sums[1],
        estimate - 1,
        low - 1,
        high - 1,
        round(bases[0]),
        round(sums[0]),
    )


def _cluster_change(
    clusters: pd.DataFrame | None,
    before: pd.DataFrame,
    after: pd.DataFrame,
    cell: tuple,
    memory: Remembered,
) -> tuple:
    if clusters is None:
        return (None,) * 5 + (0, 0)
    base, now = (_parts(clusters, weeks.week_start_date) for weeks in (before, after))
    key, scale = "|".join(map(str, cell)), cell[-1]
    interval = memory.interval(
        key, [base.x, base.y, now.x, now.y], lambda: bootstrap_change(base, now, key, scale)
    )
    change = now.ratio - base.ratio if scale == "absolute" else now.ratio / base.ratio - 1
    low, high = interval or (None, None)
    return base.ratio, now.ratio, change, low, high, len(base.x), len(now.x)


def _parts(clusters: pd.DataFrame, weeks: pd.Series) -> Parts:
    """Add each cluster's parts over the weeks, clusters in order of their keys."""
    sums = clusters[clusters.week_start_date.isin(weeks)].groupby("unit_key")[["x", "y"]].sum()
    return Parts(sums.x.to_numpy(float), sums.y.to_numpy(float))


def grouped(parts: Parts) -> Parts:
    """Add clusters into at most `MOST_CLUSTERS` groups, by turns."""
    if len(parts.x) <= MOST_CLUSTERS:
        return parts
    groups = np.arange(len(parts.x)) % MOST_CLUSTERS
    return Parts(*(np.bincount(groups, weights=side).astype(float) for side in (parts.x, parts.y)))
