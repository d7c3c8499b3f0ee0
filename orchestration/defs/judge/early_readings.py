"""Read durations of weeks that are not ripe yet, from what is known of their items so far."""

from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.durations import (
    CANCELLED,
    FINISHED,
    OPEN,
    cumulative_incidence,
    kaplan_meier,
    restricted_mean,
)

READING_COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "week_start_date": "date",
    "item_count": "integer",
    "finished_count": "integer",
    "open_count": "integer",
    "cancelled_count": "integer",
    "restricted_mean": "double",
    "ci_low": "double",
    "ci_high": "double",
    "median": "double",
    "followed_to": "double",
    "finished_share": "double",
    "no_value_reason": "varchar",
}

# the items of unripe weeks whose value may be shown; what people did is read when it is ripe, under
# the rules of suppression, and how long an open item has worked is not known
ITEMS = """
    with weeks as (
        select p.product_id, p.metric_id, p.period_start_date as week_start_date,
               m.tau_hours, m.minimum_n
        from metrics.int_metric_periods as p
        join registry.metrics as m using (metric_id)
        left join metrics.int_metric_periods_suppressed as s
            using (product_id, metric_id, period_grain, period_start_date)
        left join guard.metric_trust as t
            on t.product_id = p.product_id and t.metric_id = p.metric_id
            and t.week_start_date = p.period_start_date
        where p.period_grain = 'week' and p.segment_type = 'all' and not p.is_ripe
            and m.kind = 'duration' and m.subject_kind <> 'person'
            and m.clock is distinct from 'working'
            and s.metric_id is null and t.grade in ('A', 'B', 'C')
    )
    select w.product_id, w.metric_id, w.week_start_date, t.state, i.duration_hours,
           (epoch_us(t.observed_until_at) - epoch_us(t.started_at)) / 3600000000.0
               as followed_hours,
           (epoch_us(t.cancelled_at) - epoch_us(t.started_at)) / 3600000000.0 as cancelled_hours,
           w.tau_hours, i.units_per_hour, w.minimum_n
    from weeks as w
    join metrics.int_duration_items as i using (product_id, metric_id, week_start_date)
    -- few weeks of tasks are joined with few weeks of items
    join core.int_tasks as t
        on t.task_id = i.task_id and t.week_start_date in (select week_start_date from weeks)
    order by w.product_id, w.metric_id, w.week_start_date, i.task_id
"""
OUTCOMES = {"open": OPEN, "finished": FINISHED, "cancelled": CANCELLED}


def write_early_readings(database: Path) -> None:
    """Write `guard.early_readings` anew, after the trust grades.

    Args:
        database: The private warehouse.

    One row per duration and unripe week with items. No chart and no verdict looks at it.
    """
    with connect(database) as connection:
        items = connection.execute(ITEMS).df()
        rows = [
            (*key, *reading(own))
            for key, own in items.groupby(["product_id", "metric_id", "week_start_date"])
        ]
        write_table(connection, "early_readings", READING_COLUMNS, rows)


def reading(items: pd.DataFrame) -> tuple:
    """Return the counts and the figures of one week, in the metric's unit.

    The restricted mean with Greenwood's interval where somebody was followed to tau, and how
    many finished by the age to which the week is known. A cancelled item never finishes: in the
    mean it is followed as an open one is, to the end of what is known; in the share it has an
    end of its own.
    """
    tau, scale = float(items.tau_hours.iloc[0]), float(items.units_per_hour.iloc[0])
    outcomes = items.state.map(OUTCOMES).to_numpy(int)
    counts = (len(items), *(int((outcomes == end).sum()) for end in (FINISHED, OPEN, CANCELLED)))
    least = items.minimum_n.iloc[0]
    if not pd.isna(least) and len(items) < least:
        return (*counts, *([None] * 6), "too_few")
    ends = np.where(outcomes == FINISHED, items.duration_hours, items.followed_hours).astype(float)
    # what took longer than tau was open at tau
    outcomes = np.where((outcomes == FINISHED) & (ends > tau), OPEN, outcomes)
    times = np.clip(ends, 0, tau)
    curve = kaplan_meier(times, outcomes == FINISHED)
    followed = curve.longest_follow_up
    own_ends = np.where(outcomes == CANCELLED, items.cancelled_hours, times).astype(float)
    share = cumulative_incidence(own_ends, outcomes, followed)
    median = curve.median
    shown = (None if median is None else median * scale, followed * scale, share)
    mean = restricted_mean(curve, tau)
    if mean is None:
        return (*counts, None, None, None, *shown, "follow_up_too_short")
    low, high = (float(limit) for limit in mean.interval())
    limits = (max(0.0, low) * scale, min(tau, high) * scale) if mean.variance > 0 else (None, None)
    return (*counts, mean.mean * scale, *limits, *shown, None)
