"""Read what is charted: one series of periods per product-metric."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from orchestration.defs.judge.annotations import is_exceptional, read_exceptional
from orchestration.defs.judge.short_weeks import WorkingDays, is_short, read_working_days

GRAIN_WEEKS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}
HOURS_IN_UNIT = {"seconds": 1 / 3600, "minutes": 1 / 60, "hours": 1.0, "days": 24.0}
CHARTED_KINDS = (
    "duration", "proportion", "count_rate", "ratio_of_sums", "reliability", "stock", "quantile"
)  # fmt: skip

# the worst week counts for a longer period; a period without a grade has not been checked
PERIODS = """
    with grains (period_grain, week_count) as (
        values ('week', 1), ('fortnight', 2), ('four_weeks', 4), ('thirteen_weeks', 13)
    ),
    graded as (
        select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
               max(t.grade) as trust_grade
        from metrics.int_metric_periods as p
        join grains as g on g.period_grain = p.period_grain
        left join guard.metric_trust as t
            on t.product_id = p.product_id and t.metric_id = p.metric_id
            and t.week_start_date >= p.period_start_date
            and t.week_start_date < p.period_start_date + 7 * g.week_count
        where p.segment_type = 'all'
        group by all
    )
    select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
           cast(p.value as double) as value, cast(p.numerator as double) as numerator,
           cast(p.denominator as double) as denominator, p.unit_count, p.is_ripe,
           case when s.metric_id is not null then 'suppressed' else p.no_value_reason end
               as no_value_reason,
           coalesce(g.trust_grade, 'D') as trust_grade
    from metrics.int_metric_periods as p
    join graded as g using (product_id, metric_id, period_grain, period_start_date)
    left join metrics.int_metric_periods_suppressed as s
        using (product_id, metric_id, period_grain, period_start_date)
    where p.segment_type = 'all'
    order by p.product_id, p.metric_id, p.period_grain, p.period_start_date
"""

# onsets are shown on the reporting zone's day; the open gap ends where knowledge of outages does;
# maintenance within a gap is not operating time
GAPS = """
    with outages as (
        select product_id, started_at, ended_at,
               lead(started_at) over (partition by product_id order by started_at) as next_at,
               max(observed_until_at) over (partition by product_id) as observed_until_at
        from core.int_outages
    ),
    gaps as (
        select o.product_id, o.ended_at as from_at,
               coalesce(o.next_at, least(c.as_of_at, o.observed_until_at)) as until_at,
               o.next_at is null as is_open_gap, c.reporting_time_zone as zone
        from outages as o
        cross join registry.run_context as c
        where o.ended_at is not null
    ),
    stopped as (
        select g.product_id, g.from_at, g.until_at, g.is_open_gap,
               cast(timezone(g.zone, timezone('UTC', g.from_at)) as date) as from_date,
               cast(timezone(g.zone, timezone('UTC', g.until_at)) as date) as until_date,
               coalesce(sum(epoch_us(least(s.ended_at, g.until_at))
                            - epoch_us(greatest(s.started_at, g.from_at)))
                            filter (where s.started_at is not null), 0) as stopped_us
        from gaps as g
        left join core.int_interruptions as s
            on s.product_id = g.product_id and s.interruption_kind = 'stop'
            and s.started_at < g.until_at
            and coalesce(s.ended_at, g.until_at) > g.from_at
        where g.from_at < g.until_at
        group by all
    )
    select m.product_id, m.metric_id, g.until_at, g.until_date as period_start_date,
           g.is_open_gap,
           (epoch_us(g.until_at) - epoch_us(g.from_at) - g.stopped_us) / 3600000000.0 as value,
           coalesce(max(t.grade), 'D') as trust_grade
    from stopped as g
    join (select distinct product_id, metric_id from metrics.int_metric_periods) as m
        on m.product_id = g.product_id
    join registry.metrics as r on r.metric_id = m.metric_id and r.kind = 'reliability'
        and r.statistic is distinct from 'availability'
    left join guard.metric_trust as t
        on t.product_id = m.product_id and t.metric_id = m.metric_id
        and t.week_start_date >= date_trunc('week', g.from_date)
        and t.week_start_date <= g.until_date
    group by m.product_id, m.metric_id, g.until_at, g.until_date, g.is_open_gap, g.from_at,
             g.stopped_us
    order by m.product_id, m.metric_id, g.until_at
"""

# gaps between outages are hours, so they are charted with the mean time between failures only
METRICS = """
    select m.metric_id, m.kind, m.unit, m.tau_hours, m.natural_period,
           cast(m.metric_version as integer) as metric_version
    from registry.metrics as m
    where m.statistic is distinct from 'availability'
