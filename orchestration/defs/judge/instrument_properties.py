"""Check 12, unknown properties: what nobody sent before and no plan names."""

import json
from difflib import SequenceMatcher

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


NewNames = dict[tuple[object, object, object], list[str]]
"""Names of properties by source, event type and week."""


def read_unknown_properties(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the rows of check 12 on properties that are new to a source and unplanned."""
    return unknown_properties(connection.execute(SENT).df(), _planned(connection))


def _planned(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    planned: dict[str, set[str]] = {}
    for event_type, names in connection.execute(PLANNED).fetchall():
        planned.setdefault(event_type, set()).update(n.strip() for n in names.split(";"))
    return planned


def read_new_names(connection: duckdb.DuckDBPyConnection) -> NewNames:
    """Return by source, event type and week the unplanned properties that began after its first."""
    return new_names(connection.execute(SENT).df(), _planned(connection))


def new_names(sent: pd.DataFrame, planned: dict[str, set[str]]) -> NewNames:
    """Return what `read_new_names` does; for as long as they come, not only while they are new.

    Args:
        sent: Rows of `int_instrument_properties_sent`, in order of source, type and week.
        planned: Properties that the tracking plan names, by event type.
    """
    found: NewNames = {}
    for (source_id, event_type), series in sent.groupby(["source_id", "event_type"], sort=True):
        if series["property_names"].nunique() == 1:
            continue
        first_seen: dict[str, int] = {}
        weeks = series.groupby("week_start_date", sort=True)["property_names"]
        for number, (week, told) in enumerate(weeks):
            names = {name for names in told.unique() for name in json.loads(names)}
            for name in names - planned.get(str(event_type), set()):
                if first_seen.setdefault(name, number) >= KNOWN_WEEKS:
                    found.setdefault((source_id, event_type, week), []).append(name)
    return found


def with_new_names(statistics: pd.DataFrame, names: NewNames) -> pd.DataFrame:
    """Name beside a property that is missing the unplanned one that began and is most like it.

    Args:
        statistics: Rows with `finding`; those that end in "missing" name a property in backticks.
        names: As `read_new_names` returns them.
    """
    if not names:
        return statistics
    is_missing = statistics["finding"].fillna("").str.endswith("` missing")
    for place, row in statistics[is_missing & (statistics["statistic"] > 0)].iterrows():
        key = row["source_id"], row["event_type"], row["week_start_date"]
        property_name = row["finding"].split("`")[1]
        if others := sorted(
            names.get(key, []),
            key=lambda name: (-SequenceMatcher(None, name, property_name).ratio(), name),
        ):
            told = f"{row['finding']}; `{others[0]}`, which the plan doesn't name, comes instead"
            statistics.loc[place, "finding"] = told
    return statistics


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
