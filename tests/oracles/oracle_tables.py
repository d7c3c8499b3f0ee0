"""The oracle's tables beside the metrics: Pareto tables, growth, retention and funnels by step."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracles.oracle_custom import WEEK, Entry
from tests.oracles.oracle_events import Row
from tests.oracles.oracle_measures import as_number
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.oracle_people import is_small

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
    week = min(weeks, default=None)
    while week and known and oracle.calendar.end(week) <= known:
        g = oracle.custom.growth(product, week)
        active = len(g.active)
        parts = tuple(map(len, (g.new, g.retained, g.resurrected, g.churned, g.departed)))
        found[week] = (active, *parts)
        if active < least:
            found[week] = None
        elif growth_is_small(oracle, product, week):
            found[week] = (active,)
        week += WEEK
    return found


def growth_is_small(oracle: Oracle, product: str, week: date) -> bool:
    """Return whether few make a part of a week's growth, of its people or the last week's."""
    least = _least_people(oracle, False)
    g, before = oracle.custom.growth(product, week), oracle.custom.growth(product, week - WEEK)
    now, then = len(g.active), len(before.active)
    shares = [(g.new, now), (g.retained, now), (g.resurrected, now), (g.retained, then),
              (g.churned, then), (g.departed, then)]  # fmt: skip
    return any(is_small(len(part), whole, least) for part, whole in shares)


def _cells(oracle: Oracle, product: str) -> dict[tuple[date, int], tuple[int, int]]:
    """Return (retained, cohort) of each week that has begun, up to twelve after the first."""
    cohorts: dict[date, list[set[date]]] = defaultdict(list)
    for weeks in oracle.custom.active_weeks(product).values():
        cohorts[min(weeks)].append(weeks)
    last = oracle.calendar.week(oracle.as_of)
    return {
        (cohort, number): (sum(cohort + number * WEEK in weeks for weeks in mine), len(mine))
        for cohort, mine in cohorts.items()
        for number in range(1, MOST_WEEKS + 1)
        if cohort + number * WEEK <= last
    }


def small_cells(oracle: Oracle, product: str) -> set[tuple[date, int]]:
    """Return the cells of retention that tell of few people, and those that go with them."""
    cells, least = _cells(oracle, product), _least_people(oracle, False)
    together: dict[date, list[tuple[date, int]]] = defaultdict(list)
    for cohort, number in cells:
        together[cohort + number * WEEK].append((cohort, number))
    found = set()
    for mine in together.values():
        small = [place for place in mine if is_small(*cells[place], least)]
        # the cells of a week add up to its active people: a few hidden ones could be found
        few = len(small) == 1 or sum(cells[place][0] for place in small) < least
        found.update(mine if small and few else small)
    return found


def retention(oracle: Oracle, product: str) -> dict[tuple[date, int], tuple[int, int] | str]:
    """Return (retained, cohort) of each cell that has begun, or why it is not told."""
    known, small = use_known_until(oracle, product), small_cells(oracle, product)
    found: dict[tuple[date, int], tuple[int, int] | str] = {}
    for (cohort, number), cell in _cells(oracle, product).items():
        is_over = known is not None and oracle.calendar.end(cohort + number * WEEK) <= known
        is_hidden = (cohort, number) in small
        found[cohort, number] = "not_ripe" if not is_over else "suppressed" if is_hidden else cell
    return found


# funnels


def funnel(oracle: Oracle, name: str) -> dict[tuple[date, int], tuple[int, int, float] | str]:
    """Return (entered, reached, touches per entry) by week and step, or why it is not told."""
    rows = oracle.custom.funnel(name)
    window = timedelta(hours=float(rows[0]["window_hours"]))
    found: dict[tuple[date, int], tuple[int, int, float] | str] = {}
    for week, entries in oracle.custom.entries(rows[0]["product_id"], name).items():
        is_hidden = has_small_step(oracle, rows, entries)
        is_over = oracle.calendar.end(week) + window <= oracle.as_of
        touches = sum(e.touches for e in entries) / len(entries)
        for step in range(1, len(rows) + 1):
            reached = sum(e.reached >= step for e in entries)
            found[week, step] = (len(entries), reached, touches)
            if not is_over or is_hidden:
                found[week, step] = "suppressed" if is_over else "not_ripe"
    return found


def has_small_step(oracle: Oracle, rows: list[Row], entries: list[Entry]) -> bool:
    """Return whether few people enter a funnel in a week, or few go on or drop out at a step."""
    if rows[0]["match_key"] != "actor":
        return False
    least = _least_people(oracle, False)
    people = [len({e.who for e in entries if e.reached >= n}) for n in range(len(rows) + 1)]
    return people[1] < least or any(
        is_small(people[n], people[n - 1], least) for n in range(2, len(people))
    )
