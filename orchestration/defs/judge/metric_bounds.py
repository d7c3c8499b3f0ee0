"""Bound what metrics can be in truth where the finishes of tasks are missing."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

import duckdb

from orchestration.defs.judge.tables import write_table
from orchestration.method.bounds import is_wider_than, missing_finish_bounds, missing_time_bounds
from orchestration.method.intervals import Interval

COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "period_grain": "varchar",
    "period_start_date": "date",
    "missing_count": "bigint",
    "bound_low": "double",
    "bound_high": "double",
    "bound_reason": "varchar",
}
REASON = "missing_finishes"
TOO_WIDE = "finishes are missing, so that the true value may be off by more than the margin"
MEDIAN = "_median"
COMPANIONS = ("_finished_mean", "_finished_p90", "_median")
"""Endings of the metrics that are made beside each duration, from the same events."""

# weeks of which finishes are surely lost: missing (5), few (11), in lines that can't be read (12),
# never sent (17), or gone (20)
LOST = """
    lost as (
        select distinct l.product_id, l.metric_id, c.week_start_date, l.source_id, l.event_type,
               l.is_required, c.check_id, c.defect
        from guard.instrument_checks as c
        join metrics.int_metric_lineage as l
            on l.source_id = c.source_id and (c.event_type = '*' or l.event_type = c.event_type)
        join registry.task_types as t on t.finish_event_type = l.event_type
        where c.severity >= 2 and (
            c.check_id in (5, 17, 20)
            or c.check_id = 11 and (c.event_type = '*' or c.n < c.expected)
            or c.check_id = 12 and c.event_type = '*'
        )
    )
"""

# weeks before those: tasks end in the week after as well
AHEAD = f"""
    {LOST},
    ahead as (select * replace (week_start_date - 7 as week_start_date) from lost)
"""

# the weeks of starts for which check 5 found finishes missing, for each metric that rests on them;
# those in which a finish that a metric gives a time to didn't come, whatever the past (17); and
# those before the loss
FIRED = f"""
    {AHEAD},
    fired as (
        select distinct l.product_id, l.metric_id, c.week_start_date
        from guard.instrument_checks as c
        join metrics.int_metric_lineage as l using (source_id, event_type)
        where c.severity >= 1 and (c.check_id = 5 or c.check_id = 17 and exists (
            select 1 from registry.task_types as t
            join core.int_task_horizons as h using (task_type_id)
            where t.finish_event_type = c.event_type and h.horizon_hours is not null
        ))
        union
        select product_id, metric_id, week_start_date from ahead
    )
"""

# open items of those weeks: nobody knows whether they are open or their finish wasn't sent
TIMES = f"""
    with {FIRED},
    missing as (
        select i.product_id, i.metric_id, i.week_start_date, count(*) as missing_count,
               sum(i.restricted) as missing_total
        from metrics.int_duration_items as i
        join fired using (product_id, metric_id, week_start_date)
        where i.is_open
        group by all
    )
    select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
           cast(sum(m.missing_count) as bigint), cast(p.numerator as double),
           least(cast(sum(m.missing_total) as double), cast(p.numerator as double)), p.unit_count
    from missing as m
    join metrics.int_metric_period_weeks as w using (product_id, metric_id, week_start_date)
    join metrics.int_metric_periods as p
        using (product_id, metric_id, period_grain, period_start_date)
    where w.is_week_ripe and p.segment_type = 'all' and p.value is not null
    group by p.product_id, p.metric_id, p.period_grain, p.period_start_date, p.numerator,
             p.unit_count
    order by 1, 2, 3, 4
