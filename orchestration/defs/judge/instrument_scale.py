"""Check 12, scale: amounts in another unit than before, single ones or those of a whole week."""

import json
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd
from scipy import special, stats

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_bunches import LOG_UNITS, Amounts, many_p
from orchestration.defs.judge.instrument_history import WARN_P
from orchestration.defs.judge.instrument_units import scale_words
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS, remember
from orchestration.method.levels import level_parts, shift_p

SCALE = "scale"
LEAST_WEEKS = 4
"""Weeks of the past below which no level is known; Student's t is wide enough for so few."""
LEAST_AMOUNTS = 3
"""Amounts of a week below which its finding only warns: one order may be ten times another."""
WARN_FACTOR, FAIL_FACTOR, BLOCK_FACTOR = 2, 10, 100
"""How many times too large or small amounts must be to warn, fail and block.

Work changes by two or three times, and what is saved of something by five; ten times is a unit, and
at a hundred a number says nothing.
"""
SOON_FACTOR = 24
"""The same to fail in the first week: a whole week of ten or twelve times as much may be a year's
bills, but not two in a row."""
NEARLY = 1.25
"""Times by which an amount may lie below a factor and still be called it, as in its words."""
LASTING_FACTOR = 4
"""The same for a week that is odd only together with those before: a season isn't."""
NEXT_TO_BLOCK = 60
"""The unit below BLOCK_FACTOR."""
SINGLE_P = 1e-5
"""How rare by the past a single amount must be to be out of scale."""
LONE_P = 0.1
"""The same for so many as there are, where they are BLOCK_FACTOR times too large: one such amount
is most of a small week's sum."""
LEAST_SD = 0.25
"""Of a single amount's logarithm: what never differed before may differ by a quarter."""
WHOLE = 0.9
"""Share of a week's amounts that are out of scale from which the whole week has moved."""
QUANTITIES = """
select
    source_id, event_type, week_start_date, property, event_count, least_log, most_log, log_sum,
    log_square_sum, event_ids
from instruments.int_instrument_quantities_counted
where magnitude is not null and week_start_date is not null
order by source_id, event_type, property, week_start_date, magnitude
"""
KEY = ["source_id", "event_type", "property"]
COUNT, MEAN, SQUARES, WEEK = range(4)
"""What is remembered of a week: the amounts whose level it tells, their mean logarithm and the
squares about it, and which week it is."""
SIDES = 2
"""Amounts may be too large or too small: both are looked at."""
Values = np.ndarray


@dataclass(frozen=True)
class Finding:
    """What may be wrong with a week, one element a series."""

    is_odd: Values
    is_sure: Values
    p_value: Values
    numerator: Values
    """Amounts that it is about."""
    distance: Values
    """Their mean logarithm less the expected one."""
    error: Values
    """Standard error of the expected one."""


@dataclass(frozen=True)
class Before:
    """What is known of all series before a week."""

    past: Values
    """Series x what is remembered x PAST_WEEKS."""
    run: Values
    """The same of the odd weeks just before."""
    passed: Values
    """Earlier odd weeks that came and went; series x PAST_WEEKS."""
    amounts: Amounts
    week: int

    def weeks(self, one: int, is_with_run: bool) -> tuple[Values, Values]:
        """Return the weeks that a series is held against, and those that are held against them."""
        old = np.concatenate([self.past[one, WEEK], self.passed[one]])
        new = np.append(self.run[one, WEEK] if is_with_run else [], self.week)
        return old[~np.isnan(old)].astype(int), new[~np.isnan(new)].astype(int)


def read_scales(connection: duckdb.DuckDBPyConnection, threshold: Threshold) -> pd.DataFrame:
    """Return the rows of check 12 on amounts that are out of scale."""
    return scales(connection.execute(QUANTITIES).df(), threshold)


