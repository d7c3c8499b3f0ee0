"""The items behind a number, and the landing files and lines that they came from.

No person is named: items of metrics about people are not listed at all, and of what is hidden or
withheld nothing is told.
"""

from collections.abc import Iterable
from datetime import date

import duckdb

from orchestration.errors import counted

MOST_ITEMS = 8

DURATIONS = """
    select tasks.started_at, items.restricted, items.is_open, tasks.state,
           start_files.path, starts.line_number
    from metrics.int_duration_items as items
    join core.int_tasks as tasks using (task_id)
    left join core.int_events as starts
        on starts.source_id = tasks.start_source_id and starts.event_id = tasks.start_event_id
    left join raw.landing_files as start_files on start_files.file_id = starts.file_id
    where items.product_id = $product and items.metric_id = $metric
        and items.week_start_date = $week
    order by items.restricted desc, tasks.started_at
"""

SIDES = """
    select sides.side, sides.measure_id, measures.description, measures.aggregate
    from metrics.int_metric_sides as sides
    join registry.measures as measures using (measure_id)
    where sides.product_id = $product and sides.metric_id = $metric
    order by sides.side desc
"""

COUNTED = """
    select items.anchored_at, items.amount,
           coalesce(event_files.path, task_files.path) as path,
           coalesce(events.line_number, starts.line_number) as line_number
    from metrics.int_measure_values as items
    left join core.int_events as events
        on items.item_id = events.source_id || '|' || events.event_id
    left join raw.landing_files as event_files on event_files.file_id = events.file_id
    left join core.int_tasks as tasks on tasks.task_id = items.item_id
    left join core.int_events as starts
        on starts.source_id = tasks.start_source_id and starts.event_id = tasks.start_event_id
    left join raw.landing_files as task_files on task_files.file_id = starts.file_id
    where items.product_id = $product and items.measure_id = $measure
        and items.week_start_date = $week
    order by items.amount desc, items.anchored_at
"""

# events of the metric's own types that occurred in the week, wherever they lie
FILES = """
    select files.path, events.source_id, events.event_type,
           count(*) as event_count, min(events.line_number) as first_line
    from core.int_events as events
    join (
        select distinct source_id, event_type from metrics.int_metric_lineage
        where product_id = $product and metric_id in (select unnest($metrics))
    ) as lineage using (source_id, event_type)
    join raw.landing_files as files on files.file_id = events.file_id
    where events.product_id = $product and events.week_start_date = $week
    group by all
    order by all
"""


def item_lines(
    connection: duckdb.DuckDBPyConnection, product: str, metric: str, week: date, kind: str
) -> list[str]:
    """Return the items of a week, the largest first, each with file and line."""
    keys = {"product": product, "metric": metric, "week": week}
    if kind == "duration":
        rows = connection.execute(DURATIONS, keys).fetchall()
        told = [
            f"{_place(path, line)}  started {started:%Y-%m-%d %H:%M}, counted {hours:g}"
            + (", still open" if is_open else "" if state == "finished" else f", {state}")
            for started, hours, is_open, state, path, line in rows
        ]
        return [f"  {counted(len(rows), 'task')} started in the week", *_first(told)]
    lines: list[str] = []
    for side, measure, description, aggregate in connection.execute(
        SIDES, {"product": product, "metric": metric}
    ).fetchall():
        values = {"product": product, "measure": measure, "week": week}
        rows = connection.execute(COUNTED, values).fetchall()
        total = sum(amount for _, amount, *_ in rows)
        head = f"  {side}: {description} ({measure}, {aggregate}): {counted(len(rows), 'item')}"
        lines.append(head + (f", together {total:g}" if aggregate in ("count", "sum") else ""))
        lines += _first(
            f"{_place(path, line)}  {at:%Y-%m-%d %H:%M}, {amount:g}"
            for at, amount, path, line in rows
        )
    return lines


def file_lines(
    connection: duckdb.DuckDBPyConnection, product: str, metrics: list[str], week: date
) -> list[str]:
    """Return the landing files with events of the metric's types in the week."""
    rows = connection.execute(
        FILES, {"product": product, "metrics": metrics, "week": week}
    ).fetchall()
    return [
        f"  landing/{path}: {counted(count, 'event')} {event_type} of {source}, from line {line}"
        for path, source, event_type, count, line in rows
    ]


def _place(path: str | None, line: int | None) -> str:
    return f"{path}:{line}" if path else "(computed from several events)"


def _first(told: Iterable[str]) -> list[str]:
    rows = list(told)
    more = len(rows) - MOST_ITEMS
    shown = [f"    {row}" for row in rows[:MOST_ITEMS]]
    return [*shown, f"    and {more} more"] if more > 0 else shown
