"""The oracle's working time: local hours and holidays of a calendar, turned to UTC day by day."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracles.oracle_events import Row

DAY = timedelta(days=1)


class WorkingHours:
    """When the people of one calendar work."""

    def __init__(self, registry: dict[str, list[Row]], calendar_id: str) -> None:
        rows = [r for r in registry.get("calendars", []) if r["calendar_id"] == calendar_id]
        self.zone = ZoneInfo(rows[0]["time_zone"])
        self.holidays = {
            date.fromisoformat(row["date"])
            for row in registry.get("holidays", [])
            if row["calendar_id"] == calendar_id
        }
        self.opened: dict[int, list[tuple[timedelta, timedelta]]] = defaultdict(list)
        for row in rows:
            self.opened[int(row["weekday"])].append((_clock(row["opens"]), _clock(row["closes"])))

    def intervals(self, first: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Return the working intervals (UTC) in order, from the day of an instant on."""
        day = first.replace(tzinfo=UTC).astimezone(self.zone).date() - DAY
        while True:
            if day not in self.holidays:
                for opens, closes in sorted(self.opened[day.isoweekday()]):
                    yield self._instant(day, opens), self._instant(day, closes)
            day += DAY

    def _instant(self, day: date, clock: timedelta) -> datetime:
        # a wall clock's time, so the day of a clock change is as long as it is
        local = datetime(day.year, day.month, day.day) + clock
        return local.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def between(self, since: datetime, to: datetime) -> timedelta:
        """Return how much of [since, to) is working time."""
        total = timedelta(0)
        for opens, closes in self.intervals(since):
            if opens >= to:
                break
            total += max(min(closes, to) - max(opens, since), timedelta(0))
        return total

    def after(self, since: datetime, hours: float) -> datetime:
        """Return the instant at which so many working hours have passed."""
        left = timedelta(hours=hours)
        for opens, closes in self.intervals(since):
            length = closes - max(opens, since)
            if length > timedelta(0):
                if length >= left:
                    return max(opens, since) + left
                left -= length
        raise AssertionError("a calendar without hours")

    def calendar_hours(self, hours: float) -> float:
        """Return calendar hours within which so many working hours surely pass."""
        weekly = sum(
            ((closes - opens) for mine in self.opened.values() for opens, closes in mine),
            timedelta(0),
        )
        return 168 * (math.ceil(timedelta(hours=hours) / weekly) + 1)


def _clock(text: str) -> timedelta:
    hours, minutes = text.split(":")[:2]
    return timedelta(hours=int(hours), minutes=int(minutes))
