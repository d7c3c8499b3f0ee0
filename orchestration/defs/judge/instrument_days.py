"""What each source sent on each day, as arrays over weeks: the past that a week is held against."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd

from orchestration.reporting_zone import in_reporting_zone

WEEK_DAYS = 7
DAYS = f"""
select
    days.source_id, days.event_type, days.occurred_date, days.event_count, days.heartbeat_count,
    days.sign_count, days.is_unplanned
from instruments.int_instrument_days_counted as days
inner join instruments.int_source_watermarks as sources using (source_id)
cross join registry.run_context
where days.occurred_date <= cast({in_reporting_zone("sources.observed_until_at")} as date)
"""
COMPLETE_UNTIL = in_reporting_zone(
    """marks.observed_until_at
        - to_microseconds(cast(
            greatest(marks.lateness_hours, coalesce(declared.lateness_hours, 0)) * 3600e6 as bigint
        ))"""
)
"""What has come by the watermark lies before, as the clock of the reporting zone shows it."""
SOURCES = f"""
select
    marks.source_id,
    cast({in_reporting_zone("marks.observed_until_at")} as date) as observed_until_date,
    cast({COMPLETE_UNTIL} as date) as complete_until_date
from instruments.int_source_watermarks as marks
inner join registry.sources as declared using (source_id)
cross join registry.run_context
"""


@dataclass(frozen=True)
class Days:
    """Counts by series, week and weekday (Monday first); a series is one source and event type."""

    series: pd.DataFrame
    """`source_id` and `event_type` of each series, in order of the arrays' first axis."""
    mondays: np.ndarray
    """First day of each week, datetime64[D]; second axis."""
    events: np.ndarray
    """Accepted events, series x week x 7."""
    signs: np.ndarray
    """Events, duplicates and heartbeats."""
    heartbeats: np.ndarray
    """Accepted heartbeats."""
    is_complete: np.ndarray
    """Days from the source's first one on which are over and late events of which have come."""
    is_over: np.ndarray
    """Days from the source's first one on which are over."""
    is_holiday: np.ndarray
    """Week x 7."""
    unplanned: pd.DataFrame
    """`source_id`, `event_type` and `occurred_date` of what came, and no plan names: set aside."""
    unplanned_over: dict[str, np.ndarray]
    """Days over, week x 7, by source of those that sent nothing else: they have no series."""


def read_days(connection: duckdb.DuckDBPyConnection) -> Days | None:
    """Return the days of all sources that sent an event, planned or not; None where none did."""
    rows = connection.execute(DAYS).df()
    if rows.empty:
        return None
    sources = connection.execute(SOURCES).df().set_index("source_id")
    holidays = connection.execute("select distinct date from registry.holidays").fetchall()
    return days_of(rows, sources, [day for (day,) in holidays])


def days_of(rows: pd.DataFrame, sources: pd.DataFrame, holidays: list[date]) -> Days:
    """Return the days of `rows` as arrays; arguments are those of `read_days`."""
    keys = ["source_id", "event_type"]
    unplanned = rows.loc[rows["is_unplanned"], [*keys, "occurred_date"]]
    unplanned_firsts = _firsts_of_unplanned(rows)
    # what comes unplanned before the first planned event of all is no part of the arrays
    held = rows[~rows["is_unplanned"] | rows["source_id"].isin(unplanned_firsts.index)]
    held_dates = held["occurred_date"].to_numpy("datetime64[D]")
    held_until = sources.loc[held["source_id"].unique(), "observed_until_date"]
    rows = rows[~rows["is_unplanned"]]
    grouped = rows.groupby(keys)
    positions = grouped.ngroup().to_numpy()
    series = grouped.size().reset_index()[keys]
    dates = rows["occurred_date"].to_numpy("datetime64[D]")
    until = sources.loc[series["source_id"], "observed_until_date"].to_numpy("datetime64[D]")
    complete = sources.loc[series["source_id"], "complete_until_date"].to_numpy("datetime64[D]")
    # 1970-01-01 was a Thursday
    first_monday = held_dates.min() - (held_dates.min().astype(int) + 3) % WEEK_DAYS
    last_day = max(held_until.to_numpy("datetime64[D]").max(), held_dates.max())
    week_count = int((last_day - first_monday).astype(int)) // WEEK_DAYS + 1
    shape = (len(series), week_count * WEEK_DAYS)
    offsets = (dates - first_monday).astype(int)
    counts = {}
    for column in ("event_count", "sign_count", "heartbeat_count"):
        counts[column] = np.zeros(shape)
        np.add.at(counts[column], (positions, offsets), rows[column].to_numpy(float))
    days = first_monday + np.arange(shape[1])
    firsts = pd.Series(dates).groupby(rows["source_id"].to_numpy()).min()
    first = firsts.loc[series["source_id"]].to_numpy("datetime64[D]")
    has_begun = days[None, :] >= first[:, None]

    def by_week(values: np.ndarray) -> np.ndarray:
        return values.reshape(*values.shape[:-1], week_count, WEEK_DAYS)

    return Days(
        series=series,
        mondays=days[::WEEK_DAYS],
        events=by_week(counts["event_count"]),
        signs=by_week(counts["sign_count"]),
        heartbeats=by_week(counts["heartbeat_count"]),
        is_complete=by_week(has_begun & (days[None, :] < complete[:, None])),
        is_over=by_week(has_begun & (days[None, :] < until[:, None])),
        is_holiday=by_week(np.isin(days, np.array(holidays, "datetime64[D]"))),
        unplanned=unplanned,
        unplanned_over={
            str(source_id): by_week(
                (days >= np.datetime64(first_day, "D"))
                & (days < np.datetime64(held_until[str(source_id)], "D"))
            )
            for source_id, first_day in unplanned_firsts.items()
        },
    )


def _firsts_of_unplanned(rows: pd.DataFrame) -> pd.Series:
    """Return the first day of each source that sent nothing but what no plan names."""
    of_planned = rows.loc[~rows["is_unplanned"], "source_id"]
    only_unplanned = rows[~rows["source_id"].isin(of_planned)]
    return only_unplanned.groupby("source_id")["occurred_date"].min()
