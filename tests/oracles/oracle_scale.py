"""The oracle's check 12 on scale: what a week's amounts show of their unit, from the amounts.

Written from docs/adr/0023, in plain Python: one quantity of one source and type at a time.
"""

import math
from dataclasses import dataclass
from itertools import groupby

from scipy.stats import binom, t

PAST, LEAST_WEEKS, LEAST_AMOUNTS = 26, 4, 3
COSTLY, REST = 8, 26


@dataclass
class Week:
    """What is remembered of a week: logarithms of the amounts that tell its level, and outliers."""

    logs: list[float]
    outliers: int
    count: int


@dataclass
class Shown:
    """What a week shows: 0 to 3, by which factor (natural logarithm), of how many, and p."""

    severity: int
    distance: float = math.nan
    concerned: int = 0
    p_value: float = math.nan


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def scatter(past: list[Week]) -> tuple[float, int]:
    """Return the variance within weeks, at least that of a quarter, and its degrees of freedom."""
    squares = sum((x - mean(week.logs)) ** 2 for week in past for x in week.logs)
    degrees = sum(len(week.logs) - 1 for week in past)
    return max(squares / max(degrees, 1), 0.25**2), degrees


def expected(past: list[Week], count: int) -> tuple[float, float]:
    """Return the expected mean logarithm of `count` amounts, and its variance."""
    means = [mean(week.logs) for week in past]
    centre = mean(means)
    between = sum((m - centre) ** 2 for m in means) / (len(means) - 1)
    within, _ = scatter(past)
    whole = max(between - within * mean([1 / len(week.logs) for week in past]), 0)
    return centre, whole + within / count + between / len(past)


def reach(past: list[Week]) -> float:
    """Return how far a single amount's logarithm may lie from the centre."""
    _, variance = expected(past, 1)
    within, degrees = scatter(past)
    of_amounts = within**2 / degrees if degrees else 0
    of_weeks = (variance - within) ** 2 / (len(past) - 1)
    degrees = variance**2 / (of_amounts + of_weeks) if of_amounts + of_weeks else math.inf
    return max(math.log(10), t.isf(0.5e-5, degrees) * math.sqrt(variance))


def outside(logs: list[float], centre: float, far: float) -> set[tuple[int, int]]:
    """Return side and magnitude of groups of amounts that are out of scale as a whole."""
    found = set()
    for magnitude, group in groupby(sorted(logs), key=lambda x: math.floor(round(x * 1e4) / 1000)):
        members = list(group)
        if min(members) > centre + far:
            found.add((1, magnitude))
        if max(members) < centre - far:
            found.add((-1, magnitude))
    return found


def judged(logs: list[float], past: list[Week]) -> tuple[Shown, Week, bool, bool]:
    """Return what a week shows, what is remembered of it, if it's odd, and if it could show."""
    if len(past) < LEAST_WEEKS:
        return Shown(0), Week(logs, 0, len(logs)), False, False
    centre, far = expected(past, 1)[0], reach(past)
    found = outside(logs, centre, far)
    rest, beyond, is_whole = parted(logs, found)
    if not is_whole and level(rest, past)[2]:
        found &= outside(logs, mean(rest), far)
        rest, beyond, is_whole = parted(logs, found)
    distance, p_level, is_moved = level(rest, past)
    larger = [x for side, x in beyond if side > 0]
    smaller = [x for side, x in beyond if side < 0]
    single = larger if len(larger) >= len(smaller) else smaller
    usual = (sum(w.outliers for w in past) + 0.5) / (sum(w.count for w in past) + 1)
    p_single = binom.sf(len(single) - 1, len(logs), max(usual, 0.001))
    is_single = bool(single) and p_single < 0.01
    if single and mean(single) - centre >= math.log(100):
        is_single = p_single < 0.1
    sure_level = is_moved and abs(distance) >= math.log(10) and len(rest) >= LEAST_AMOUNTS
    sure_single = is_single and p_single < 0.001 and len(logs) >= LEAST_AMOUNTS
    by_level = is_moved and (
        (sure_level and not sure_single)
        or (sure_level == sure_single and (is_whole or not is_single))
    )  # fmt: skip
    shown = Shown(0)
    if by_level:
        shown = Shown(1 + sure_level, distance, len(rest), p_level)
    elif is_single:
        shown = Shown(1 + sure_single, mean(single) - centre, len(single), p_single)
    if shown.severity == 2 and abs(shown.distance) >= math.log(100):
        shown.severity += shown.concerned > 0.99 * len(logs)
    kept = Week(rest, 0 if is_whole else len(beyond), len(logs))
    could = len(logs) >= LEAST_AMOUNTS and bool(rest)
    if could:
        error = math.sqrt(expected(past, len(rest))[1])
        could = t.isf(0.0005, len(past) - 1) * error < math.log(10)
    return shown, kept, is_moved or is_single, could


def parted(
    logs: list[float], found: set[tuple[int, int]]
) -> tuple[list[float], list[tuple[int, float]], bool]:
    """Return the amounts whose level is judged, those out of scale, and if the whole week is."""
    side_of = {magnitude: side for side, magnitude in found}
    magnitudes = [math.floor(round(x * 1e4) / 1000) for x in logs]
    beyond = [(side_of[m], x) for m, x in zip(magnitudes, logs, strict=True) if m in side_of]
    if len(beyond) >= 0.9 * len(logs):
        return logs, beyond, True
    return [x for m, x in zip(magnitudes, logs, strict=True) if m not in side_of], beyond, False


def level(rest: list[float], past: list[Week]) -> tuple[float, float, bool]:
    """Return how far the level is off, the chance of it, and if it has moved."""
    if not rest:
        return math.nan, 1.0, False
    centre, variance = expected(past, len(rest))
    distance = mean(rest) - centre
    p_value = 2 * t.sf(abs(distance) / math.sqrt(variance), len(past) - 1)
    return distance, p_value, p_value < 0.001 and abs(distance) >= math.log(2)


def followed(weeks: list[list[float]]) -> list[Shown]:
    """Return what each week of positive amounts shows, weeks in order; empty ones show nothing."""
    past: list[Week] = []
    odd: list[Week] = []
    shown = []
    for amounts in weeks:
        if not amounts:
            shown.append(Shown(0))
            continue
        logs = [round(math.log(x), 4) for x in amounts]
        found, kept, is_odd, could = judged(logs, past[-PAST:])
        if len(odd) >= COSTLY and found.severity > 1:
            found.severity = 1
        shown.append(found)
        if is_odd:
            odd.append(kept)
        elif could or not odd:
            past, odd = [*past, kept], []
        if len(odd) == REST:
            past, odd = odd, []
    return shown
