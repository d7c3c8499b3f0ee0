"""The items behind a number, and the landing files and lines that they came from.

No person is named: items of metrics about people are not listed at all, and of what is hidden or
withheld nothing is told. Items that the served item tables leave out are left out here as well.

Keys of the queries: `product`, `metric`, and the Mondays `first` and `last` of a period.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from orchestration.addresses import without_addresses
from orchestration.plurals import counted

MOST_ITEMS = 8
PERIOD = ("product", "first", "last")

Keys = dict[str, Any]
Items = dict[str, list[tuple]]
"""Rows of items by measure."""

DURATIONS = """
    select tasks.started_at, items.restricted, items.is_open, tasks.state,
           start_files.path, starts.line_number
    from metrics.int_duration_items as items
    join core.int_tasks as tasks using (task_id)
    left join core.int_events as starts
        on starts.product_id = $product
        and starts.source_id = tasks.start_source_id and starts.event_id = tasks.start_event_id
    left join raw.landing_files as start_files on start_files.file_id = starts.file_id
    where items.product_id = $product and items.metric_id = $metric
        and items.week_start_date between $first and $last
    order by items.restricted desc, tasks.started_at
"""

# rows that the served tables of items hide, for counting them would count people
SECRET_DURATIONS = """
    select 1 from signals.int_metric_task_types as behind
    join signals.int_secret_task_types as secret using (task_type_id)
    where secret.product_id = $product and behind.metric_id = $metric
"""

SIDES = """
    select sides.side, sides.measure_id, measures.description, measures.aggregate,
           measures.aggregate in ('distinct_people', 'distinct_actors')
               or exists (
                   select 1 from signals.int_secret_task_types as secret
                   where secret.product_id = $product and measures.item_kind = 'task'
                       and secret.task_type_id = measures.item_type
               )
               or exists (
                   select 1 from metrics.int_metric_lineage as lineage
                   join metrics.int_person_event_types as people
                       using (product_id, source_id, event_type)
                   where lineage.product_id = $product and lineage.metric_id = $metric
                       and lineage.side = sides.side and people.is_hidden and not people.is_beside
               ) as is_secret
    from metrics.int_metric_sides as sides
    join registry.measures as measures using (measure_id)
    where sides.product_id = $product and sides.metric_id = $metric
    order by sides.side desc
"""

# of many numbers at once, as below. Events are few before they are joined: all of them, with a text
# for each, would be more than memory holds
COUNTED = """
    with asked as (
        select
            unnest($numbers) as number, unnest($products) as product_id,
            unnest($metrics) as metric_id, unnest($firsts) as first, unnest($lasts) as last
    ),
    items as (
        select distinct asked.number, items.*
        from metrics.int_measure_values as items
        join metrics.int_metric_sides as sides using (product_id, measure_id)
        join asked using (product_id, metric_id)
        where items.week_start_date between asked.first and asked.last
    ),
    events as (
        select product_id, source_id || '|' || event_id as item_id, file_id, line_number
        from core.int_events
        where product_id in (select product_id from asked)
            and source_id || '|' || event_id in (select item_id from items)
    ),
    tasks as (
        select product_id, task_id, start_source_id, start_event_id
        from core.int_tasks
        where task_id in (select item_id from items)
    ),
    starts as (
        select product_id, source_id, event_id, file_id, line_number
        from core.int_events
        where (source_id, event_id) in (select start_source_id, start_event_id from tasks)
    )
    select items.number, items.measure_id, items.anchored_at, items.amount,
           coalesce(event_files.path, task_files.path) as path,
           coalesce(events.line_number, starts.line_number) as line_number
    from items
    left join events on events.product_id = items.product_id and events.item_id = items.item_id
    left join raw.landing_files as event_files on event_files.file_id = events.file_id
    left join tasks
        on tasks.product_id = items.product_id and tasks.task_id = items.item_id
    left join starts
        on starts.product_id = items.product_id
        and starts.source_id = tasks.start_source_id and starts.event_id = tasks.start_event_id
    left join raw.landing_files as task_files on task_files.file_id = starts.file_id
    order by items.number, items.measure_id,
        items.amount desc, items.anchored_at, path, line_number
