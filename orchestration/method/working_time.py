"""Hours within working intervals."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WORKDAYS = range(5)
"""Monday to Friday, as `date.weekday` numbers them."""


def working_intervals(
    first: date,
    last: date,
    opens: time,
    closes: time,
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working intervals of a site in naive UTC, `first` to `last` included.

    Local hours are turned to UTC day by day, so that a change of the clock is in the table and
    in no formula.
    """
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in WORKDAYS and day not in holidays:
            begin, end = (
                datetime.combine(day, local, zone).astimezone(UTC).replace(tzinfo=None)
                for local in (opens, closes)
            )
            yield begin, end


def working_hours(
    started_at: datetime, ended_at: datetime, intervals: Iterable[tuple[datetime, datetime]]
) -> float:
    """Return the hours of [started_at, ended_at) that lie within working intervals.

    Work outside them gives 0, which is a fact about the calendar and not floored away.
    """
    overlaps = (min(ended_at, end) - max(started_at, begin) for begin, end in intervals)
    return sum(max(o, timedelta()).total_seconds() for o in overlaps) / 3600
