"""The oracle's derived metrics: one declared operator over the readings of others."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_metrics import Key, Reading, enough, parents_of

if TYPE_CHECKING:
    from tests.oracles.oracle_metrics import Oracle

OPERATORS = ("difference", "product", "ratio", "change_against_baseline", "budget",
             "deadline_projection", "complement", "scaled", "budget_left")  # fmt: skip
BASELINE_WEEKS = 8
WEEK = timedelta(days=7)


def derived(
    oracle: "Oracle", product: str, metric: Row, known: Mapping[Key, Reading]
) -> dict[Key, Reading]:
    """Return the readings of a derived metric for every period of its parents."""
    names = parents_of(metric)
    cells: dict[tuple[str, date], list[Reading | None]] = {}
    for (owner, name, grain, start), _ in known.items():
        if owner == product and name in names:
            is_looking_back = metric["derived_operator"] == "deadline_projection"
            if grain == "week" or not is_looking_back:
                cells[grain, start] = [known.get((product, n, grain, start)) for n in names]
    found: dict[Key, Reading] = {}
    base = _baseline(product, metric, known)
    for (grain, start), mine in cells.items():
        parents = [parent for parent in mine if parent]
        value = None
        if len(parents) == len(names) and all(p.value is not None for p in parents):
            value = _combine(oracle, product, metric, known, start, mine, base)
        reasons = [parent.reason for parent in parents if parent.reason]
        reading = Reading(
            value, None, None, min(p.unit_count for p in parents),
            *((None, None) if value is None else limits(metric, parents[0])),
            is_ripe=all(p.is_ripe for p in parents),
            is_provisional=any(p.is_provisional for p in parents),
            person_count=min(p.person_count for p in parents),
            method=parents[0].method if value is not None and is_moved(metric) else None,
            reason=None if value is not None else min(reasons, default="no_denominator"),
        )  # fmt: skip
        told = enough(reading, metric)
        if told.value is None:
            told = replace(told, method=None)
        found[product, metric["metric_id"], grain, start] = told
    return found


def is_moved(metric: Row) -> bool:
    """Tell whether a metric is one parent's number, shifted or stretched: so is its interval."""
    operator = metric["derived_operator"]
    is_stretched = operator == "scaled" and float(metric["derived_constant"] or 0) >= 0
    return operator == "complement" or is_stretched


def limits(metric: Row, parent: Reading) -> tuple[float | None, float | None]:
    """Return the interval of what is one parent's number, shifted or stretched; else none."""
    operator, constant = metric["derived_operator"], float(metric["derived_constant"] or 0)
    low, high = parent.ci_low, parent.ci_high
    if operator == "complement":
        low, high = parent.ci_high, parent.ci_low
        return (None if low is None else constant - low, None if high is None else constant - high)
    if is_moved(metric):
        return (None if low is None else constant * low, None if high is None else constant * high)
    return None, None


def _combine(
    oracle: "Oracle", product: str, metric: Row, known: Mapping[Key, Reading], start: date,
    mine: list[Reading | None], base: tuple[date, float] | None,
) -> float | None:  # fmt: skip
    values = [parent.value for parent in mine if parent and parent.value is not None]
    first, operator = values[0], metric["derived_operator"]
    constant = float(metric["derived_constant"] or 0)
    if operator == "difference":
        return first - values[1]
    if operator == "product":
        return first * values[1]
    if operator == "ratio":
        return first / values[1] if values[1] else None
    if operator == "budget":
        # the share of the allowance that is used up
        return (1 - first) / (1 - constant) if constant != 1 else None
    if operator == "budget_left":
        return 1 - (1 - first) / (1 - constant) if constant != 1 else None
    if operator == "complement":
        return constant - first
    if operator == "scaled":
        return constant * first
    if operator == "change_against_baseline":
        if base is None or start < base[0] or not base[1]:
            return None
        return first / base[1] - 1
    return _projection(oracle, product, metric, known, start, first)


def _projection(
    oracle: "Oracle", product: str, metric: Row, known: Mapping[Key, Reading], start: date,
    now: float,
) -> float | None:  # fmt: skip
    """Return by how many days a goal is missed at the rate of the last eight weeks."""
    (parent,) = parents_of(metric)
    goals = [
        row for row in oracle.registry["goals"]
        if row["product_id"] == product and row["metric_id"] == parent
    ]  # fmt: skip
    if not goals:
        return None
    goal, deadline = float(goals[0]["goal_value"]), date.fromisoformat(goals[0]["deadline_date"])
    if now >= goal:
        return 0.0
    before = known.get((product, parent, "week", start - 8 * WEEK))
    if before is None or before.value is None or now <= before.value:
        return None
    return (start + WEEK - deadline).days + (goal - now) * 56 / (now - before.value)


def _baseline(product: str, metric: Row, known: Mapping[Key, Reading]) -> tuple[date, float] | None:
    """Return when the baseline is over and its level: the first ripe weeks with a value."""
    if metric["derived_operator"] != "change_against_baseline":
        return None
    (parent,) = parents_of(metric)
    count = int(float(metric["derived_constant"] or BASELINE_WEEKS))
    weeks = sorted(
        (start, reading) for (owner, name, grain, start), reading in known.items()
        if (owner, name, grain) == (product, parent, "week")
        and reading.is_ripe and reading.value is not None
    )[:count]  # fmt: skip
    if len(weeks) < count:
        return None
    return weeks[-1][0] + WEEK, _level([reading for _, reading in weeks])


def _level(readings: Iterable[Reading]) -> float:
    parts = [(r.numerator or 0.0, r.denominator or 0.0, r.value or 0.0) for r in readings]
    below = math.fsum(denominator for _, denominator, _ in parts)
    if below:
        return math.fsum(numerator for numerator, _, _ in parts) / below
    return math.fsum(value for _, _, value in parts) / len(parts)