"""

# the median with what is missing as over at once; as it stands, nothing of it ever ended
MEDIANS = f"""
    with {FIRED},
    -- of all others no item is looked at
    touched as (
        select distinct w.product_id, w.metric_id, w.period_grain, w.period_start_date
        from metrics.int_metric_period_weeks as w
        join fired using (product_id, metric_id, week_start_date)
    )
    select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
           count(*) filter (where i.is_open and f.metric_id is not null) as missing_count,
           percentile_disc(0.5) within group (order by case
               when i.is_open and f.metric_id is not null then 0
               else coalesce(i.duration_us, 9223372036854775807) end) as low_us,
           max(i.units_per_hour) / 3600000000.0, any_value(p.value)
    from metrics.int_metric_periods as p
    join metrics.int_metric_period_weeks as w
        on w.product_id = p.product_id and w.metric_id || '_median' = p.metric_id
        and w.period_grain = p.period_grain and w.period_start_date = p.period_start_date
    join touched
        on touched.product_id = w.product_id and touched.metric_id = w.metric_id
        and touched.period_grain = w.period_grain
        and touched.period_start_date = w.period_start_date
    join metrics.int_duration_items as i
        on i.product_id = w.product_id and i.metric_id = w.metric_id
        and i.week_start_date = w.week_start_date
    left join fired as f
        on f.product_id = i.product_id and f.metric_id = i.metric_id
        and f.week_start_date = i.week_start_date
    where w.is_week_ripe and p.segment_type = 'all'
        and (p.value is not null or p.no_value_reason = 'median_not_reached')
    group by 1, 2, 3, 4
    having missing_count > 0 and low_us < 9223372036854775807
    order by 1, 2, 3, 4
"""

SIDES = """
    sides as (
        select m.metric_id, n.measure_id as numerator_id, d.measure_id as denominator_id
        from registry.metrics as m
        join registry.measures as n on n.measure_id = m.numerator_measure_id
        join registry.measures as d on d.measure_id = m.denominator_measure_id
        where m.kind = 'proportion' and n.item_kind = 'task' and d.item_kind = 'task'
            and n.item_type = d.item_type and n.aggregate = 'count' and d.aggregate = 'count'
            and exists (
                select 1 from registry.measure_filters as f where f.measure_id = n.measure_id
                and f.dimension in ('state', 'duration_hours', 'working_hours', 'paused_hours',
                                    'reopen_count', 'is_by_deadline')
            )
    )
"""

# shares of tasks by how they ended, whose denominator counts open ones too; the week of a deadline
# may be later than that of the start
SHARES = f"""
    with {FIRED},
    {SIDES},
    missing as (
        select f.product_id, f.metric_id, v.week_start_date,
               count(*) filter (where v.measure_id = s.numerator_id) as numerator_count,
               count(*) filter (where v.measure_id = s.denominator_id) as denominator_count
        from fired as f
        join sides as s on s.metric_id = f.metric_id
        join core.int_tasks as t
            on t.product_id = f.product_id and t.week_start_date = f.week_start_date
            and t.state = 'open'
        join metrics.int_measure_values as v
            on v.product_id = f.product_id and v.item_id = t.task_id
            and v.measure_id in (s.numerator_id, s.denominator_id)
        group by all
    )
    select p.product_id, p.metric_id, p.period_grain, p.period_start_date,
           cast(sum(m.denominator_count) as bigint), cast(sum(m.numerator_count) as bigint),
           cast(round(p.numerator) as bigint), cast(round(p.denominator) as bigint)
    from missing as m
    join metrics.int_metric_period_weeks as w using (product_id, metric_id, week_start_date)
    join metrics.int_metric_periods as p
        using (product_id, metric_id, period_grain, period_start_date)
    where w.is_week_ripe and p.segment_type = 'all' and p.value is not null
    group by p.product_id, p.metric_id, p.period_grain, p.period_start_date, p.numerator,
             p.denominator
    having sum(m.denominator_count) > 0
    order by 1, 2, 3, 4
"""

# a margin is declared with a balance, of the KPI's product
MARGINS = """
    select k.product_id, b.metric_id, cast(b.margin as double), b.margin_scale
    from registry.balances as b
    join registry.kpis as k using (kpi_id)
    order by all
"""

WEEKS = """
    select b.product_id, b.metric_id, b.period_start_date, b.bound_low, b.bound_high, p.value
    from guard.metric_bounds as b
    join metrics.int_metric_periods as p
        using (product_id, metric_id, period_grain, period_start_date)
    where b.period_grain = 'week' and p.segment_type = 'all' and b.bound_high is not null
        and p.value is not null