"""

# events of the metric's own types that occurred in the period, and those that began or ended its
# items at another time: what is due in a week began before it, what began in it may end later.
# Of many numbers at once: one reading of the events costs as much as the answers for all of them
FILES = """
    with asked as (
        select
            unnest($numbers) as number, unnest($products) as product_id,
            unnest($metrics) as metric_id, unnest($firsts) as first, unnest($lasts) as last
    ),
    tasks as (
        select asked.number, items.product_id, items.task_id
        from metrics.int_duration_items as items
        join asked using (product_id, metric_id)
        where items.week_start_date between asked.first and asked.last
        union
        select asked.number, items.product_id, items.item_id
        from metrics.int_measure_values as items
        join metrics.int_metric_sides as sides using (product_id, measure_id)
        join asked using (product_id, metric_id)
        where items.week_start_date between asked.first and asked.last
    ),
    ends as (
        select behind.number, tasks.start_source_id, tasks.start_event_id, tasks.finish_source_id,
               tasks.finished_at, tasks.subject_id
        from core.int_tasks as tasks
        join tasks as behind using (product_id, task_id)
        anti join signals.int_secret_task_types as secret using (product_id, task_type_id)
    ),
    types as (
        select distinct asked.number, asked.first, asked.last, lineage.product_id,
               lineage.source_id, lineage.event_type
        from metrics.int_metric_lineage as lineage
        join asked using (product_id, metric_id)
    ),
    -- read again for each use: of many events more than memory holds
    own as not materialized (
        select types.number, events.week_start_date between types.first and types.last as is_within,
               events.product_id, events.source_id, events.event_id, events.event_type,
               events.subject_id, events.correlation_id, events.occurred_at, events.file_id,
               events.line_number
        from core.int_events as events
        join types using (product_id, source_id, event_type)
    ),
    behind as (
        select number, source_id, event_id from own where is_within
        union
        select own.number, own.source_id, own.event_id from own
        join ends on ends.number = own.number
            and ends.start_source_id = own.source_id and ends.start_event_id = own.event_id
        union
        select own.number, own.source_id, own.event_id from own
        join ends on ends.number = own.number
            and ends.finish_source_id = own.source_id and ends.finished_at = own.occurred_at
            and ends.subject_id in (own.subject_id, own.correlation_id)
    )
    select events.number, files.path, events.source_id, events.event_type,
           count(*) as event_count, min(events.line_number) as first_line,
           coalesce(bool_or(people.is_hidden), false) as is_secret
    from own as events
    join behind using (number, source_id, event_id)
    join raw.landing_files as files on files.file_id = events.file_id
    left join metrics.int_person_event_types as people
        using (product_id, source_id, event_type)
    group by events.number, files.path, events.source_id, events.event_type
    order by events.number, files.path, events.source_id, events.event_type
"""


def item_lines(
    connection: duckdb.DuckDBPyConnection, keys: Keys, kind: str, items: Items | None = None
) -> list[str]:
    """Return the items of a period, the largest first, each with file and line.

    Items of a side about people are counted nowhere and told of by one line. `items` are the
    number's `counted_items` where they are known.
    """
    metric = {name: keys[name] for name in ("product", "metric")}
    period = {name: keys[name] for name in PERIOD}
    if kind == "duration":
        if connection.execute(SECRET_DURATIONS, metric).fetchone():
            return ["  not listed: they would count people"]
        return _durations(connection, metric | period)
    lines: list[str] = []
    for side, measure, description, aggregate, is_secret in connection.execute(
        SIDES, metric
    ).fetchall():
        head = f"  {side}: {description} ({measure}, {aggregate}): "
        if is_secret:
            lines.append(f"{head}not listed, for they would count people")
            continue
        if items is None:
            items = counted_items(connection, [keys])[0]
        rows = items.get(measure, [])
        total = sum(amount for _, amount, *_ in rows)
        head += counted(len(rows), "item")
        lines.append(head + (f", together {total:g}" if aggregate in ("count", "sum") else ""))
        lines += _first(
            f"{_place(path, line)}  {at:%Y-%m-%d %H:%M}, {amount:g}"
            for at, amount, path, line in rows
        )
    return lines


def counted_items(connection: duckdb.DuckDBPyConnection, asked: Sequence[Keys]) -> list[Items]:
    """Return the items of each number by measure: instant, amount, path and line."""
    found: list[Items] = [{} for _ in asked]
    if not asked:
        # to answer nothing, all events would be read
        return found
    for number, measure, *row in connection.execute(
        COUNTED,
        {
            "numbers": list(range(len(asked))),
            "metrics": [keys["metric"] for keys in asked],
            **{f"{key}s": [keys[key] for keys in asked] for key in PERIOD},
        },
    ).fetchall():
        found[number].setdefault(measure, []).append(tuple(row))
    return found


def _durations(connection: duckdb.DuckDBPyConnection, keys: Keys) -> list[str]:
    rows = connection.execute(DURATIONS, keys).fetchall()
    told = [
        f"{_place(path, line)}  started {started:%Y-%m-%d %H:%M}, counted {hours:g}"
        + (", still open" if is_open else "" if state == "finished" else f", {state}")
        for started, hours, is_open, state, path, line in rows
    ]
    return [f"  {counted(len(rows), 'task')} started in the period", *_first(told)]


def file_rows(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[tuple[Keys, list[str]]]
) -> list[list[tuple]]:
    """Return what `file_lines` tells of: for each number, with the metrics of its lineage."""
    each = [(number, keys, name) for number, (keys, names) in enumerate(asked) for name in names]
    found: list[list[tuple]] = [[] for _ in asked]
    if not each:
        return found
    for number, *row in connection.execute(
        FILES,
        {
            "numbers": [number for number, _, _ in each],
            "metrics": [name for _, _, name in each],
            **{f"{key}s": [keys[key] for _, keys, _ in each] for key in PERIOD},
        },
    ).fetchall():
        found[number].append(tuple(row))
    return found


def file_lines(rows: list[tuple], is_of_people: bool) -> list[str]:
    """Return the landing files with events of the metric's types: of the period, and of its items.

    Where people are counted by the events, their number is not told.
    """
    told = []
    for path, source, event_type, count, line, is_secret in rows:
        events = "events" if is_of_people or is_secret else counted(count, "event")
        place = f"landing/{without_addresses(path)}"
        told.append(f"  {place}: {events} {event_type} of {source}, from line {line}")
    return told


def _place(path: str | None, line: int | None) -> str:
    # as it is pasted in the workspace's folder
    return f"landing/{without_addresses(path)}:{line}" if path else "(computed from several events)"


def _first(told: Iterable[str]) -> list[str]:
    rows = list(told)
    more = len(rows) - MOST_ITEMS
    shown = [f"    {row}" for row in rows[:MOST_ITEMS]]
    return [*shown, f"    and {more} more"] if more > 0 else shown