"""


@dataclass(frozen=True)
class Series:
    """One product-metric with all that is charted of it."""

    product_id: str
    metric_id: str
    metric_version: int
    kind: str
    unit: str
    tau: float | None
    """Greatest value of a duration, in the metric's unit."""
    natural_period: str
    grains: dict[str, pd.DataFrame]
    """Per grain the periods in time order, with `is_usable` and `position`."""

    @property
    def key(self) -> tuple[str, str, int]:
        return self.product_id, self.metric_id, self.metric_version


def read_series(connection: duckdb.DuckDBPyConnection) -> list[Series]:
    """Read every charted product-metric, in order of product and metric."""
    metrics = {
        str(metric["metric_id"]): metric
        for metric in connection.execute(METRICS).df().to_dict("records")
    }
    periods = connection.execute(PERIODS).df()
    gaps = connection.execute(GAPS).df()
    for rows in (periods, gaps):
        rows["period_start_date"] = pd.to_datetime(rows.period_start_date).dt.date
    periods = _with_usable(periods, read_exceptional(connection), read_working_days(connection))
    series = []
    for (product_id, metric_id), rows in periods.groupby(["product_id", "metric_id"]):
        metric = metrics.get(str(metric_id))
        if metric is None or metric["kind"] not in CHARTED_KINDS:
            continue
        hours = HOURS_IN_UNIT.get(metric["unit"], 1.0)
        if metric["kind"] == "reliability":
            own = gaps[(gaps.product_id == product_id) & (gaps.metric_id == metric_id)]
            grains = {"outage": _as_periods(own, hours)}
        else:
            grains = {
                str(grain): r.reset_index(drop=True) for grain, r in rows.groupby("period_grain")
            }
        tau = metric["tau_hours"]
        series.append(
            Series(
                product_id=str(product_id),
                metric_id=str(metric_id),
                metric_version=int(metric["metric_version"]),
                kind=metric["kind"],
                unit=metric["unit"],
                tau=None if pd.isna(tau) else float(tau) / hours,
                natural_period=metric["natural_period"],
                grains=grains,
            )
        )
    return series


def choose_grain(series: Series, baseline_periods: int) -> str:
    """Choose the chart's grain from the first usable periods.

    Durations and quantiles take the finest grain with at least five items in most periods. Counts
    are charted by week where the weekly mean is at least 1, else by fortnight. Others keep the
    metric's natural period.
    """
    if series.kind == "reliability":
        return "outage"
    if series.kind in ("duration", "quantile"):
        for grain in GRAIN_WEEKS:
            first = _first_usable(series, grain, baseline_periods)
            if len(first) and (first.unit_count >= 5).mean() > 0.5:
                return grain
        return "thirteen_weeks"
    if series.kind == "count_rate" and series.natural_period in ("week", "fortnight"):
        weeks = _first_usable(series, "week", baseline_periods)
        return "week" if len(weeks) and weeks.numerator.mean() >= 1 else "fortnight"
    return series.natural_period


def _first_usable(series: Series, grain: str, count: int) -> pd.DataFrame:
    periods = series.grains.get(grain)
    if periods is None:
        return pd.DataFrame({"unit_count": [], "numerator": []})
    return periods[periods.is_usable].head(count)


def _with_usable(
    rows: pd.DataFrame, stretches: list[tuple], working: WorkingDays | None
) -> pd.DataFrame:
    """Mark usable periods; the grid is dense, so a row's number is its position in time."""
    rows = rows.assign(week_count=rows.period_grain.map(GRAIN_WEEKS))
    is_usable = rows.is_ripe & rows.trust_grade.isin(["A", "B"]) & rows.value.notna()
    is_usable &= ~rows.no_value_reason.isin(["suppressed", "withheld"])
    is_short_week = is_short(rows, working)
    is_usable &= ~is_exceptional(rows, stretches) & ~is_short_week
    position = rows.groupby(["product_id", "metric_id", "period_grain"]).cumcount()
    return rows.assign(
        is_usable=is_usable,
        position=position,
        is_open_gap=False,
        is_short_week=is_short_week,
    )


def _as_periods(gaps: pd.DataFrame, hours: float) -> pd.DataFrame:
    """Turn gaps between outages into charted points; the one still open is the last."""
    gaps = gaps.reset_index(drop=True)
    return gaps.assign(
        value=gaps.value / hours,
        numerator=gaps.value / hours,
        denominator=1.0,
        unit_count=1,
        is_ripe=True,
        is_usable=gaps.trust_grade.isin(["A", "B"]),
        position=range(len(gaps)),
        no_value_reason=None,
        is_open_gap=gaps.is_open_gap.astype(bool),
        is_short_week=False,
    )
