"""Check 14: denominators that collapse, by what they are made of or by how large each part is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_history import WARN_P
from orchestration.defs.judge.instrument_scale import LEAST_AMOUNTS, scale_words
from orchestration.defs.judge.instrument_sizes import (
    AMOUNT,
    CONTRIBUTIONS,
    COUNT,
    SIZE,
    SmallWeeks,
    judge_sizes,
)
from orchestration.defs.judge.instrument_values import complete, named, places
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS, remember, volume_p
from orchestration.method.falls import carried_on
from orchestration.method.volumes import LEAST_HISTORY

DENOMINATOR = 14
LATEST = 8
"""Weeks whose median a denominator is held against."""
STEADY = 0.4
"""Deviation over mean above which a denominator swings too much by itself to collapse visibly."""
COUNTED = ("proportion", "count_rate", "ratio_of_sums")
LEAST_SPAN = 0.01
"""Of a week, where nearly all of it was closed."""
TESTS = 2
"""Ways in which a sum of amounts may collapse."""
Values = np.ndarray


@dataclass(frozen=True)
class Losses:
    """What the weeks of all denominators show; metrics x weeks."""

    median: Values
    """Of AMOUNT and CONTRIBUTIONS in the latest weeks, on a first axis."""
    p_value: Values
    lost: Values
    costs: Values
    """Whether a loss that is sure may cost a number."""
    shrunk: Values
    """How far the logarithm of the amount per contribution is off, where that is what collapsed."""
    error: Values
    """Standard error of the expected one."""
    empty_weeks: Values
    """How many weeks in a row nothing came."""


def denominators(values: pd.DataFrame, lineage: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return check 14's rows, by the source and type that send most of a denominator.

    `statistic` is the denominator over the median of the LATEST weeks before it. `p_value` is the
    chance of so few contributions after the past weeks: a proportion's or a rate's denominator
    counts things, what a ratio of sums divides by adds up amounts of `unit_count` things that vary
    by themselves. A fall of the last quarter is carried on. Of a sum it is that chance, or that of
    so little from each of them where that has fallen as far as what fails, doubled for the two
    looks. Where nothing came for several weeks, or little from each, it is the chance of that in
    all of them. `n` and `expected` are of contributions.
    `share` is what is lost of the median where p is below WARN_P, and `sure_share` where it is
    below the threshold's sure p; 0 where nearly as little came before or, of counts above
    zero, the past isn't STEADY. Weeks with a loss are no part of the past until `rest_weeks` of
    them come in a row; after `costly_weeks` of them that failed no loss is sure, nor is little from
    fewer than LEAST_AMOUNTS contributions, which never blocks.
    Source: method 7, check 14, and 7.1.
    """
    of_side = lineage[lineage["side"] == "denominator"]
    rows = values[values["kind"].isin(COUNTED)].merge(of_side, on=["product_id", "metric_id"])
    # before a week is settled nobody knows what belongs to it: those who came back in their fourth
    rows = rows[complete(rows) & rows["is_settled"]].reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame()
    series, positions, shape = places(rows)
    chosen = (series, positions)
    now, kept, contributions = _sums(rows, series, positions, shape)
    open_share = np.full(shape, np.nan)
    open_share[chosen] = rows["open_share"]
    found = _losses(now, kept, open_share, threshold)
    p_value = found.p_value[chosen]
    share = pd.Series(found.lost[chosen], index=rows.index)
    result = rows.assign(
        check_id=DENOMINATOR,
        n=contributions.round().astype("int64"),
        expected=found.median[CONTRIBUTIONS][chosen],
        statistic=now[AMOUNT][chosen] / found.median[AMOUNT][chosen],
        p_value=p_value,
        share=share.where(p_value < WARN_P),
        sure_share=share.where((p_value < threshold.sure_p) & found.costs[chosen]),
        finding=pd.Series(_words(found, chosen), index=rows.index),
        **named(rows),
    )
    return result[result["statistic"].notna()]


