"""Which weeks of metrics count tasks that may have ended in what is lost."""

import math
from datetime import date
from typing import NamedTuple

import duckdb

from orchestration.defs.judge.contributions import MINOR_SHARE, PAST_WEEKS
from orchestration.defs.judge.metric_bounds import AHEAD, LOST, SIDES
from orchestration.defs.judge.trust_causes import TAKEN_AWAY

LOSSES = f"""
    with {AHEAD}
    select product_id, metric_id, week_start_date, 7 as days_later, source_id, event_type,
           is_required, check_id, defect, greatest(
               b.missing_count / greatest(p.unit_count, p.denominator, b.missing_count),
               (b.bound_high - b.bound_low) / nullif(abs(p.value), 0)
           ) as share
    from guard.metric_bounds as b
    join metrics.int_metric_periods as p
        using (product_id, metric_id, period_grain, period_start_date)
    join ahead using (product_id, metric_id)
    where b.period_grain = 'week' and b.period_start_date = week_start_date
        and p.segment_type = 'all'
    order by all
"""


# a few lines of finishes that are known to be lost, where nothing fails for them: the task of each
# is open to tau. Torn lines may be of other types: they count from 5 % of the source's lines on
KNOWN = f"""
    with known as (
        select distinct l.product_id, l.metric_id, c.week_start_date - o.days_later as week,
               o.days_later, l.source_id, l.event_type, l.is_required, c.check_id, c.defect,
               round(c.statistic * c.n) as line_count
        from guard.instrument_checks as c
        join metrics.int_metric_lineage as l
            on l.source_id = c.source_id and (c.event_type = '*' or l.event_type = c.event_type)
        join registry.task_types as t on t.finish_event_type = l.event_type
        cross join (values (0), (7)) as o (days_later)
        where c.severity >= 1 and (
            c.check_id = 20 and c.defect = '{TAKEN_AWAY}'
            or c.check_id = 12 and c.event_type = '*' and c.statistic >= {MINOR_SHARE}
        )
    ),
    missing as (
        select i.product_id, i.metric_id, i.week_start_date as week, count(*) as missing_count,
               avg(i.restricted) as missing_mean
        from metrics.int_duration_items as i
        semi join known on known.product_id = i.product_id and known.metric_id = i.metric_id
            and known.week = i.week_start_date
        where i.is_open
        group by all
    )
    select product_id, metric_id, week, days_later, source_id, event_type, is_required, check_id,
           defect, least(line_count, missing_count) * greatest(
               1 / greatest(p.unit_count, missing_count), missing_mean / nullif(p.numerator, 0)
           ) as share
    from known
    join missing using (product_id, metric_id, week)
    join metrics.int_metric_periods as p using (product_id, metric_id)
    where p.period_grain = 'week' and p.period_start_date = week and p.segment_type = 'all'
    order by all
"""


# stocks, and shares in the week of a deadline, count as open what began in an earlier week of which
# finishes are lost, or in the week before it
EARLIER = f"""
    with {LOST},
    {SIDES},
    starts as (
        select distinct lost.* replace (week_start_date - o.days as week_start_date)
        from lost cross join (values (0), (7)) as o (days)
        union
        -- nor does anybody know yet of the week after
        select lost.* replace (week_start_date + 7 as week_start_date)
        from lost
        where check_id = 5 and not exists (
            select 1 from guard.instrument_checks as c
            where c.check_id = 5 and c.source_id = lost.source_id
                and c.event_type = lost.event_type and c.week_start_date = lost.week_start_date + 7
        )
    ),
    counted as (
        select o.product_id, o.metric_id, o.side, o.week_start_date, o.item_id, v.open_count as n
        from metrics.int_open_items as o
        join metrics.int_stock_values as v using (product_id, metric_id, side, week_start_date)
        semi join starts on starts.metric_id = o.metric_id and starts.product_id = o.product_id
        union all
        select p.product_id, p.metric_id, 'denominator', v.week_start_date, v.item_id,
               p.denominator
        from sides as s
        join metrics.int_metric_periods as p on p.metric_id = s.metric_id
        join metrics.int_measure_values as v
            on v.product_id = p.product_id and v.week_start_date = p.period_start_date
            and v.measure_id = s.denominator_id
        semi join starts on starts.metric_id = p.metric_id and starts.product_id = p.product_id
        where p.period_grain = 'week' and p.segment_type = 'all'
    ),
    shares as (
        select c.product_id, c.metric_id, c.week_start_date as week, c.side, s.source_id,
               s.event_type, s.is_required, s.check_id, s.defect,
               count(distinct c.item_id) / nullif(any_value(c.n), 0) as share
        from counted as c
        join core.int_tasks as t
            on t.product_id = c.product_id and t.task_id = c.item_id and t.state = 'open'
        join starts as s
            on s.product_id = c.product_id and s.metric_id = c.metric_id
            and s.week_start_date = t.week_start_date
        -- a week's own checks tell of its starts; after half a year it is how things are
        where c.week_start_date > t.week_start_date
            and c.week_start_date <= t.week_start_date + {7 * PAST_WEEKS}
        group by all
    )
    select product_id, metric_id, week, null as days_later, source_id, event_type, is_required,
           check_id, defect, max(share) as share
    from shares
    group by all
    order by all
"""
BLOCKS = "select block from registry.check_thresholds where check_id = 5"
"""The share of ends that are missing from which check 5 withholds."""


class Loss(NamedTuple):
    """What lost finishes in one of a metric's weeks, or in the week after it."""

    product_id: str
    metric_id: str
    week: date
    days_later: int | None
    """0 or 7: when the finishes came; None where those of earlier weeks are lost."""
    source_id: str
    event_type: str
    is_required: bool
    check_id: int
    defect: str
    share: float | None
    """Of the week's items, or of its value, that may be in what is lost; the larger of them."""


def read_losses(connection: duckdb.DuckDBPyConnection) -> list[Loss]:
    """Return what lost finishes that tasks counted in a week may have ended with, after
    `write_bounds`.
    """
    queries = LOSSES, KNOWN, EARLIER
    return [Loss(*row) for sql in queries for row in connection.execute(sql).fetchall()]


def read_block(connection: duckdb.DuckDBPyConnection) -> float:
    """Return the share of missing ends from which check 5 withholds; infinite if it never does."""
    found = connection.execute(BLOCKS).fetchall()
    return found[0][0] if found and found[0][0] is not None else math.inf
