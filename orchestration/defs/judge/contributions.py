"""Which sources stand behind a metric, and how much of it each of them sends around a week."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from orchestration.method.intervals import Floats

SENT = """
    select product_id, source_id, event_type, week_start_date, event_count
    from metrics.int_source_event_weeks
    where not is_unplanned
"""
"""Rows that `Shares` takes."""
RECENT_WEEKS = 8
"""Of thin weeks one says little: the two months that end with it count beside it."""
MINOR_SHARE = 0.05
"""Share of a side's contributing events below which a source counts at most as B, see `Shares`."""
PAST_WEEKS = 26
"""Half a year, after which the guard takes things for how they are now."""


class Contribution(NamedTuple):
    """One source's part in a metric in one week: one row of the lineage."""

    source_id: str
    event_type: str
    is_required: bool
    share: float
    """Of the product's events of this type, 0 to 1, see `Shares`."""


def contributors(lineage: pd.DataFrame) -> dict[tuple[str, str], list[tuple[str, str, bool]]]:
    """Return source, event type and whether it is required of each product's metric."""
    found = defaultdict(list)
    rows = lineage.sort_values(["product_id", "metric_id", "side", "source_id", "event_type"])
    for row in rows.to_dict("records"):
        found[row["product_id"], row["metric_id"]].append(
            (row["source_id"], row["event_type"], bool(row["is_required"]))
        )
    return dict(found)


def contribution_grade(grade: str, is_required: bool, share: float) -> str:
    """Return what a source's grade counts for in a metric.

    An optional source and one with under 5 % of the contributing events count at most as B.
    Source: method 7.3.
    """
    return grade if is_required and share >= MINOR_SHARE else min(grade, "B")


class Shares:
    """The share of each source in a product's events of one type, as known in a week.

    It is among the sources of one type: a rare event that only one source sends is no minor path.
    A source is as large as the largest of its shares in the week, in the eight weeks that end with
    it, and in the half year that ends with the latest week in which it sent the type. Over all of
    time a source that takes over this week would be minor for years. The week alone would make
    a source minor for losing its events, of which its grade is to tell.
    """

    def __init__(self, sent: pd.DataFrame) -> None:
        """Take rows of product, source, event type, Monday and number of events."""
        self._sent: dict[tuple[str, str], dict[str, Floats]] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._known: dict[tuple[str, str, str, int], float] = {}
        counts: dict[tuple[str, str], dict[str, dict[int, float]]] = defaultdict(dict)
        columns = ["product_id", "event_type", "source_id", "week_start_date", "event_count"]
        for product, name, source, week, count in sent[columns].itertuples(index=False):
            weeks = counts[product, name].setdefault(source, defaultdict(float))
            weeks[_number(week)] += count
        for key, sources in counts.items():
            numbers = [number for weeks in sources.values() for number in weeks]
            first, length = min(numbers), max(numbers) - min(numbers) + 1
            self._first[key] = first
            self._sent[key] = {
                source: np.array([weeks.get(first + i, 0.0) for i in range(length)])
                for source, weeks in sources.items()
            }

    def of(self, product_id: str, event_type: str, source_id: str, week: date) -> float:
        """Return a source's share in a week, 0 to 1; 1 where nobody has sent the type yet."""
        key = product_id, event_type, source_id, _number(week)
        if key not in self._known:
            # asked once for each metric and side that counts the type
            self._known[key] = self._share(*key)
        return self._known[key]

    def _share(self, product_id: str, event_type: str, source_id: str, number: int) -> float:
        place = product_id, event_type
        until = number - self._first[place] + 1 if place in self._first else 0
        if until <= 0:
            return 1.0
        sources = self._sent[place]
        mine = sources.get(source_id, np.zeros(1))[:until]
        if not mine.any():
            return 0.0
        heard = int(np.flatnonzero(mine)[-1]) + 1
        windows = [(until - 1, until), (until - RECENT_WEEKS, until), (heard - PAST_WEEKS, heard)]
        return max(_part(mine, sources.values(), max(a, 0), b) for a, b in windows)


def _part(mine: Floats, sources: Iterable[Floats], first: int, last: int) -> float:
    """Return what is mine of all sources' events in some weeks; 0 where there are none."""
    total = sum(counts[first:last].sum() for counts in sources)
    return float(mine[first:last].sum() / total) if total else 0.0


def _number(week: date) -> int:
    """Return the number of a week by its Monday."""
    return (week.toordinal() - 1) // 7