def scales(groups: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return one row per source, event type, week and quantity of which something is out of scale.

    Args:
        groups: Rows of `QUANTITIES`: amounts of one magnitude; logarithms in ten thousandths.
        threshold: Of check 12; the p at which a finding is sure, and its weeks.

    A single amount is out of scale where it is FAIL_FACTOR times too large or small and, by
    Student's t after the amounts before, rarer than SINGLE_P; `p_value` is the chance of so many
    where shares scatter by weeks as they did in the past, on either side, times the two looks where
    weeks before count with it. Of the others, or of all where WHOLE of a
    week are out of scale, the mean logarithm is held against that of the weeks before. Odd weeks
    just before count with a week that is like them. `share` is what share of the amounts the
    finding is about, `sure_share` the same where it is sure, below one unless they are surely
    BLOCK_FACTOR times off. Odd weeks are no part of the past until the threshold's `rest_weeks`
    come in a row, but one that came alone is remembered as what may happen; after `costly_weeks` of
    them failed none is sure.
    """
    if groups.empty:
        return pd.DataFrame()
    series = groups.groupby(KEY, sort=False).ngroup().to_numpy()
    count = int(series.max()) + 1
    weeks, week_of = np.unique(groups["week_start_date"].to_numpy(), return_inverse=True)
    amounts = Amounts.of(groups, series, week_of)
    past = np.full((count, 4, PAST_WEEKS), np.nan)
    odd_run = np.full((count, 4, threshold.rest_weeks), np.nan)
    passed = np.full((count, PAST_WEEKS), np.nan)
    odd_weeks, failed_weeks = np.zeros(count, int), np.zeros(count, int)
    found = []
    for week in range(len(weeks)):
        chosen = week_of == week
        rows, of_series = groups[chosen], series[chosen]
        is_of_run = np.arange(threshold.rest_weeks) >= threshold.rest_weeks - odd_weeks[:, None]
        run = np.where(is_of_run[:, None], odd_run, np.nan)
        before = Before(past, run, passed, amounts, week)
        side, now, can_tell, finding = _judged(rows, of_series, before, threshold)
        is_sure = finding.is_sure & (failed_weeks < threshold.costly_weeks)
        rows_found = _found(rows.assign(side=side), of_series, finding, is_sure, threshold)
        found.append(rows_found)
        # by number of the series, which is the index
        failed = rows_found.index[rows_found["sure_share"] > threshold.fail].to_numpy(int)
        failed_weeks[failed] += 1
        # a week that can't show a fault neither ends a row of odd ones nor joins the past within it
        now[~finding.is_odd & ~can_tell & (odd_weeks > 0)] = np.nan
        is_over = ~np.isnan(now[:, WEEK]) & ~finding.is_odd
        passed = _with_passed(passed, run, is_over & (odd_weeks == 1))
        past, odd_run, odd_weeks = remember(past, odd_run, odd_weeks, now, finding.is_odd)
        failed_weeks[odd_weeks == 0] = 0
    return pd.concat(found, ignore_index=True)


def _with_passed(passed: Values, run: Values, is_passed: Values) -> Values:
    """Return which odd weeks came and went by themselves, with the last of `run` where it did."""
    longer = np.concatenate([passed[:, 1:], run[:, WEEK, -1:]], axis=1)
    return np.where(is_passed[:, None], longer, passed)


def _within(past: Values) -> tuple[Values, Values]:
    """Return the variance of single amounts within their weeks, and its degrees of freedom."""
    degrees = np.nansum(past[:, COUNT] - 1, axis=1)
    variance = np.nansum(past[:, SQUARES], axis=1) / np.maximum(degrees, 1)
    return np.maximum(variance, LEAST_SD**2), degrees


def _level(past: Values, count: Values, mean: Values) -> tuple[Values, Values, Values]:
    """Return how far the mean of weeks is off, its standard error, and degrees of freedom.

    `count` and `mean` are of weeks, on the last axis; each weighs by how sure it is. NaN where
    fewer than LEAST_WEEKS weeks are known.
    """
    within, _ = _within(past)
    parts = level_parts(past[:, MEAN], past[:, COUNT], within)
    expected, of_weeks, of_mean, degrees = parts
    known = ~np.isnan(mean)
    counts = np.where(known, count, 1)
    weights = np.where(known, 1 / (of_weeks[:, None] + within[:, None] / counts), 0)
    weight = weights.sum(axis=1)
    is_known = ((~np.isnan(past[:, MEAN])).sum(axis=1) >= LEAST_WEEKS) & (weight > 0)
    weight = np.where(is_known, weight, np.nan)
    centre = (weights * np.where(known, mean, 0)).sum(axis=1) / weight
    return centre - expected, np.sqrt(1 / weight + of_mean), degrees


def _reach(past: Values) -> tuple[Values, Values]:
    """Return the expected logarithm of an amount, and how far from it the next may be."""
    nothing = np.zeros((len(past), 1))
    distance, error, week_degrees = _level(past, nothing + 1, nothing)
    expected = -distance
    within, amount_degrees = _within(past)
    # Satterthwaite's, of what amounts and of what whole weeks scatter by
    amount_degrees = np.where(amount_degrees > 0, amount_degrees, np.inf)
    parts = within**2 / amount_degrees + (error**2 - within) ** 2 / week_degrees
    degrees = np.where(parts > 0, error**4 / np.where(parts > 0, parts, 1), np.inf)
    rare = -stats.t.ppf(SINGLE_P / 2, degrees) * error
    return expected, np.where(np.isnan(rare), np.inf, np.maximum(rare, np.log(FAIL_FACTOR)))


def _sides(rows: pd.DataFrame, series: Values, centre: Values, reach: Values) -> Values:
    """Return 1 for amounts that are out of scale because they are too large, -1 for too small."""
    middle, far = np.nan_to_num(centre)[series], reach[series]
    too_large = rows["least_log"].to_numpy() / LOG_UNITS > middle + far
    too_small = rows["most_log"].to_numpy() / LOG_UNITS < middle - far
    return too_large.astype(int) - too_small


def _judged(
    rows: pd.DataFrame, series: Values, before: Before, threshold: Threshold
) -> tuple[Values, Values, Values, Finding]:
    """Return which amounts of a week are out of scale, and what it shows of each series.

    Between them what is to be remembered, and whether the week could show a fault.
    """
    past = before.past
    centre, reach = _reach(past)
    side = _sides(rows, series, centre, reach)
    used, is_whole = _used(rows, series, side, len(past))[1:]
    level = _of_level(before, used, threshold)
    # in a week that has moved those are out of scale that are so by its own level as well
    own = np.where(level.is_odd & ~is_whole, used[1] / used[0], centre)
    side = np.where(side == _sides(rows, series, own, reach), side, 0)
    totals, used, is_whole = _used(rows, series, side, len(past))
    level = _of_level(before, used, threshold)
    level = replace(level, is_sure=level.is_sure & _no_bunch(before, level, centre, threshold))
    larger, smaller = (_sums(rows, series, len(past), side == way) for way in (1, -1))
    outside = np.where(larger[0] >= smaller[0], larger, smaller)
    singles = _of_singles(before, totals[0], outside, centre, reach, threshold)
    is_level = level.is_odd & ~(singles.is_sure & ~level.is_sure)
    is_level &= is_whole | ~singles.is_odd | (level.is_sure & ~singles.is_sure)
    chosen = {
        name: np.where(is_level, getattr(level, name), getattr(singles, name))
        for name in ("p_value", "numerator", "distance", "error", "is_sure")
    }
    mean = used[1] / used[0]
    now = np.stack(
        [used[0], mean, used[2] - used[0] * mean**2, 0 * totals[0] + before.week], axis=1
    )
    now[totals[0] == 0] = np.nan
    distance, error, degrees = _level(past, used[0][:, None], mean[:, None])
    narrow = -special.stdtrit(degrees, threshold.sure_p / 2) * error < np.log(SOON_FACTOR)
    # one that is as expected is sound, however far off it might have been
    can_tell = (narrow | (np.abs(distance) <= error)) & (totals[0] >= LEAST_AMOUNTS)
    return side, now, can_tell, Finding(is_odd=level.is_odd | singles.is_odd, **chosen)


def _no_bunch(before: Before, level: Finding, centre: Values, threshold: Threshold) -> Values:
    """Tell where more amounts have moved than now and then do in a week.

    They have moved where they lie beyond half of the way.
    """
    is_news = np.zeros(len(centre), bool)
    for one in np.flatnonzero(level.is_sure).tolist():
        middle, way = centre[one] + level.distance[one] / 2, int(np.sign(level.distance[one]))
        found, n = before.amounts.beyond(one, middle, way)
        for is_with_run in (False, True):
            old, new = before.weeks(one, is_with_run)
            is_news[one] |= many_p(found[new], n[new], found[old], n[old]) < threshold.sure_p
    return is_news


def _used(
    rows: pd.DataFrame, series: Values, side: Values, count: int
) -> tuple[Values, Values, Values]:
    """Return the sums of all amounts, of those held against the past's level, and if whole."""
    totals = _sums(rows, series, count, np.ones(len(rows)))
    beyond = _sums(rows, series, count, side != 0)
    is_whole = (totals[0] > 0) & (beyond[0] >= WHOLE * totals[0])
    used = np.where(is_whole, totals, totals - beyond)
    used[0] = np.where(used[0] > 0, used[0], np.nan)
    return totals, used, is_whole


def _of_level(before: Before, used: Values, threshold: Threshold) -> Finding:
    """Return what is wrong with the level of amounts, whose sums `used` has.

    Odd weeks just before with a level alike count with it.
    """
    past, run = before.past, before.run
    count, mean = used[0], used[1] / used[0]
    squares = used[2] - count * mean**2
    distance, error, degrees = _level(past, count[:, None], mean[:, None])
    of_run, _, _ = _level(past, run[:, COUNT], run[:, MEAN])
    is_alike = (distance * of_run > 0) & (np.abs(distance) >= np.abs(of_run) / 3)
    is_alike &= np.abs(of_run) >= np.abs(distance) / 2
    alone_p = np.nan_to_num(shift_p(distance, error, degrees), nan=1)
    is_odd_alone = (alone_p < threshold.sure_p) & (np.abs(distance) >= np.log(WARN_FACTOR))
    run = np.where(is_alike[:, None, None], run, np.nan)
    counts = np.column_stack([run[:, COUNT], count])
    distance, error, _ = _level(past, counts, np.column_stack([run[:, MEAN], mean]))
    p_value = np.nan_to_num(shift_p(distance, error, degrees), nan=1)
    least = np.log(np.where(is_odd_alone, WARN_FACTOR, LASTING_FACTOR))
    is_odd = (p_value < threshold.sure_p) & (np.abs(distance) >= least)
    # where amounts scatter more as well, only part of them has moved, and further
    within, past_degrees = _within(past)
    run_degrees = np.nansum(counts - 1, axis=1)
    scatter = (np.nansum(run[:, SQUARES], axis=1) + squares) / np.maximum(run_degrees, 1)
    moved = np.maximum(np.abs(distance), LEAST_SD)
    far = moved + np.maximum(scatter - within, 0) / moved
    part = moved / far
    wider_p = special.fdtrc(
        np.maximum(run_degrees, 1), np.maximum(past_degrees, 1), scatter / within
    )
    is_part = is_odd & (wider_p < threshold.sure_p) & (part < WHOLE) & (run_degrees > 0)
    factor = np.where(is_part, 1 / part, 1)
    distance, error = distance * factor, error * factor
    numerator = np.where(is_part, np.maximum(np.round(part * count), 1), count)
    least = np.log(np.where(is_alike, FAIL_FACTOR, SOON_FACTOR) / NEARLY)
    is_sure = is_odd & (np.abs(distance) >= least) & (np.nansum(counts, axis=1) >= LEAST_AMOUNTS)
    return Finding(is_odd, is_sure, p_value, numerator, distance, error)


def _of_singles(
    before: Before,
    n: Values,
    outside: Values,
    centre: Values,
    reach: Values,
    threshold: Threshold,
) -> Finding:
    """Return what is wrong with single amounts; `outside` has the sums of those out of scale.

    Odd weeks just before count with it where it has at least half as many of them.
    """
    found, count = outside[0], np.maximum(outside[0], 1)
    distance = outside[1] / count - centre
    p_value, counted = np.ones(len(n)), n.copy()
    for one in np.flatnonzero(found).tolist():
        way = int(np.sign(distance[one]))
        beyond, totals = before.amounts.beyond(one, centre[one] + way * reach[one], way)
        beyond[before.week] = found[one]
        looks = []
        for is_with_run in (False, True):
            old, new = before.weeks(one, is_with_run)
            is_alike = beyond[new].sum() * n[one] <= 2 * found[one] * totals[new].sum()
            if is_alike and len(new) > is_with_run:
                chance = many_p(beyond[new], totals[new], beyond[old], totals[old])
                looks.append((chance, totals[new].sum()))
        least, counted[one] = min(looks)
        p_value[one] = min(SIDES * len(looks) * least, 1)
    is_the_sum = (distance >= np.log(BLOCK_FACTOR)) & (p_value < LONE_P)
    is_odd = (found > 0) & ((p_value < WARN_P) | is_the_sum)
    is_sure = is_odd & (p_value < threshold.sure_p) & (counted >= LEAST_AMOUNTS)
    within, _ = _within(before.past)
    return Finding(is_odd, is_sure, p_value, found, distance, np.sqrt(within / count))


def _sums(rows: pd.DataFrame, series: Values, count: int, weight: Values) -> Values:
    """Return number, logarithms and their squares of the weighted groups, by series."""
    columns = (("event_count", 1), ("log_sum", LOG_UNITS), ("log_square_sum", LOG_UNITS**2))
    return np.stack([
        np.bincount(series, rows[name].to_numpy(float) * weight, count) / unit
        for name, unit in columns
    ])  # fmt: skip


def _found(
    rows: pd.DataFrame,
    series: Values,
    finding: Finding,
    is_sure: Values,
    threshold: Threshold,
) -> pd.DataFrame:
    """Return the rows of the series that are odd in a week."""
    n = np.bincount(series, rows["event_count"], len(is_sure))
    first = rows.assign(series=series).drop_duplicates("series").set_index("series")
    odd = [int(number) for number in first.index.tolist() if finding.is_odd[number]]
    found = first.loc[odd, ["source_id", "event_type", "week_start_date", "property"]]
    share = finding.numerator[odd] / n[odd]
    costs = np.minimum(share, threshold.block)
    far = np.abs(finding.distance[odd])
    # where it may as well be sixty it isn't sure to be a hundred
    is_blocked = (far >= np.log(BLOCK_FACTOR / NEARLY)) & (
        far - 2 * finding.error[odd] > np.log(NEXT_TO_BLOCK)
    )
    return found.assign(
        check_id=12,
        aspect=SCALE,
        n=n[odd].astype("int64"),
        statistic=share,
        expected=np.nan,
        p_value=finding.p_value[odd],
        share=share,
        sure_share=np.where(is_sure[odd], np.where(is_blocked, share, costs), np.nan),
        evidence=[_evidence(rows[series == number], finding.distance[number]) for number in odd],
        finding=[
            f"`{name}` {scale_words(finding.distance[number], finding.error[number])}"
            for name, number in zip(found["property"], odd, strict=True)
        ],
    ).drop(columns="property")  # fmt: skip


def _evidence(rows: pd.DataFrame, distance: float) -> str:
    """Return the ten smallest ids of what is out of scale; of all where no single amount is."""
    outside = rows[rows["side"] == np.sign(distance)]
    ids = {
        one
        for group in (rows if outside.empty else outside)["event_ids"]
        for one in json.loads(group)
    }
    return json.dumps(sorted(ids)[:10])
