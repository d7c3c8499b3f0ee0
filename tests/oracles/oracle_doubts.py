"""The oracle's doubts: weeks that can't tell whether what failed before them is over.

Written from docs/suppression.md, *Withheld for want of trust*.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from math import comb
from typing import NamedTuple

from tests.oracles.oracle_grid import WEEK
from tests.oracles.oracle_trust import COLLAPSE, Check, OnMetric

FAILS, TEN, CHANCE = 2, 10, 0.05
SHARES = {1, 2, 3, 4, 6, 7, 13, 15, 16, 20}
JUDGED_WHEN_OVER = {0, 11, 14, 17}
HELD_AGAINST_THE_PAST = {7, 8, 11, 12, 13, 14}
FINISHES, PLANNED, SCHEMA, CONTRACT = 5, 17, 12, 0


class Result(NamedTuple):
    """What a check measured in a week."""

    source: str
    name: str
    week: date
    check: int
    severity: int
    n: int
    statistic: float
    is_loss: bool
    side: str
    """What is off and in which direction, as far as the check tells."""


def doubts(
    results: Iterable[Result], least: Mapping[int, int], under_way: date | None
) -> list[Check]:
    """Return the findings that hold in weeks after their own."""
    told = list(results)
    weeks: dict[str, set[date]] = defaultdict(set)
    series: dict[tuple[str, str, int], dict[date, Result]] = defaultdict(dict)
    for r in sorted(told, key=lambda r: r.severity):
        weeks[r.source].add(r.week)
        series[r.source, r.name, r.check][r.week] = r
    sent = {(r.source, r.name) for r in told if r.week == under_way and r.n}
    found: list[Check] = []
    for (source, name, check), mine in series.items():
        failed = sorted(w for w, r in mine.items() if r.severity >= FAILS and not r.is_loss)
        now = None if check == PLANNED and (source, name) in sent else under_way
        needed = TEN if check in (SCHEMA, CONTRACT) else least.get(check, 0)
        for week in sorted(weeks[source]):
            before = [w for w in failed if w < week]
            if before and week not in failed and _holds(mine, before[-1], week, needed, now):
                severity = 1 if check == FINISHES else mine[before[-1]].severity
                found.append((source, name, week, check, severity, None, None))
        for week, warned in mine.items():
            after = mine.get(week + WEEK)
            is_begun = warned.severity == 1 and after is not None and after.week in failed
            if is_begun and after.side == warned.side and check in HELD_AGAINST_THE_PAST:
                found.append((source, name, week, check, FAILS, None, None))
    return found


def _holds(
    mine: Mapping[date, Result], failed: date, week: date, needed: int, under_way: date | None
) -> bool:
    """Tell whether no week since a finding, up to this one, shows that it is over."""
    since = sorted(w for w in mine if failed < w <= week)
    fault = mine[failed]
    for last in since:
        n = sum(mine[w].n for w in since if w <= last)
        faults = round(sum(mine[w].n * mine[w].statistic for w in since if w <= last))
        is_enough = n >= needed and not (fault.check in SHARES and last == under_way)
        is_unlikely = fault.check in SHARES and _at_most(faults, n, fault.statistic) < CHANCE
        if is_enough or is_unlikely:
            return False
    if week in mine:
        return True
    if fault.check == FINISHES:
        return max(mine) < week <= max(mine) + 8 * WEEK
    is_next = week == under_way and failed == week - WEEK
    return fault.check in JUDGED_WHEN_OVER and is_next


def _at_most(most: int, n: int, share: float) -> float:
    """Return the chance of at most so many faults of n."""
    return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(min(most, n) + 1))


def doubts_on_metrics(found: Iterable[OnMetric], under_way: date | None) -> list[OnMetric]:
    """Return what was found on values as far as it holds in the week after or before."""
    told = {row[:5]: row for row in sorted(found, key=lambda row: row[6]) if row[5] == COLLAPSE}
    now = [
        (*row[:4], under_way, *row[5:]) for row in told.values()
        if under_way and row[4] == under_way - WEEK and row[6] >= FAILS
    ]  # fmt: skip
    failed = {row[:5] for row in told.values() if row[6] >= FAILS}
    return now + [
        (*row[:6], FAILS) for row in told.values()
        if row[6] == 1 and (*row[:4], row[4] + WEEK) in failed
    ]  # fmt: skip
