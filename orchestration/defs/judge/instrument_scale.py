"""Check 12, scale: amounts in another unit than before, single ones or those of a whole week."""

import json
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import special, stats

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_history import COSTLY_WEEKS, REST_WEEKS, WARN_P
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS, remember
from orchestration.method.levels import predicted_level, shift_p

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
SINGLE_P = 1e-5
"""How rare by the past a single amount must be to be out of scale."""
LONE_P = 0.1
"""The same for so many as there are, where they are BLOCK_FACTOR times too large: one such amount
is most of a small week's sum."""
LEAST_SD = 0.25
"""Of a single amount's logarithm: what never differed before may differ by a quarter."""
LEAST_TOLERATED = 0.001
"""Share of amounts out of scale that is no reason to distrust a source that never had one."""
WHOLE = 0.9
"""Share of a week's amounts that are out of scale from which the whole week has moved."""
UNITS = (10, 12, 24, 60, 100, 1000, 1440, 3600, 10_000, 86_400, 1_000_000, 3_600_000)
"""Factors between units of time, money, size and shares."""
LOG_UNITS = 10_000
QUANTITIES = """
select
    source_id, event_type, week_start_date, property, event_count, least_log, most_log, log_sum,
    log_square_sum, event_ids
from instruments.int_instrument_quantities_counted
where magnitude is not null and week_start_date is not null
order by source_id, event_type, property, week_start_date, magnitude
"""
KEY = ["source_id", "event_type", "property"]
COUNT, MEAN, SQUARES, BEYOND, ALL = range(5)
"""What is remembered of a week: the amounts whose level it tells, their mean logarithm and the
squares about it, how many of all amounts were out of scale, and how many these are."""
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


def read_scales(connection: duckdb.DuckDBPyConnection, threshold: Threshold) -> pd.DataFrame:
    """Return the rows of check 12 on amounts that are out of scale."""
    return scales(connection.execute(QUANTITIES).df(), threshold)


