"""Check 11, silence, and 17, plan coverage: what should have been heard of by the end of a week."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_days import WEEK_DAYS, Days

SURE_EVENTS = np.log(1000)
"""Events that silence must have cost before it is no chance: p < 0.001."""
KNOWN_DAYS = 84
"""Days over which a type must have come before its pauses are known."""
SEEN_WITHIN_DAYS = 28
Counts = np.ndarray


@dataclass(frozen=True)
class Needed:
    """What metrics can't do without; types are pairs of source and event type."""

    types: frozenset[tuple[str, str]] = frozenset()
    finishes: frozenset[str] = frozenset()
    """Event types that end tasks: without a task there is none."""
    unended: Mapping[tuple[str, str], np.datetime64] = field(default_factory=dict)
    """From which Monday on it is known that none of many tasks ended."""


def silence_horizons(
    days: Days, heartbeat_hours: dict[str, float], threshold: Threshold
) -> pd.DataFrame:
    """Return for each source and week the days of silence that are no chance, as known then.

    `silence_horizon_days` rests on what was accepted on all days up to the week's end, holidays
    left out: what came again makes nothing more likely to be heard of. For a source that planned
    its heartbeats and has sent some, it is `missed_heartbeats` of them if that is less.
    `holiday_days` are those of the holidays before the week's end that nobody spoke on since the
    last sign, and count as no silence. Source: method 7.1; SQL of the present horizon:
    `int_source_silence_horizons`.
    """
    sources, source_of = np.unique(days.series["source_id"], return_inverse=True)
    signs, events, beats = (
        _by_source(counts, source_of) for counts in (days.signs, days.events, days.heartbeats)
    )
    firsts = np.array([np.flatnonzero(source_of == s)[0] for s in range(len(sources))])
    is_known = days.is_over[firsts] & ~days.is_holiday
    horizon = horizon_days(_weekday_rates(signs, is_known))
    own = events + beats
    # of a source whose events all came before by another one, nothing but its signs is known
    has_own = own.sum(axis=2).cumsum(axis=1) > 0
    horizon = np.where(has_own, horizon_days(_weekday_rates(own, is_known)), horizon)
    observed = days.is_over[firsts].sum(axis=2).cumsum(axis=1)
    young_days = threshold.parameter("young_days")
    horizon = np.where(observed < young_days, np.maximum(horizon, young_days), horizon)
    planned = np.array([heartbeat_hours.get(source, np.nan) for source in sources])[:, None]
    missed = threshold.parameter("missed_heartbeats")
    has_beaten = beats.sum(axis=2).cumsum(axis=1) >= missed
    by_heartbeat = np.maximum(np.ceil(missed * planned / 24), 1)
    horizon = np.where(has_beaten, np.fmin(horizon, by_heartbeat), horizon)
    rows, weeks = np.nonzero(days.is_over[firsts].any(axis=2))
    return pd.DataFrame(
        {
            "source_id": sources[rows],
            "week_start_date": days.mondays[weeks].astype("datetime64[ns]"),
            "silence_horizon_days": horizon[rows, weeks],
            "holiday_days": _silent_holidays(days, signs)[rows, weeks],
        }
    )


def _by_source(counts: Counts, source_of: np.ndarray) -> Counts:
    """Return the sums of series' counts by source."""
    found = np.zeros((int(source_of.max()) + 1, *counts.shape[1:]))
    np.add.at(found, source_of, counts)
    return found


