"""The oracle's check 12 on scale: what a week's amounts show of their unit, from the amounts.

Written from docs/adr/0023, in plain Python: one quantity of one source and type at a time.
"""

import math
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from scipy.stats import betabinom, binom, f, t

PAST, LEAST_WEEKS, LEAST_AMOUNTS = 26, 4, 3
COSTLY, REST = 8, 26
UNSURE = {0.0001: 0.85, 0.02: 0.05, 0.06: 0.04, 0.15: 0.03, 0.35: 0.018, 0.7: 0.012}


@dataclass
class Week:
    """What is remembered of a week: logarithms that tell its level, and those of all amounts."""

    logs: list[float]
    amounts: list[float]


@dataclass
class Known:
    """What a week is held against, and the odd weeks just before it that may count with it."""

    past: list[Week] = field(default_factory=list)
    run: list[Week] = field(default_factory=list)
    passed: list[Week] = field(default_factory=list)


@dataclass
class Shown:
    """What a week shows: 0 to 3, by which factor (natural logarithm), of how many, and p."""

    severity: int
    distance: float = math.nan
    concerned: int = 0
    p_value: float = math.nan
    error: float = math.nan


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def scatter(past: list[Week]) -> tuple[float, int]:
    """Return the variance within weeks, at least that of a quarter, and its degrees of freedom."""
    squares = sum((x - mean(week.logs)) ** 2 for week in past for x in week.logs)
    degrees = sum(len(week.logs) - 1 for week in past)
    return max(squares / max(degrees, 1), 0.25**2), degrees


def expected(past: list[Week], *weeks: list[float]) -> tuple[float, float, float]:
    """Return the expected mean logarithm, that of `weeks`, and the variance of their distance."""
    means = [mean(week.logs) for week in past]
    centre = mean(means)
    between = sum((m - centre) ** 2 for m in means) / (len(means) - 1)
    within, _ = scatter(past)
    whole = max(between - within * mean([1 / len(week.logs) for week in past]), 0)
    weights = [1 / (whole + within / len(week)) for week in weeks]
    level = sum(w * mean(week) for w, week in zip(weights, weeks, strict=True)) / sum(weights)
    return centre, level, 1 / sum(weights) + between / len(past)


def reach(past: list[Week]) -> float:
    """Return how far a single amount's logarithm may lie from the centre."""
    variance = expected(past, [0.0])[2]
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


def beyond(logs: list[float], limit: float, way: int) -> int:
    """Return how many amounts lie in magnitudes that are beyond a limit as a whole."""
    magnitudes: dict[int, list[float]] = {}
    for x in logs:
        magnitudes.setdefault(math.floor(round(x * 1e4) / 1000), []).append(way * x)
    return sum(len(xs) for xs in magnitudes.values() if min(xs) > way * limit)


def bunched(found: list[int], n: list[int], old: list[tuple[int, int]]) -> float:
    """Return the chance of at least as many in each of the new weeks after the old ones."""
    few = binom.sf(sum(found) - 1, sum(n), 0.001)
    if sum(found) == 0:
        return 1.0
    logits = np.linspace(math.log(1e-5), math.log(19), 30)
    cells = []
    for share in 1 / (1 + np.exp(-logits)):
        for together, sure in UNSURE.items():
            cells.append((share, sure * math.sqrt(share * (1 - share)), 1 / together - 1))
    shares, prior, sizes = np.array(cells).T
    a, b = shares * sizes, (1 - shares) * sizes
    fit = np.log(prior)
    for k, m in old:
        fit = fit + betabinom.logpmf(k, m, a, b)
    weights = np.exp(fit - fit.max())
    all_weeks = np.ones(len(a))
    for least, m in zip(found, n, strict=True):
        all_weeks = all_weeks * sum(betabinom.pmf(k, m, a, b) for k in range(least, m + 1))
    return max(few, (weights * all_weeks).sum() / weights.sum())


def judged(logs: list[float], known: Known) -> tuple[Shown, Week, bool, bool]:
    """Return what a week shows, what is remembered of it, if it's odd, and if it could show."""
    past = known.past
    if len(past) < LEAST_WEEKS:
        return Shown(0), Week(logs, logs), False, False
    centre, far = expected(past, [0.0])[0], reach(past)
    found = outside(logs, centre, far)
    rest, single, is_whole = parted(logs, found)
    if not is_whole and level(rest, known)[1]:
        found &= outside(logs, mean(rest), far)
        rest, single, is_whole = parted(logs, found)
    moved, is_moved, sure_level = level(rest, known)
    if sure_level:
        middle = centre + moved.distance / 2
        sure_level = min(chances(logs, known, middle, 1 if moved.distance > 0 else -1)) < 0.001
    lone, is_single, sure_single = singles(logs, single, known, centre, far)
    by_level = is_moved and (
        (sure_level and not sure_single)
        or (sure_level == sure_single and (is_whole or not is_single))
    )  # fmt: skip
    shown = Shown(0)
    if by_level:
        shown = moved
        shown.severity = 1 + sure_level
    elif is_single:
        shown = lone
        shown.severity = 1 + sure_single
    off = abs(shown.distance)
    if shown.severity == 2 and off >= math.log(80) and off - 2 * shown.error > math.log(60):
        shown.severity += shown.concerned > 0.99 * len(logs)
    could = len(logs) >= LEAST_AMOUNTS and bool(rest)
    if could:
        _, now, variance = expected(past, rest)
        error = math.sqrt(variance)
        could = t.isf(0.0005, len(past) - 1) * error < math.log(24) or abs(now - centre) <= error
    return shown, Week(rest, logs), is_moved or is_single, could


