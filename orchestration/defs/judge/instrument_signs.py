"""Check 12, signs: amounts of nothing or less, where there were hardly any before."""

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_bunches import LEAST_TOLERATED, many_p
from orchestration.defs.judge.instrument_scale import (
    LEAST_AMOUNTS,
    LEAST_WEEKS,
    SCALE,
    WARN_FACTOR,
)
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS

SIGNS = """
select
    source_id, event_type, week_start_date, property,
    cast(sum(event_count) as bigint) as n,
    cast(coalesce(sum(event_count) filter (where amount_sign = 0), 0) as bigint) as zero_count,
    cast(coalesce(sum(event_count) filter (where amount_sign < 0), 0) as bigint) as negative_count,
    max(event_ids) filter (where amount_sign = 0) as zero_ids,
    max(event_ids) filter (where amount_sign < 0) as negative_ids
from instruments.int_instrument_quantities_counted
where amount_sign is not null and week_start_date is not null
group by source_id, event_type, week_start_date, property
order by source_id, event_type, property, week_start_date
"""
KINDS = {"negative": "less than zero", "zero": "zero"}
Weeks = list[tuple[int, int]]


@dataclass
class Known:
    """How many amounts of a kind came in earlier weeks, of how many."""

    past: Weeks = field(default_factory=list)
    run: Weeks = field(default_factory=list)
    """Odd weeks just before."""
    failed_weeks: int = 0
    """How many of these failed."""
    passed: Weeks = field(default_factory=list)
    """Earlier odd weeks that came alone and went."""


def read_signs(connection: duckdb.DuckDBPyConnection, threshold: Threshold) -> pd.DataFrame:
    """Return the rows of check 12 on amounts of nothing or less."""
    return signs(connection.execute(SIGNS).df(), threshold)


def signs(weeks: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return one row per source, event type, week, quantity and kind of which there are too many.

    Args:
        weeks: Rows of `SIGNS`.
        threshold: Of check 12; of it the p at which a finding is sure.

    Found are negative amounts or zeros of WARN_FACTOR times the past's share that are surely more
    than shares scatter from week to week (`many_p`), alone or with the odd weeks just before. Past
    and odd weeks are those of `instrument_scale.scales`. Negative amounts fail; that nothing came
    of something may be work, so zeros only warn.
    """
    found = []
    for _, series in weeks.groupby(["source_id", "event_type", "property"], sort=False):
        for kind in KINDS:
            if series[f"{kind}_count"].any():
                found += _of_kind(series, kind, threshold)
    return pd.DataFrame(found)


def _of_kind(series: pd.DataFrame, kind: str, threshold: Threshold) -> list[dict]:
    """Return the findings on one kind of amounts of one quantity, weeks in order."""
    known, found = Known(), []
    for row in series.to_dict("records"):
        week = (int(row[f"{kind}_count"]), int(row["n"]))
        p_value, counted = _chance(known, week, threshold)
        is_odd = p_value < threshold.sure_p
        if is_odd:
            is_sure = counted >= LEAST_AMOUNTS and known.failed_weeks < threshold.costly_weeks
            found.append(_row(row, kind, p_value, is_sure and kind == "negative", threshold))
            known.failed_weeks += found[-1]["sure_share"] > threshold.fail
        _remember(known, week, is_odd, threshold.rest_weeks)
    return found


def _chance(known: Known, week: tuple[int, int], threshold: Threshold) -> tuple[float, int]:
    """Return how likely so many are, and of how many amounts; 1 where it is no finding."""
    count, n = week
    past = np.array(known.past + known.passed).reshape(-1, 2).T
    usual = (past[0].sum() + 0.5) / (past[1].sum() + 1)
    if len(known.past) < LEAST_WEEKS or not count or count < WARN_FACTOR * usual * n:
        return 1.0, n
    best = (1.0, n)
    runs: list[Weeks] = [[], known.run] if known.run else [[]]
    for run in runs:
        found, of = np.array([*run, week]).T
        # `many_p` is never less than this, which is quick to tell
        alone = stats.binom.sf(found.sum() - 1, of.sum(), LEAST_TOLERATED)
        if alone < threshold.sure_p and found.sum() * n <= 2 * count * of.sum():
            best = min(best, (many_p(found, of, *past), int(of.sum())))
    return best


def _remember(known: Known, week: tuple[int, int], is_odd: bool, rest_weeks: int) -> None:
    """Add a week to what is known; one too thin to show a fault doesn't end a row of odd ones."""
    if is_odd:
        known.run.append(week)
        if len(known.run) >= rest_weeks:
            known.past, known.run, known.failed_weeks = known.run[-PAST_WEEKS:], [], 0
    elif not known.run or week[1] >= LEAST_AMOUNTS:
        if len(known.run) == 1:
            known.passed = [*known.passed, *known.run][-PAST_WEEKS:]
        known.past, known.run = [*known.past, week][-PAST_WEEKS:], []
        known.failed_weeks = 0


def _row(row: dict, kind: str, p_value: float, is_sure: bool, threshold: Threshold) -> dict:
    """Return one row of check 12."""
    share = row[f"{kind}_count"] / row["n"]
    return {
        **{key: row[key] for key in ("source_id", "event_type", "week_start_date", "n")},
        "check_id": 12,
        "aspect": SCALE,
        "statistic": share,
        "expected": np.nan,
        "p_value": p_value,
        "share": share,
        "sure_share": min(share, threshold.block) if is_sure else np.nan,
        "evidence": row[f"{kind}_ids"],
        "finding": f"`{row['property']}` {KINDS[kind]} more often than before",
    }