"""


class Unsure(NamedTuple):
    """The best grade that a week's bounds allow; with why, source and repair as it is served."""

    grade: str
    why: str
    source_id: str | None = None
    repair: tuple[str | None, str | None, int | None] | None = None
    """None where it is mended as what the week has anyway."""
    leads: bool = False
    """Whether it is told before what the week has anyway."""


Place = tuple[str, str, date]
"""Product, metric and Monday."""


def write_bounds(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `guard.metric_bounds` anew: one row per period that missing finishes touch.

    Args:
        connection: To the private warehouse, after the measure step and the instrument checks.

    Durations, their medians and shares of tasks by how they ended. Source: method 7.2. A median
    that open items keep from being reached has no upper bound.
    """
    rows: list[tuple] = []
    for *key, missing, total, missing_total, count in connection.execute(TIMES).fetchall():
        rows.append((*key, missing, *missing_time_bounds(total, missing_total, count), REASON))
    for *key, missing, low_us, units, value in connection.execute(MEDIANS).fetchall():
        rows.append((*key, missing, low_us * units, value, REASON))
    for *key, missing, counted, numerator, denominator in connection.execute(SHARES).fetchall():
        # what counts as met although it is open may be met or not, like the rest of the missing
        met, matched = numerator - counted, denominator - missing
        rows.append((*key, missing, *missing_finish_bounds(met, matched, denominator), REASON))
    write_table(connection, "metric_bounds", COLUMNS, rows)


def lowered_where_unsure(
    rows: list[tuple],
    too_wide: Collection[Place],
    with_losses: Mapping[Place, Unsure],
    parents: dict[str, str],
) -> list[tuple]:
    """Return the rows of `guard.metric_trust`, no better than their bounds allow.

    Args:
        rows: Columns of `guard.metric_trust`.
        too_wide: Where bounds are wider than a margin: at best a C.
        with_losses: What weeks whose tasks may have ended in what is lost are at best.
        parents: Semicolon-separated parents of each derived metric, which shares their bounds;
            so does the median that stands beside a duration.
    """

    def at_best(product_id: str, metric_id: str, week: date) -> Unsure:
        place = product_id, metric_id, week
        names = parents.get(metric_id, "").split(";")
        # companions are of the same items: what is missing is missing from them too
        parts = (metric_id.removesuffix(ending) for ending in COMPANIONS)
        names += [part for part in parts if part != metric_id]
        found = [Unsure("C" if place in too_wide else "A", TOO_WIDE)]
        found += [with_losses[place]] if place in with_losses else []
        found += [at_best(product_id, name.strip(), week) for name in names if name]
        return max(found, key=lambda unsure: unsure.grade)

    def lowered(row: tuple) -> tuple:
        best = at_best(*row[:3])
        if best.grade <= row[3]:
            return row
        told = (best.why, row[5]) if best.leads else (row[5], best.why)
        reason = "; ".join(filter(None, told))
        if best.repair is None:
            return (*row[:3], best.grade, row[4], reason, *row[6:])
        return (*row[:3], best.grade, best.source_id, reason, *best.repair)

    return [lowered(row) for row in rows]


def too_wide_weeks(connection: duckdb.DuckDBPyConnection) -> set[Place]:
    """Return product, metric and week where the bounds are wider than the metric's margin.

    Such a week is at best a C. Of several margins of a metric the narrowest counts; a metric
    without one has nothing to compare its width with.
    """
    margins: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for product_id, metric_id, margin, scale in connection.execute(MARGINS).fetchall():
        margins.setdefault((product_id, metric_id), []).append((margin, scale))
    return {
        (product_id, metric_id, week)
        for product_id, metric_id, week, low, high, value in connection.execute(WEEKS).fetchall()
        for margin, scale in margins.get((product_id, metric_id), [])
        if is_wider_than(Interval(low, high), margin, scale, value)
    }
