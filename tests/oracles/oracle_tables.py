"""The oracle's tables beside the metrics: Pareto tables, growth, retention and funnels by step."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracles.oracle_custom import WEEK
from tests.oracles.oracle_events import Row
from tests.oracles.oracle_measures import as_number
from tests.oracles.oracle_metrics import Oracle

MOST_WEEKS = 12
Told = tuple[str | None, Any, float]
"""Person, reason and amount of one item of a Pareto table."""


@dataclass(frozen=True)
class Reason:
    """One line of a Pareto table; the numbers are None where the table is hidden."""

    name: str
    amount: float | None
    item_count: int | None
    share: float | None = None
    cumulative_share: float | None = None
    unknown_share: float | None = None


def is_small(part: int, whole: int, least: int) -> bool:
    """Return whether a part of some people, or the rest of them, tells of a few of them."""
    if whole == 0:
        return False
    is_extreme = part in (0, whole) and whole < 2 * least
    return whole < least or is_extreme or 0 < part < least or 0 < whole - part < least


# Pareto tables


def diagnostic(oracle: Oracle, row: Row) -> list[Reason]:
    """Return a Pareto table in order: by amount, what nobody gave a reason for last."""
    told = [t for t in _told(oracle, row) if t[2] is not None]
    people: dict[Any, set[str]] = defaultdict(set)
    for person, reason, _ in told:
        people[reason] |= {person} if person else set()
    is_of_people = row.get("subject_kind") == "person"
    least = _least_people(oracle, bool(row["quantity"]))
    pooled: dict[str | None, list[Told]] = defaultdict(list)
    for item in told:
        is_pooled = is_of_people and item[1] is not None and len(people[item[1]]) < least
        pooled["other" if is_pooled else item[1]].append(item)
    is_hidden = is_of_people and any(
        len({person for person, *_ in items} - {None}) < least for items in pooled.values()
    )
    amounts = {name: math.fsum(a for *_, a in items) for name, items in pooled.items()}
    total = math.fsum(amounts.values())
    found, running = [], 0.0
    for name in sorted(amounts, key=lambda n: (n is None, -amounts[n], str(n))):
        running += amounts[name]
        if is_hidden:
            found.append(Reason(name or "unknown", None, None))
            continue
        shares = (amounts[name], running, amounts.get(None, 0.0))
        found.append(
            Reason(name or "unknown", amounts[name], len(pooled[name]),
                   *(part / total if total else None for part in shares))
        )  # fmt: skip
    return found


def _least_people(oracle: Oracle, is_sum: bool) -> int:
    name, usual = ("suppression_k_sensitive", 10) if is_sum else ("suppression_k", 5)
    return int(oracle.settings.get(name, usual))


def _told(oracle: Oracle, row: Row) -> Iterable[Told]:
    first = oracle.as_of - timedelta(days=int(row["trailing_days"] or 91))
    kind, name = row["item_kind"], row["item_type"]
    for item in oracle.items(kind, name)[row["product_id"]]:
        if not first < item.occurred_at <= oracle.as_of:
            continue
        reason, amount = item.facts.get(row["dimension"]), 1.0
        if reason is None and kind == "task":
            reason = item.last_facts.get(row["dimension"])
        if row["quantity"]:
            amount = as_number(item.facts.get(row["quantity"]))
        text = (str(reason).lower() if isinstance(reason, bool) else str(reason or "")).strip()
        if amount is not None:
            yield item.person, text or None, amount * item.weight


# growth and retention


def use_known_until(oracle: Oracle, product: str) -> datetime | None:
    """Return until when the use of a product is known: as its slowest source is."""
    rows = oracle.registry["active_uses"]
    types = {row["event_type"] for row in rows if row["product_id"] == product}
    sources = {e.source for name in types for e in oracle.by_type[name] if e.product == product}
    return min((oracle.grid.known[source] for source in sources), default=None)


def growth(oracle: Oracle, product: str) -> dict[date, tuple[int, ...] | None]:
    """Return (active, new, retained, resurrected, churned, departed) of complete weeks.

    The parts add up, so one of a few people hides them all: then only the active are told, or
    nothing where they are few.
    """
    found: dict[date, tuple[int, ...] | None] = {}
    weeks = {week for mine in oracle.custom.active_weeks(product).values() for week in mine}
    known, least = use_known_until(oracle, product), _least_people(oracle, False)
    week, before = min(weeks, default=None), 0
    while week and known and oracle.calendar.end(week) <= known:
        g = oracle.custom.growth(product, week)
        active = len(g.active)
        parts = tuple(map(len, (g.new, g.retained, g.resurrected, g.churned, g.departed)))
        wholes = (active, active, active, before, before)
        small = any(is_small(p, w, least) for p, w in zip(parts, wholes, strict=True))
        small = small or is_small(parts[1], before, least)
        found[week] = (active, *parts)
        if active < least:
            found[week] = None
        elif small:
            found[week] = (active,)
        before, week = active, week + WEEK
    return found


def retention(oracle: Oracle, product: str) -> dict[tuple[date, int], tuple[int, int] | str]:
    """Return (retained, cohort) of each cell that has begun, or why it is not told."""
    cohorts: dict[date, list[set[date]]] = defaultdict(list)
    for weeks in oracle.custom.active_weeks(product).values():
        cohorts[min(weeks)].append(weeks)
    known, least = use_known_until(oracle, product), _least_people(oracle, False)
    last = oracle.calendar.week(oracle.as_of)
    cells: dict[tuple[date, int], tuple[int, int]] = {}
    small: dict[date, list[tuple[date, int]]] = defaultdict(list)
    for cohort, mine in cohorts.items():
        for number in range(1, MOST_WEEKS + 1):
            week = cohort + number * WEEK
            if week <= last:
                kept = sum(week in weeks for weeks in mine)
                cells[cohort, number] = kept, len(mine)
                if is_small(kept, len(mine), least):
                    small[week].append((cohort, number))
    found: dict[tuple[date, int], tuple[int, int] | str] = {}
    for (cohort, number), cell in cells.items():
        week = cohort + number * WEEK
        hidden = small[week]
        # the cells of a week add up to its active people: a few hidden ones could be found
        few = hidden and (len(hidden) == 1 or sum(cells[c][0] for c in hidden) < least)
        is_over = known is not None and oracle.calendar.end(week) <= known
        found[cohort, number] = cell if is_over else "not_ripe"
        if is_over and ((cohort, number) in hidden or few):
            found[cohort, number] = "suppressed"
    return found


# funnels


def funnel(oracle: Oracle, name: str) -> dict[tuple[date, int], tuple[int, int, float] | str]:
    """Return (entered, reached, touches per entry) by week and step, or why it is not told."""
    rows = oracle.custom.funnel(name)
    window, least = timedelta(hours=float(rows[0]["window_hours"])), _least_people(oracle, False)
    found: dict[tuple[date, int], tuple[int, int, float] | str] = {}
    for week, entries in oracle.custom.entries(rows[0]["product_id"], name).items():
        people = [len({e.who for e in entries if e.reached >= n}) for n in range(len(rows) + 1)]
        is_hidden = rows[0]["match_key"] == "actor" and (
            people[1] < least
            or any(is_small(people[n], people[n - 1], least) for n in range(2, len(people)))
        )
        is_over = oracle.calendar.end(week) + window <= oracle.as_of
        touches = sum(e.touches for e in entries) / len(entries)
        for step in range(1, len(rows) + 1):
            reached = sum(e.reached >= step for e in entries)
            found[week, step] = (len(entries), reached, touches)
            if not is_over or is_hidden:
                found[week, step] = "suppressed" if is_over else "not_ripe"
    return found
