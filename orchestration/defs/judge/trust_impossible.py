"""Weeks of shares that have more parts than their whole: no number, whatever the checks say."""

from collections.abc import Mapping

import duckdb

from orchestration.defs.judge.metric_bounds import Place, Unsure
from orchestration.defs.judge.repairs import repair

WHY = "the share has more parts than its whole"
COLLAPSE = 14
"""Check of method 7 whose repair mends it: what is divided by is wrong."""
# a week itself; a longer period or a segment without such a week speaks against its last week
WEEKS = """
    with served as (
        select product_id, metric_id, period_grain, period_start_date, numerator, denominator
        from metrics.int_metric_periods
        union all
        select product_id, metric_id, period_grain, period_start_date, numerator, denominator
        from metrics.int_segment_values
    ),
    impossible as (
        select distinct product_id, metric_id, period_grain, period_start_date
        from served
        join registry.metrics using (metric_id)
        where kind = 'proportion' and numerator > denominator
    ),
    weeks as (
        select i.product_id, i.metric_id, i.period_grain, i.period_start_date, w.week_start_date,
               a.metric_id is not null as is_above
        from impossible as i
        join metrics.int_metric_period_weeks as w
            using (product_id, metric_id, period_grain, period_start_date)
        left join impossible as a
            on a.product_id = i.product_id and a.metric_id = i.metric_id
            and a.period_grain = 'week' and a.period_start_date = w.week_start_date
        where w.is_added
    ),
    chosen as (
        select product_id, metric_id, max(week_start_date) as week_start_date
        from weeks
        group by product_id, metric_id, period_grain, period_start_date
        having not bool_or(is_above)
        union
        select product_id, metric_id, week_start_date from weeks where is_above
    )
    select c.product_id, c.metric_id, c.week_start_date, min(l.source_id)
    from chosen as c
    left join metrics.int_metric_lineage as l
        on l.product_id = c.product_id and l.metric_id = c.metric_id
        and l.side = 'denominator' and l.is_required
    group by all
    order by all
"""
DEFECT = "select defect from registry.check_thresholds where check_id = ?"


def impossible_weeks(
    connection: duckdb.DuckDBPyConnection, hints: Mapping[str, str | None]
) -> dict[Place, Unsure]:
    """Return weeks of shares above one, which are a D, with the source of what they divide by.

    Args:
        connection: To the private warehouse, after the measure step.
        hints: What its owners say of each source.
    """
    defects = connection.execute(DEFECT, [COLLAPSE]).fetchall()
    defect = defects[0][0] if defects else None
    return {
        (product_id, metric_id, week): Unsure(
            "D",
            WHY,
            source_id,
            repair(COLLAPSE, defect, hints.get(source_id), has_sent=True),
            leads=True,
        )
        for product_id, metric_id, week, source_id in connection.execute(WEEKS).fetchall()
    }
