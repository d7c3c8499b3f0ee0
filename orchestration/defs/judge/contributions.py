"""Which sources stand behind a metric, and how much of it each of them sends around a week."""

from collections import defaultdict
from datetime import date
from itertools import accumulate
from typing import NamedTuple

import pandas as pd

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
        self._sent: dict[tuple[str, str], dict[str, Sent]] = {}
        self._of_all: dict[tuple[str, str], list[float]] = {}
        self._first: dict[tuple[str, str], int] = {}
        self._known: dict[tuple[str, str, str, int], float] = {}
        counts: dict[tuple[str, str], dict[str, dict[int, float]]] = defaultdict(dict)
        columns = ["product_id", "event_type", "source_id", "week_start_date", "event_count"]
        for product, name, source, week, count in sent[columns].itertuples(index=False):
            weeks = counts[product, name].setdefault(source, defaultdict(float))
            weeks[_number(week)] += count
        for key, sources in counts.items():
            numbers = [number for weeks in sources.values() for number in weeks]
            first, last = min(numbers), max(numbers)
            self._first[key] = first
            self._sent[key] = {
                source: Sent.of([weeks.get(number, 0.0) for number in range(first, last + 1)])
                for source, weeks in sources.items()
            }
            sums = [sent.sums for sent in self._sent[key].values()]
            self._of_all[key] = [sum(parts) for parts in zip(*sums, strict=True)]

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
        mine, of_all = self._sent[place].get(source_id), self._of_all[place]
        heard = mine.heard[min(until, len(of_all) - 1)] if mine else 0
        if mine is None or not heard:
            return 0.0
        windows = [(until - 1, until), (until - RECENT_WEEKS, until), (heard - PAST_WEEKS, heard)]
        return max(_part(mine.sums, of_all, first, last) for first, last in windows)


class Sent(NamedTuple):
    """Events of one type by one source: how many in the first so many weeks, none at first."""

    sums: list[float]
    heard: list[int]
    """Number of the last of these weeks that had any, from 1; 0 for none."""

    @classmethod
    def of(cls, counts: list[float]) -> "Sent":
        heard = [0]
        for number, count in enumerate(counts, start=1):
            heard.append(number if count else heard[-1])
        return cls([0.0, *accumulate(counts)], heard)


def _part(mine: list[float], of_all: list[float], first: int, last: int) -> float:
    """Return what is mine of all sources' events in some weeks; 0 where there are none.

    Both are sums of whole numbers from the first week on, so that differences are exact.
    """
    begin, end = (min(max(place, 0), len(of_all) - 1) for place in (first, last))
    total = of_all[end] - of_all[begin]
    return (mine[end] - mine[begin]) / total if total else 0.0


def _number(week: date) -> int:
    """Return the number of a week by its Monday."""
    return (week.toordinal() - 1) // 7