def scales(groups: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return one row per source, event type, week and quantity of which something is out of scale.

    Args:
        groups: Rows of `QUANTITIES`: amounts of one magnitude; logarithms in ten thousandths.
        threshold: Of check 12; of it the p at which a finding is sure.

    A single amount is out of scale where it is FAIL_FACTOR times too large or small and, by
    Student's t after the amounts before, rarer than SINGLE_P; `p_value` is the chance of so many
    at the share that the past has. Of the others, or of all where WHOLE of a week are out of scale,
    the mean logarithm is held against that of the weeks before. `share` is what share of the
    amounts the finding is about, `sure_share` the same where it is sure, below one unless they are
    BLOCK_FACTOR times off. Odd weeks are no part of the past until REST_WEEKS of them come in a
    row; after COSTLY_WEEKS in a row none is sure.
    """
    if groups.empty:
        return pd.DataFrame()
    series = groups.groupby(KEY, sort=False).ngroup().to_numpy()
    count = int(series.max()) + 1
    weeks = groups["week_start_date"].to_numpy()
    past = np.full((count, 5, PAST_WEEKS), np.nan)
    odd_run = np.full((count, 5, REST_WEEKS), np.nan)
    odd_weeks = np.zeros(count, int)
    found = []
    for week in np.unique(weeks):
        chosen = weeks == week
        rows, of_series = groups[chosen], series[chosen]
        side, now, can_tell, finding = _judged(rows, of_series, past, threshold)
        is_sure = finding.is_sure & (odd_weeks < COSTLY_WEEKS)
        found.append(_found(rows.assign(side=side), of_series, finding, is_sure, threshold))
        # a week that can't show a fault neither ends a row of odd ones nor joins the past within it
        now[~finding.is_odd & ~can_tell & (odd_weeks > 0)] = np.nan
        past, odd_run, odd_weeks = remember(past, odd_run, odd_weeks, now, finding.is_odd)
    return pd.concat(found, ignore_index=True)


def _within(past: Values) -> tuple[Values, Values]:
    """Return the variance of single amounts within their weeks, and its degrees of freedom."""
    degrees = np.nansum(past[:, COUNT] - 1, axis=1)
    variance = np.nansum(past[:, SQUARES], axis=1) / np.maximum(degrees, 1)
    return np.maximum(variance, LEAST_SD**2), degrees


def _level(past: Values, count: Values) -> tuple[Values, Values, Values]:
    """Return `predicted_level`, NaN where fewer than LEAST_WEEKS weeks are known."""
    within, _ = _within(past)
    expected, error, degrees = predicted_level(past[:, MEAN], past[:, COUNT], within, count)
    is_known = (~np.isnan(past[:, MEAN])).sum(axis=1) >= LEAST_WEEKS
    return np.where(is_known, expected, np.nan), np.where(is_known, error, np.nan), degrees


def _reach(past: Values) -> tuple[Values, Values]:
    """Return the expected logarithm of an amount, and how far from it the next may be."""
    expected, error, week_degrees = _level(past, np.ones(len(past)))
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
    rows: pd.DataFrame, series: Values, past: Values, threshold: Threshold
) -> tuple[Values, Values, Values, Finding]:
    """Return which amounts of a week are out of scale, and what it shows of each series.

    Between them what is to be remembered, and whether the week could show a fault.
    """
    centre, reach = _reach(past)
    side = _sides(rows, series, centre, reach)
    totals, used, is_whole = _used(rows, series, side, len(past))
    level = _of_level(past, used, threshold)
    # in a week that has moved those are out of scale that are so by its own level as well
    own = np.where(level.is_odd & ~is_whole, used[1] / used[0], centre)
    side = np.where(side == _sides(rows, series, own, reach), side, 0)
    totals, used, is_whole = _used(rows, series, side, len(past))
    level = _of_level(past, used, threshold)
    larger, smaller = (_sums(rows, series, len(past), side == way) for way in (1, -1))
    outside = np.where(larger[0] >= smaller[0], larger, smaller)
    singles = _of_singles(past, totals[0], outside, centre, threshold)
    is_level = level.is_odd & ~(singles.is_sure & ~level.is_sure)
    is_level &= is_whole | ~singles.is_odd | (level.is_sure & ~singles.is_sure)
    chosen = {
        name: np.where(is_level, getattr(level, name), getattr(singles, name))
        for name in ("p_value", "numerator", "distance", "error", "is_sure")
    }
    mean = used[1] / used[0]
    beyond = totals[0] - np.nan_to_num(used[0])
    now = np.stack([used[0], mean, used[2] - used[0] * mean**2, beyond, totals[0]], axis=1)
    now[totals[0] == 0] = np.nan
    _, error, degrees = _level(past, used[0])
    narrow = -special.stdtrit(degrees, threshold.sure_p / 2) * error < np.log(FAIL_FACTOR)
    can_tell = narrow & (totals[0] >= LEAST_AMOUNTS)
    return side, now, can_tell, Finding(is_odd=level.is_odd | singles.is_odd, **chosen)


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


def _of_level(past: Values, used: Values, threshold: Threshold) -> Finding:
    """Return what is wrong with the level of amounts, whose sums `used` has."""
    count = used[0]
    expected, error, degrees = _level(past, count)
    distance = used[1] / count - expected
    p_value = np.nan_to_num(shift_p(distance, error, degrees), nan=1)
    is_odd = (p_value < threshold.sure_p) & (np.abs(distance) >= np.log(WARN_FACTOR))
    is_sure = is_odd & (np.abs(distance) >= np.log(FAIL_FACTOR)) & (count >= LEAST_AMOUNTS)
    return Finding(is_odd, is_sure, p_value, count, distance, error)


def _of_singles(
    past: Values, n: Values, outside: Values, centre: Values, threshold: Threshold
) -> Finding:
    """Return what is wrong with single amounts; `outside` has the sums of those out of scale."""
    usual = (np.nansum(past[:, BEYOND], axis=1) + 0.5) / (np.nansum(past[:, ALL], axis=1) + 1)
    p_value = stats.binom.sf(outside[0] - 1, n, np.maximum(usual, LEAST_TOLERATED))
    count = np.maximum(outside[0], 1)
    distance = outside[1] / count - centre
    is_the_sum = (distance >= np.log(BLOCK_FACTOR)) & (p_value < LONE_P)
    is_odd = (outside[0] > 0) & ((p_value < WARN_P) | is_the_sum)
    is_sure = is_odd & (p_value < threshold.sure_p) & (n >= LEAST_AMOUNTS)
    within, _ = _within(past)
    return Finding(is_odd, is_sure, p_value, outside[0], distance, np.sqrt(within / count))


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
    odd = [number for number in first.index if finding.is_odd[number]]
    found = first.loc[odd, ["source_id", "event_type", "week_start_date", "property"]]
    share = finding.numerator[odd] / n[odd]
    costs = np.minimum(share, threshold.block)
    is_blocked = np.abs(finding.distance[odd]) >= np.log(BLOCK_FACTOR)
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


def scale_words(distance: float, error: float) -> str:
    """Return how many times larger or smaller, by the unit that it may be.

    The nearest of UNITS is named where it lies within two standard errors, or within a fifth.
    """
    logs = np.log(UNITS)
    off = np.abs(np.abs(distance) - logs)
    nearest = int(off.argmin())
    if off[nearest] <= max(min(2 * error, np.log(1.5)), np.log(1.2)):
        factor: float = UNITS[nearest]
    else:
        factor = float(f"{np.exp(abs(distance)):.1g}")
    return f"about {factor:,.0f} times {'larger' if distance > 0 else 'smaller'} than usual"
