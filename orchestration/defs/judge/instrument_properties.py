"""Check 12, unknown properties: what nobody sent before and no plan names."""

import json

import duckdb
import pandas as pd

NEW_WEEKS = 4
"""Weeks for which a property is new."""
KNOWN_WEEKS = 4
"""Weeks of a type before which nothing of it is new."""
SENT = """
select source_id, event_type, week_start_date, property_names, event_count, event_ids
from instruments.int_instrument_properties_sent
where week_start_date is not null
order by source_id, event_type, week_start_date, property_names
"""
PLANNED = """
select distinct event_type, required_properties from registry.tracking_plan
where required_properties is not null
"""


def read_unknown_properties(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the rows of check 12 on properties that are new to a source and unplanned."""
    planned: dict[str, set[str]] = {}
    for event_type, names in connection.execute(PLANNED).fetchall():
        planned.setdefault(event_type, set()).update(n.strip() for n in names.split(";"))
    return unknown_properties(connection.execute(SENT).df(), planned)


def unknown_properties(sent: pd.DataFrame, planned: dict[str, set[str]]) -> pd.DataFrame:
    """Return one row per source, event type and week in which a property is new.

    `share` is the share of events with one: a property that no event of the type had before, over
    KNOWN_WEEKS or more, and that no plan names. It is new for NEW_WEEKS.

    Args:
        sent: Rows of `int_instrument_properties_sent`, in order of source, type and week.
        planned: Properties that the tracking plan names, by event type.
    """
    found = []
    for (source_id, event_type), series in sent.groupby(["source_id", "event_type"], sort=True):
        # one set of properties throughout, which is the rule, has nothing new
        if series["property_names"].nunique() == 1:
            continue
        first_seen: dict[str, int] = {}
        for number, (week, rows) in enumerate(series.groupby("week_start_date", sort=True)):
            with_new, ids = 0, []
            counted = rows[["property_names", "event_count", "event_ids"]]
            for property_names, event_count, event_ids in counted.itertuples(
                index=False, name=None
            ):
                names = set(json.loads(property_names)) - planned.get(str(event_type), set())
                for name in names:
                    first_seen.setdefault(name, number)
                if any(_is_new(first_seen[name], number) for name in names):
                    with_new += event_count
                    ids += json.loads(event_ids)
            if with_new:
                total = int(rows["event_count"].sum())
                evidence = json.dumps(sorted(ids)[:10])
                found.append((source_id, event_type, week, total, with_new / total, evidence))
    columns = ["source_id", "event_type", "week_start_date", "n", "share", "evidence"]
    rows = pd.DataFrame(found, columns=columns)
    return rows.assign(
        check_id=12,
        aspect="new property",
        statistic=rows["share"],
        expected=0.0,
        p_value=float("nan"),
    )


def _is_new(first_week: int, week: int) -> bool:
    return first_week >= KNOWN_WEEKS and week - first_week < NEW_WEEKS
