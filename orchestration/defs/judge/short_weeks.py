"""Which periods have too few working days to be compared with others."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pandas as pd

LEAST_DAYS = 3
"""Working days of a week below which it is used in neither limits nor rules. Source: method 1.6."""


@dataclass(frozen=True)
class WorkingDays:
    """The organisation's working days, by its calendar of the registry."""

    weekdays: frozenset[int]
    """1 Monday to 7 Sunday."""
    holidays: frozenset[date]

    def count(self, start: date, weeks: int) -> int:
        """Return the working days of so many weeks from a Monday on."""
        days = (start + timedelta(days=number) for number in range(7 * weeks))
        return sum(day.isoweekday() in self.weekdays and day not in self.holidays for day in days)


def read_working_days(connection: duckdb.DuckDBPyConnection) -> WorkingDays | None:
    """Return the days of the calendar that the setting `working_calendar` names, None without."""
    found = connection.execute(
        "select c.calendar_id, list(distinct cast(c.weekday as integer))"
        " from registry.settings as s join registry.calendars as c on c.calendar_id = s.value"
        " where s.setting = 'working_calendar' group by all"
    ).fetchone()
    if found is None:
        return None
    holidays = connection.execute(
        "select date from registry.holidays where calendar_id = ?", [found[0]]
    ).fetchall()
    return WorkingDays(
        frozenset(found[1]), frozenset(pd.Timestamp(day).date() for (day,) in holidays)
    )


def is_short(rows: pd.DataFrame, working: WorkingDays | None) -> pd.Series:
    """Tell which periods have fewer than three working days a week, none without a calendar.

    `rows` has `period_start_date` and `week_count`. A longer period needs three times its weeks:
    one with a closed week and full ones beside it is like others of its length.
    """
    if working is None:
        return pd.Series(False, index=rows.index)
    cells = rows[["period_start_date", "week_count"]].drop_duplicates()
    short = {
        (start, weeks)
        for start, weeks in cells.itertuples(index=False)
        if working.count(start, int(weeks)) < LEAST_DAYS * weeks
    }
    keys = zip(rows.period_start_date, rows.week_count, strict=True)
    return pd.Series([key in short for key in keys], index=rows.index, dtype=bool)