def _weekday_rates(signs: Counts, is_known: Counts) -> Counts:
    """Return signs a day by source, week and weekday, of all days up to the week's end.

    Not more than the rate behind the share of days without any: signs may come in clumps.
    """
    day_count = is_known.cumsum(axis=1)
    mean = (signs * is_known).cumsum(axis=1) / np.maximum(day_count, 1)
    silent = ((signs == 0) & is_known).cumsum(axis=1)
    with np.errstate(divide="ignore"):
        by_silence = -np.log(silent / np.maximum(day_count, 1))
    rates = np.where(silent > 0, np.minimum(mean, by_silence), mean)
    # a weekday that isn't known yet is taken as the others
    known = day_count > 0
    others = np.where(known, rates, 0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
    return np.where(known, rates, others[:, :, None])


def horizon_days(rates: Counts) -> Counts:
    """Return the days of silence that cost SURE_EVENTS, on whichever weekday they begin.

    `rates` are events a day by weekday, last axis of 7; with one rate this is
    ceil(ln(1/alpha) / rate). Source: method 7.1.
    """
    per_week = np.maximum(rates.sum(axis=-1), 1e-9)
    whole_weeks = np.floor(SURE_EVENTS / per_week)
    longest = np.zeros(rates.shape[:-1])
    for first in range(WEEK_DAYS):
        rest = np.roll(rates, -first, axis=-1).cumsum(axis=-1)
        is_enough = (whole_weeks * per_week)[..., None] + rest >= SURE_EVENTS
        is_enough[..., -1] = True
        longest = np.maximum(longest, whole_weeks * WEEK_DAYS + is_enough.argmax(axis=-1) + 1)
    return longest


def _silent_holidays(days: Days, signs: Counts) -> Counts:
    """Return the holidays since the last sign at the end of each week, by source."""
    flat = signs.reshape(len(signs), -1)
    position = np.arange(flat.shape[1])
    last_seen = np.maximum.accumulate(np.where(flat > 0, position, -1), axis=1)
    holidays = np.concatenate([[0], days.is_holiday.ravel().cumsum()])
    ends = position[WEEK_DAYS - 1 :: WEEK_DAYS]
    return holidays[ends + 1] - holidays[last_seen[:, ends] + 1]


def with_past_horizons(silences: pd.DataFrame, horizons: pd.DataFrame) -> pd.DataFrame:
    """Return check 11's rows with the horizon as known in their week, holidays left out."""
    joined = silences.merge(horizons, on=["source_id", "week_start_date"], how="left")
    joined.index = silences.index
    silent_days = (silences["statistic"] - joined["holiday_days"].fillna(0)).clip(lower=0)
    return silences.assign(
        statistic=silent_days,
        expected=joined["silence_horizon_days"].fillna(silences["expected"]),
        aspect="silence",
    )


def plan_coverage(
    days: Days, plan: pd.DataFrame, needed: Needed, threshold: Threshold
) -> pd.DataFrame:
    """Return check 17's rows: one per source and week, and one per type that should be there.

    A planned type is unseen SEEN_WITHIN_DAYS after its last event, or later where its own past
    makes so long a pause no wonder: p >= `gone_p` (gamma-Poisson on its days with events, known for
    KNOWN_DAYS), or at most `times_pause` times its longest pause. The row of the source has the
    coverage and passes, for its other types are sound; those of unseen types fail, and block where
    a metric needs them.

    A type that never came warns from the first day on that it is SEEN_WITHIN_DAYS late, counted
    from its source's first day or the day since which it is planned. Where a metric needs it, it
    blocks KNOWN_DAYS after that day, since how rare it is nobody knows before; a finish does
    once many tasks are over without one, and never where no metric gives its tasks a time.

    Args:
        days: What was seen.
        plan: `source_id` (with `*` at its end for all that begin so), `event_type`, and
            `planned_since`, NULL for ever.
        needed: What metrics can't do without.
        threshold: Its limits are shares of the planned types that are unseen.
    """
    parts = []
    seen_by_source = dict(list(days.series.groupby("source_id")))
    # a source all of whose events have names that no plan has is not silent, and sends nothing
    seen_by_source |= dict.fromkeys(days.unplanned_over, days.series.iloc[:0])
    for source_id, seen in seen_by_source.items():
        planned = plan[[_covers(name, str(source_id)) for name in plan["source_id"]]]
        if not planned.empty:
            parts += _source_coverage(days, str(source_id), seen, planned, needed, threshold)
    if not parts:
        return pd.DataFrame()
    rows = pd.concat(parts, ignore_index=True)
    missing = 1 - rows["statistic"]
    is_type = rows["event_type"] != "*"
    is_sure = is_type & rows["is_sure"]
    return rows.assign(
        check_id=17,
        aspect="plan",
        expected=1.0,
        p_value=np.nan,
        evidence=None,
        share=missing.where(is_type),
        sure_share=missing.where(is_sure),
        required_share=missing.where(is_sure & rows["is_required"]),
    )


def _covers(planned: str, source_id: str) -> bool:
    if planned.endswith("*"):
        return source_id.startswith(planned[:-1])
    return planned == source_id


def _source_coverage(
    days: Days,
    source_id: str,
    seen: pd.DataFrame,
    plan: pd.DataFrame,
    needed: Needed,
    threshold: Threshold,
) -> list[pd.DataFrame]:
    """Return the rows of one source: of itself, then of each of its planned types."""
    positions = dict(zip(seen["event_type"], seen.index, strict=True))
    since = _planned_since(days, plan)
    flat = days.signs.reshape(len(days.signs), days.mondays.size * WEEK_DAYS)
    over = days.unplanned_over[source_id] if seen.empty else days.is_over[seen.index[0]]
    began = int(np.argmax(over.ravel()))
    ends = np.arange(WEEK_DAYS - 1, flat.shape[1], WEEK_DAYS)
    is_over = over.all(axis=1)
    # what no plan names is a sign of life as well: its name may be new
    signs = flat[seen.index].sum(axis=0) + _unplanned(days, source_id)
    last_sign = _last_seen(signs)[ends]
    # of a source that is silent altogether check 11 speaks
    is_judged = is_over & (ends - began >= SEEN_WITHIN_DAYS) & (ends - last_sign < SEEN_WITHIN_DAYS)
    unseen, is_sure = [], []
    for event_type, planned_day in since.items():
        counts = flat[positions[event_type]] if event_type in positions else np.zeros(flat.shape[1])
        first_day = max(began, planned_day)
        unseen.append(_is_unseen(counts, first_day, threshold)[ends])
        is_due = _is_due(days, ends - first_day, (source_id, event_type), needed)
        is_sure.append((counts.cumsum()[ends] > 0) | is_due)
    missing = np.array(unseen)
    coverage = 1 - missing.mean(axis=0)
    weeks = days.mondays.astype("datetime64[ns]")

    def rows(event_type: str, which: Counts, sure: Counts) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "source_id": source_id,
                "event_type": event_type,
                "week_start_date": weeks[which],
                "n": len(since),
                "statistic": coverage[which],
                "is_sure": sure[which],
                "is_required": (source_id, event_type) in needed.types,
            }
        )

    parts = [rows("*", is_judged, is_judged)]
    for event_type, is_unseen, sure in zip(since, missing, is_sure, strict=True):
        if (is_unseen & is_judged).any():
            parts.append(rows(event_type, is_unseen & is_judged, sure))
    return parts