def _sums(
    rows: pd.DataFrame, series: Values, positions: Values, shape: tuple[int, int]
) -> tuple[Values, Values, pd.Series]:
    """Return what weeks are judged by, what is remembered of them, and contributions by row.

    Arrays of AMOUNT, CONTRIBUTIONS, SIZE and COUNT x metrics x weeks. What came in a week with
    holidays is put on five days; a week of holidays isn't judged. Distinct people don't grow
    with the days: they are given the benefit while they are judged, and remembered as they
    came.
    """
    amount = rows["denominator"].fillna(0).astype(float)
    is_sum, is_distinct = rows["is_of_amounts"].astype(bool), rows["is_distinct"].astype(bool)
    contributions = rows["unit_count"].astype(float).where(is_sum, amount)
    is_open = rows["open_share"] > 0
    open_share = rows["open_share"].where(is_open)
    is_whole = open_share == 1
    counts = contributions.where(contributions > 0)
    is_count = is_distinct & ~is_sum
    # what people book grows with the days, what a release is made of doesn't
    each = (amount / open_share.where(is_distinct, 1.0) / counts).where(amount > 0, 1e-9)
    size = pd.Series(np.log(each), index=rows.index).where(is_sum & counts.notna() & is_open)
    now = np.full((4, *shape), np.nan)
    kept = np.full((4, *shape), np.nan)
    for target, parts in (
        (now, (amount / open_share, contributions.where(is_open), size, counts)),
        (kept, (
            (amount / open_share).where(~is_count, amount.where(is_open)),
            (contributions / open_share).where(~is_distinct, contributions.where(is_open)),
            size.where((is_whole | ~is_distinct) & (amount > 0)),
            counts,
        )),
    ):  # fmt: skip
        for number, part in enumerate(parts):
            target[number, series, positions] = part
    return now, kept, contributions


def _losses(now: Values, kept: Values, open_share: Values, threshold: Threshold) -> Losses:
    """Return what the weeks show; arguments are those that `_sums` returns, and of open days."""
    count = now.shape[1]
    past = np.full((count, 4, PAST_WEEKS), np.nan)
    odd_run = np.full((count, 4, threshold.rest_weeks), np.nan)
    odd_weeks, empty_weeks, failed_weeks = (np.zeros(count, int) for _ in range(3))
    empty_span = np.zeros(count)
    before_empty, small_weeks = past, SmallWeeks.none(count)
    found = []
    for week in range(now.shape[2]):
        judged = now[:, :, week]
        is_seen = ~np.isnan(judged[AMOUNT])
        is_empty = judged[CONTRIBUTIONS] == 0
        empty_weeks = np.where(is_empty, empty_weeks + 1, np.where(is_seen, 0, empty_weeks))
        span = np.nan_to_num(open_share[:, week], nan=1)
        empty_span = np.where(is_empty, empty_span + span, np.where(is_seen, 0, empty_span))
        # nothing, week after week, is held against what came before all of that
        is_again = (is_empty & (empty_weeks > 1))[:, None, None]
        history = np.where(is_again, before_empty, past)
        median, lost = _lost(judged, history)
        span = np.where(is_empty, empty_span, span)
        few_p = fewer_p(judged[CONTRIBUTIONS], history[:, CONTRIBUTIONS], span, odd_weeks)
        size, small_weeks = judge_sizes(judged, history, small_weeks, odd_weeks, threshold)
        is_small = size.is_small & (size.p_value < few_p)
        is_few = judged[AMOUNT] < (1 - threshold.warn / 2) * _least(history[:, AMOUNT])
        # Student's t knows how much the amounts swing, the law of counts hardly; nothing where
        # something always came is no swing
        is_plain = _is_steady(history[:, AMOUNT]) | is_empty
        is_loss = (lost > threshold.warn) & (is_small | (is_few & is_plain))
        p_value = np.where(
            np.isnan(judged[SIZE]), few_p, np.minimum(TESTS * np.minimum(few_p, size.p_value), 1)
        )
        is_small &= is_loss
        # little is not nothing, and one or two small ones may come by themselves
        lost = np.where(is_small, np.minimum(lost, threshold.block), lost)
        costs = ~is_small | (judged[COUNT] >= LEAST_AMOUNTS)
        costs &= failed_weeks < threshold.costly_weeks
        found.append((
            median, p_value, np.where(is_loss, lost, 0), costs,
            np.where(is_small, size.distance, np.nan), size.error, empty_weeks,
        ))  # fmt: skip
        is_odd = is_loss & (p_value < WARN_P)
        past, odd_run, odd_weeks = remember(past, odd_run, odd_weeks, kept[:, :, week].T, is_odd)
        has_failed = is_odd & costs & (p_value < threshold.sure_p) & (lost > threshold.fail)
        failed_weeks = np.where(odd_weeks == 0, 0, failed_weeks + has_failed)
        before_empty = np.where((empty_weeks > 0)[:, None, None], before_empty, past)
    return Losses(*(np.stack(part, axis=-1) for part in zip(*found, strict=True)))