def chances(
    logs: list[float], known: Known, limit: float, way: int, now: int | None = None
) -> list[float]:
    """Return the chance of as many beyond a limit, in this week and with the odd ones before."""
    old = [(beyond(w.amounts, limit, way), len(w.amounts)) for w in known.past + known.passed]
    mine = beyond(logs, limit, way) if now is None else now
    found = [beyond(w.amounts, limit, way) for w in known.run] + [mine]
    n = [len(w.amounts) for w in known.run] + [len(logs)]
    result = [bunched(found[-1:], n[-1:], old)]
    if known.run and (now is None or sum(found) * n[-1] <= 2 * mine * sum(n)):
        result.append(bunched(found, n, old))
    return result


def singles(
    logs: list[float],
    single: list[tuple[int, float]],
    known: Known,
    centre: float,
    far: float,
) -> tuple[Shown, bool, bool]:
    """Return what single amounts show, if they are odd, and if surely."""
    larger = [x for side, x in single if side > 0]
    smaller = [x for side, x in single if side < 0]
    most = larger if len(larger) >= len(smaller) else smaller
    if not most:
        return Shown(0), False, False
    distance = mean(most) - centre
    way = 1 if distance > 0 else -1
    found = chances(logs, known, centre + way * far, way, len(most))
    # either side, and with the odd weeks before or without
    p_value = min(2 * len(found) * min(found), 1)
    count = len(logs)
    if len(found) > 1 and found[1] < found[0]:
        count += sum(len(week.amounts) for week in known.run)
    is_odd = p_value < (0.1 if distance >= math.log(100) else 0.01)
    error = math.sqrt(scatter(known.past)[0] / len(most))
    shown = Shown(0, distance, len(most), p_value, error)
    return shown, is_odd, is_odd and p_value < 0.001 and count >= LEAST_AMOUNTS


def parted(
    logs: list[float], found: set[tuple[int, int]]
) -> tuple[list[float], list[tuple[int, float]], bool]:
    """Return the amounts whose level is judged, those out of scale, and if the whole week is."""
    side_of = {magnitude: side for side, magnitude in found}
    magnitudes = [math.floor(round(x * 1e4) / 1000) for x in logs]
    away = [(side_of[m], x) for m, x in zip(magnitudes, logs, strict=True) if m in side_of]
    if len(away) >= 0.9 * len(logs):
        return logs, away, True
    return [x for m, x in zip(magnitudes, logs, strict=True) if m not in side_of], away, False


def level(rest: list[float], known: Known) -> tuple[Shown, bool, bool]:
    """Return what the level of a week shows, if it has moved, and far enough to fail."""
    if not rest:
        return Shown(0), False, False
    past, weeks, degrees = known.past, [rest], len(known.past) - 1
    centre, now, variance = expected(past, rest)
    own = now - centre
    alone = 2 * t.sf(abs(own) / math.sqrt(variance), degrees) < 0.001 and abs(own) >= math.log(2)
    before = [week.logs for week in known.run if week.logs]
    if before:
        of_run = expected(past, *before)[1] - centre
        if own * of_run > 0 and abs(of_run) / 3 <= abs(own) <= 2 * abs(of_run):
            weeks = [*before, rest]
    _, now, variance = expected(past, *weeks)
    distance, error = now - centre, math.sqrt(variance)
    p_value = 2 * t.sf(abs(distance) / error, degrees)
    is_odd = p_value < 0.001 and abs(distance) >= math.log(2 if alone else 4)
    # part of the amounts, further away, scatter more than all of them
    within, freedom = scatter(past)
    squares = sum((x - mean(week)) ** 2 for week in weeks for x in week)
    own_freedom = sum(len(week) - 1 for week in weeks)
    concerned = len(rest)
    if is_odd and own_freedom:
        wider = squares / own_freedom
        part = distance**2 / (distance**2 + max(wider - within, 0))
        if f.sf(wider / within, own_freedom, max(freedom, 1)) < 0.001 and part < 0.9:
            concerned = max(round(part * len(rest)), 1)
            distance, error = distance / part, error / part
    least = 10 if len(weeks) > 1 else 24
    is_sure = is_odd and abs(distance) >= math.log(least / 1.25)
    is_sure = is_sure and sum(len(week) for week in weeks) >= LEAST_AMOUNTS
    return Shown(0, distance, concerned, p_value, error), is_odd, is_sure


def followed(weeks: list[list[float]]) -> list[Shown]:
    """Return what each week of positive amounts shows, weeks in order; empty ones show nothing."""
    known, odd, failed, shown = Known(), 0, 0, []
    for amounts in weeks:
        if not amounts:
            shown.append(Shown(0))
            continue
        logs = [round(math.log(x), 4) for x in amounts]
        found, kept, is_odd, could = judged(logs, known)
        has_failed = found.severity > 1
        if failed >= COSTLY and has_failed:
            found.severity = 1
        shown.append(found)
        if is_odd:
            known.run, odd, failed = [*known.run, kept], odd + 1, failed + has_failed
        elif could or not odd:
            if odd == 1:
                known.passed = [*known.passed, *known.run][-PAST:]
            known.past, known.run, odd, failed = [*known.past, kept][-PAST:], [], 0, 0
        if odd == REST:
            known.past, known.run, odd, failed = known.run, [], 0, 0
    return shown
