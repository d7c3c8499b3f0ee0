"""The oracle's check 14: what a week of a sum or count shows, from the weeks before it.

Written from docs/adr/0017 and 0022 and method 7.1, one denominator at a time, without arrays.
"""

import math
from dataclasses import dataclass
from statistics import median, stdev

from scipy.stats import linregress, nbinom, t

PAST, LEAST, COSTLY, REST = 26, 8, 8, 26
QUARTER, FURTHEST, MOST_PARTS = 13, 4, 400
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


def carried_on(past: list[float | None], ahead: int, is_log: bool) -> list[float] | None:
    """Return the quarter's weeks at the present level where they have fallen, else None."""
    weeks = range(-min(len(past), QUARTER), 0)
    points = [(week, past[week]) for week in weeks if past[week] is not None]
    if len(points) < LEAST:
        return None
    values = [value for _, value in points]
    line = linregress([week for week, _ in points], values)
    if not line.slope < -0.5 * line.stderr:
        return None
    centre, squares = (
        mean([week for week, _ in points]),
        sum((week - mean([w for w, _ in points])) ** 2 for week, _ in points),
    )
    way = min(ahead, FURTHEST) - centre
    least = mean(values) + math.log(0.5) if is_log else mean(values) / 2
    end = max(mean(values) + line.slope * way, least)
    wider = math.sqrt(1 + 1 / len(points) + way**2 / squares)
    moved = []
    for week, value in points:
        there = mean(values) + line.slope * (week - centre)
        off = value - there if is_log else value * end / max(there, end) - end
        moved.append(float(end + off * wider))
    return moved if is_log else [max(value, 0.0) for value in moved]


def few_p(now: int, past: list[float], span: int) -> float:
    """Return the chance of at most `now` in `span` weeks after the counts before."""
    if len(past) < LEAST or now >= span * mean(past):
        return 1.0
    centre, weeks = mean(past), len(past)
    variance = stdev(past) ** 2
    if variance <= 1.5 * centre:
        return float(nbinom.cdf(now, sum(past) + 0.5, weeks / (weeks + span)))
    size = span * centre**2 / (variance - centre)
    return float(nbinom.cdf(now, size, size / (size + span * centre)))


def fewer_p(now: int, past: list[int], span: int, ahead: int) -> float:
    """Return the same, or that by a fall that is carried on."""
    moved = carried_on(list(past), ahead, is_log=False)
    by_fall = 0.0 if moved is None else few_p(now, moved, span)
    return max(few_p(now, list(past), span), by_fall)


def size_of(week: Week) -> float | None:
    """Return the logarithm of the amount of each contribution."""
    return math.log(week.amount / week.count) if week.count and week.amount > 0 else None


def small_parts(now: Week, past: list[Week], ahead: int) -> tuple[float, ...] | None:
    """Return what a small week adds to its row; None where it isn't small.

    By how much it is off, its variance, the parts that it should have had and those it has; then
    the variance of the expected one, and of how many weeks that is.
    """
    known = [(size_of(week), week.count) for week in past]
    moved = carried_on([size for size, _ in known], ahead, is_log=True)
    of_one = mean([1 / count for size, count in known if size is not None] or [1])
    sizes = moved or [size for size, _ in known if size is not None]
    if not now.count or len(sizes) < LEAST:
        return None
    if moved is not None:
        latest = [count for size, count in known[-QUARTER:] if size is not None]
        of_one = mean([1 / count for count in latest])
    between = stdev(sizes) ** 2
    within = max(between / of_one if now.count * of_one < 1 else 0.0, 0.25**2)
    variance = max(between - within * of_one, 0) + within / now.count
    size = size_of(now) if now.amount > 0 else -math.inf
    distance = max(size - mean(sizes), math.log(0.01))
    if distance >= math.log(0.5) or size >= math.log(0.8) + min(sizes):
        return None
    each = [math.exp(size) for size in sizes]
    number = min(mean(each) ** 2 / stdev(each) ** 2 * min(now.count * of_one, 1), MOST_PARTS)
    left = number * min(math.exp(mean(sizes) + distance) / mean(each), 1)
    return distance, variance, number, math.floor(left), between / len(sizes), len(sizes)


def small_p(row: list[tuple[float, ...]]) -> float:
    """Return the chance of so little from each in all weeks of a row."""
    distance, variance, number, left = (sum(week[part] for week in row) for part in range(4))
    of_mean, weeks = row[-1][4:]
    error = math.sqrt(variance / len(row) ** 2 + of_mean)
    student = float(t.cdf(distance / len(row) / error, weeks - 1))
    size = (weeks - 1) / 2
    return max(student, float(nbinom.cdf(left, size, size / (size + number))) / 4)


def judged(
    now: Week, past: list[Week], empty: int, ahead: int, row: list[tuple[float, ...]]
) -> int:
    """Return 0 to 3 before the row of odd weeks is looked at; `row` is of small ones, if any."""
    if len(past) < LEAST:
        return 0
    usual = median(week.amount for week in past[-8:])
    lost = 1 - now.amount / usual if usual > 0 else 0.0
    p_few = fewer_p(now.count, [week.count for week in past], max(empty, 1), ahead)
    p_small = small_p(row) if row else 1.0
    p_value = min(2 * min(p_few, p_small), 1) if now.is_sum and now.count else p_few
    amounts = [week.amount for week in past]
    is_small = p_small < p_few
    is_plain = now.count == 0 or stdev(amounts) <= 0.4 * mean(amounts)
    is_few = now.amount < 0.8 * min(amounts) and is_plain
    if lost <= WARN or not (is_small or is_few) or p_value >= 0.01:
        return 0
    if p_value >= 0.001 or lost <= FAIL or (is_small and now.count < 3):
        return 1
    return 3 if lost > BLOCK and not is_small else 2


def followed(weeks: list[Week]) -> list[int]:
    """Return what each week shows, in order."""
    past: list[Week] = []
    before_empty: list[Week] = []
    before_small: list[Week] = []
    row: list[tuple[float, ...]] = []
    odd: list[Week] = []
    empty, failed, shown = 0, 0, []
    for week in weeks:
        empty = empty + 1 if week.count == 0 else 0
        against = before_empty if empty > 1 else past
        before_small = before_small if row else against
        parts = small_parts(week, before_small[-PAST:], len(odd)) if week.is_sum else None
        row = [*row, parts] if parts else []
        severity = judged(week, against[-PAST:], empty, len(odd), row)
        # eight that fail in a row of odd weeks are enough: what only warned has cost nothing yet
        shown.append(min(severity, 1) if failed >= COSTLY else severity)
        failed += shown[-1] > 1
        if severity:
            odd.append(week)
        else:
            past, odd, failed = [*past, week], [], 0
        if len(odd) == REST:
            past, odd, failed = odd, [], 0
        if not empty:
            before_empty = past
    return shown