def _lost(now: Values, past: Values) -> tuple[Values, Values]:
    """Return the medians of the latest weeks, and the share of the amount that is gone."""
    is_known = (~np.isnan(past[:, AMOUNT])).sum(axis=1) >= LEAST_HISTORY
    shown = np.where(is_known[:, None, None], past[:, :SIZE, -LATEST:], 1)
    median = np.nanmedian(shown, axis=2).T
    median = np.where(is_known & (median > 0), median, np.nan)
    return median, 1 - now[AMOUNT] / median[AMOUNT]


def _least(past: Values) -> Values:
    """Return the least of each row, infinite where there is none."""
    return np.where(np.isnan(past), np.inf, past).min(axis=1)


def _is_steady(past: Values) -> Values:
    """Tell which rows have a deviation of at most STEADY times their mean."""
    known = ~np.isnan(past)
    weeks = np.maximum(known.sum(axis=1), 2)
    mean = np.where(known, past, 0).sum(axis=1) / weeks
    squares = np.where(known, (past - mean[:, None]) ** 2, 0).sum(axis=1)
    return np.sqrt(squares / (weeks - 1)) <= STEADY * mean


def collapse_p(now: Values, history: Values, span: Values | float = 1) -> Values:
    """Return the chance of at most `now` after the counts of `history`, along its last axis.

    `span` is how many whole weeks it is the count of: less than one in a week with holidays, more
    where nothing came for several. Source: method 7.1.
    """
    counted = np.floor(np.nan_to_num(now))
    mean, two_sided = volume_p(counted, history, np.maximum(span, LEAST_SPAN))
    return np.where(counted < mean, two_sided / 2, 1.0)


def fewer_p(now: Values, past: Values, span: Values, odd_weeks: Values) -> Values:
    """Return `collapse_p`, or where the counts have fallen for a quarter and more is left by that.

    The fall is carried on, so that a season that ends is no collapse.
    """
    falls, moved = carried_on(past, odd_weeks, is_log=False)
    p_value = collapse_p(now, past, span)
    by_fall = collapse_p(now, moved, span)
    return np.where(falls, np.maximum(p_value, by_fall), p_value)


def _words(found: Losses, chosen: tuple[Values, Values]) -> list[str | None]:
    """Return by row what exactly has collapsed, None where the defect's name says it all."""
    parts = (found.shrunk[chosen], found.error[chosen], found.empty_weeks[chosen])
    said: list[str | None] = []
    for distance, error, weeks in zip(*parts, strict=True):
        if not np.isnan(distance):
            said.append(f"a denominator whose amounts are each {scale_words(distance, error)}")
        elif weeks > 1:
            said.append(f"a denominator that has been nothing for {weeks:.0f} weeks")
        else:
            said.append(None)
    return said
