"""Sixty weeks in the organisation's time zone, as seconds since 1970 in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Europe/Berlin")
WEEKS = 60
BACKFILL_WEEKS = 8
"""History that is older than the collector came in one delivery when collecting began."""
HOUR = 3600.0
DAY = 24 * HOUR

OFFICE_DAYS = (0.21, 0.21, 0.21, 0.20, 0.155, 0.009, 0.006)
SHOP_DAYS = (0.15, 0.15, 0.15, 0.16, 0.18, 0.21, 0.0)
EVERY_DAY = (1 / 7,) * 7
OFFICE_HOURS = (
    0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 2, 6, 10, 12, 12, 10, 7, 9, 11, 10, 8, 5, 2, 1.5, 1, 1, 0.6, 0.4,
)  # fmt: skip
SHOP_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 5, 7, 9, 10, 10, 9, 9, 10, 12, 13, 9, 5, 2, 0, 0, 0)
EVERY_HOUR = (1,) * 24


@dataclass(frozen=True)
class Pattern:
    """When in a week something happens: weights of the seven days and the 24 hours."""

    days: tuple[float, ...]
    hours: tuple[float, ...]


OFFICE = Pattern(OFFICE_DAYS, OFFICE_HOURS)
SHOP = Pattern(SHOP_DAYS, SHOP_HOURS)
ALWAYS = Pattern(EVERY_DAY, EVERY_HOUR)


@dataclass(frozen=True)
class Calendar:
    """Midnights of 60 weeks; nothing is received at `end` or later."""

    first_monday: date
    midnights: np.ndarray
    """Float seconds, one for each of the 421 local midnights from first to last."""
    end: float

    @classmethod
    def ending_on(cls, ends_on: date) -> "Calendar":
        """Make the 60 weeks whose last holds `ends_on`.

        Nothing is received after that day (UTC), so that what else is known of the day, a commit
        for example, lies before the latest event.
        """
        monday = ends_on - timedelta(days=ends_on.weekday())
        first = monday - timedelta(weeks=WEEKS - 1)
        days = [first + timedelta(days=n) for n in range(7 * WEEKS + 1)]
        midnights = np.array([_midnight(day) for day in days])
        next_day = datetime.combine(ends_on + timedelta(days=1), time.min, tzinfo=UTC)
        # a Sunday in UTC ends within the next week of the organisation
        return cls(first, midnights, min(next_day.timestamp(), _midnight(days[-1])))

    def day_start(self, week: int, day: int) -> float:
        """Local midnight of a day (0 Monday) of a week (counted from 1)."""
        return float(self.midnights[7 * (week - 1) + day])

    def moments(self, rng: np.random.Generator, weeks: np.ndarray, pattern: Pattern) -> np.ndarray:
        """Draw one instant in each of the given weeks (counted from 1)."""
        days = rng.choice(7, size=len(weeks), p=np.array(pattern.days) / sum(pattern.days))
        hours = rng.choice(24, size=len(weeks), p=np.array(pattern.hours) / sum(pattern.hours))
        midnights = self.midnights[7 * (weeks - 1) + days]
        # the day with 23 hours has no 24th
        lengths = self.midnights[7 * (weeks - 1) + days + 1] - midnights
        within = np.minimum(hours * HOUR + rng.uniform(0, HOUR, len(weeks)), lengths - 1)
        return midnights + within


def _midnight(day: date) -> float:
    return datetime.combine(day, time.min, tzinfo=ZONE).timestamp()