def _unplanned(days: Days, source_id: str) -> Counts:
    """Return by day what came of a source and was set aside, as no plan names it."""
    dates = days.unplanned.loc[days.unplanned["source_id"] == source_id, "occurred_date"]
    position = (dates.to_numpy("datetime64[D]") - days.mondays[0]).astype(int)
    counts = np.zeros(days.mondays.size * WEEK_DAYS)
    np.add.at(counts, position[(position >= 0) & (position < counts.size)], 1)
    return counts


def _planned_since(days: Days, plan: pd.DataFrame) -> dict[str, int]:
    """Return the day's position since which each type is planned, in order of the types."""
    first = plan["planned_since"].to_numpy("datetime64[D]")
    position = np.where(np.isnat(first), 0, (first - days.mondays[0]).astype(int))
    earliest: dict[str, int] = {}
    for event_type, day in sorted(zip(plan["event_type"], position, strict=True)):
        earliest[event_type] = min(int(day), earliest.get(event_type, int(day)))
    return earliest


def _is_due(days: Days, days_planned: Counts, planned: tuple[str, str], needed: Needed) -> Counts:
    """Tell for each week whether a type that never came should have; of what metrics need."""
    if planned not in needed.types:
        return np.zeros(len(days_planned), bool)
    if planned[1] not in needed.finishes:
        return days_planned >= KNOWN_DAYS
    if planned not in needed.unended:
        return np.zeros(len(days_planned), bool)
    return (days.mondays >= needed.unended[planned]) & (days_planned >= SEEN_WITHIN_DAYS)


def _last_seen(counts: Counts) -> Counts:
    """Return the position of the last day with a count up to each day; -1 before the first."""
    return np.maximum.accumulate(np.where(counts > 0, np.arange(len(counts)), -1))


def _is_unseen(counts: Counts, began: int, threshold: Threshold) -> Counts:
    """Tell for each day whether a type hasn't been seen for longer than its past explains."""
    position = np.arange(len(counts))
    last = _last_seen(counts)
    first = int(np.argmax(counts > 0))
    active = np.where(counts > 0, 1, 0).cumsum()
    observed = np.maximum(last - first + 1, 1)
    silent = position - last
    chance = (observed / (observed + silent)) ** (active + 0.5)
    seen = np.flatnonzero(counts > 0)
    pauses = np.zeros(len(counts))
    pauses[seen[1:]] = np.diff(seen)
    longest = np.maximum.accumulate(pauses)
    is_known = observed >= KNOWN_DAYS
    is_away = silent > threshold.parameter("times_pause") * longest
    is_sure = (chance < threshold.parameter("gone_p")) & is_away
    is_gone = is_known & is_sure & (silent >= SEEN_WITHIN_DAYS)
    return np.where(last < 0, position - began >= SEEN_WITHIN_DAYS, is_gone)
