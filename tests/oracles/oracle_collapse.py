"""The oracle's check 14: what a week of a sum or count shows, from the weeks before it.

Written from docs/adr/0017 and 0022 and method 7.1, one denominator at a time, without arrays.
"""

import math
from dataclasses import dataclass
from statistics import median, stdev

from scipy.stats import nbinom, t

PAST, LEAST, COSTLY, REST = 26, 8, 8, 26
WARN, FAIL, BLOCK = 0.4, 0.5, 0.999


@dataclass(frozen=True)
class Week:
    """A ripe week of a denominator."""

    amount: float
    count: int
    """Contributions: what a sum is made of, or the number itself."""
    is_sum: bool


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def few_p(now: int, past: list[int], span: int) -> float:
    """Return the chance of at most `now` in `span` weeks after the counts before."""
    if len(past) < LEAST or now >= span * mean(past):
        return 1.0
    centre, weeks = mean(past), len(past)
    variance = stdev(past) ** 2
    if variance <= 1.5 * centre:
        return float(nbinom.cdf(now, sum(past) + 0.5, weeks / (weeks + span)))
    size = span * centre**2 / (variance - centre)
    return float(nbinom.cdf(now, size, size / (size + span * centre)))


def small_p(now: Week, past: list[Week]) -> tuple[float, float]:
    """Return the chance of so little from each, and by how much it is off."""
    filled = [week for week in past if week.count and week.amount > 0]
    if not now.count or len(filled) < LEAST:
        return 1.0, math.nan
    sizes = [math.log(week.amount / week.count) for week in filled]
    of_one = mean([1 / week.count for week in filled])
    between = stdev(sizes) ** 2
    within = max(between / of_one if now.count * of_one < 1 else 0.0, 0.25**2)
    variance = max(between - within * of_one, 0) + within / now.count + between / len(sizes)
    size = math.log(now.amount / now.count) if now.amount > 0 else -math.inf
    distance = max(size - mean(sizes), math.log(0.01))
    if distance >= math.log(0.5) or size >= math.log(0.8) + min(sizes):
        return 1.0, distance
    return float(t.cdf(distance / math.sqrt(variance), len(sizes) - 1)), distance


def judged(now: Week, past: list[Week], empty: int) -> tuple[int, float | None]:
    """Return 0 to 3 before the row of odd weeks is looked at, and p where something is lost."""
    if len(past) < LEAST:
        return 0, None
    usual = median(week.amount for week in past[-8:])
    lost = 1 - now.amount / usual if usual > 0 else 0.0
    p_few = few_p(now.count, [week.count for week in past], max(empty, 1))
    p_small, _ = small_p(now, past) if now.is_sum else (1.0, math.nan)
    p_value = min(2 * min(p_few, p_small), 1) if now.is_sum and now.count else p_few
    amounts = [week.amount for week in past]
    is_small = p_small < p_few
    is_plain = now.count == 0 or stdev(amounts) <= 0.4 * mean(amounts)
    is_few = now.amount < 0.8 * min(amounts) and is_plain
    if lost <= WARN or not (is_small or is_few) or p_value >= 0.01:
        return 0, None
    if p_value >= 0.001 or lost <= FAIL or (is_small and now.count < 3):
        return 1, p_value
    return (3 if lost > BLOCK and not is_small else 2), p_value


def followed(weeks: list[Week]) -> list[int]:
    """Return what each week shows, in order."""
    past: list[Week] = []
    before_empty: list[Week] = []
    odd: list[Week] = []
    empty, shown = 0, []
    for week in weeks:
        empty = empty + 1 if week.count == 0 else 0
        against = before_empty if empty > 1 else past
        severity, _ = judged(week, against[-PAST:], empty)
        shown.append(min(severity, 1) if len(odd) >= COSTLY else severity)
        if severity:
            odd.append(week)
        else:
            past, odd = [*past, week], []
        if len(odd) == REST:
            past, odd = odd, []
        if not empty:
            before_empty = past
    return shown
