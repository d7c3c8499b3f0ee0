"""Estimate what each recorded intervention did: before against after, in equal windows."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from orchestration.defs.judge.series import HOURS_IN_UNIT
from orchestration.defs.judge.tables import write_table
from orchestration.engine import connect
from orchestration.method.impact import (
    capacity_value,
    deflection,
    difference_in_differences,
    interrupted_series,
    rank_among_false_starts,
)
from orchestration.method.intervals import Interval
from orchestration.method.means import welch_difference
from orchestration.method.proportions import newcombe_difference
from orchestration.method.rates import rate_difference, widening_of_counts

WASHOUT_WEEKS, WINDOW_WEEKS = 2, 8
LEAST_WEEKS_OF_SERIES = 8
# the first month and the first quarter of a launch, in whole weeks
HORIZONS = {"first_month": 4, "first_quarter": 13}
LEAST_ITEMS = {"proportion": 5, "duration": 12, "count_rate": 0}

ESTIMATE_COLUMNS = {
    "intervention_id": "varchar",
    "horizon": "varchar",
    "design": "varchar",
    "before_from_date": "date",
    "before_to_date": "date",
    "after_from_date": "date",
    "after_to_date": "date",
    "before_value": "double",
    "after_value": "double",
    "change": "double",
    "ci_low": "double",
    "ci_high": "double",
    "ci_method": "varchar",
    "effect": "double",
    "control_change": "double",
    "control_count": "integer",
    "p_value": "double",
    "has_flat_difference_before": "boolean",
    "counterfactual_at_last": "double",
    "false_start_rank": "integer",
    "false_start_count": "integer",
    "avoided": "double",
    "avoided_low": "double",
    "avoided_high": "double",
    "capacity_value": "double",
    "capacity_value_low": "double",
    "capacity_value_high": "double",
    "is_value_shown": "boolean",
    "no_value_reason": "varchar",
}

INTERVENTIONS = """
    select i.intervention_id, i.product_id, i.metric_id, m.kind, m.unit, i.launch_date, i.design,
           i.control_metrics, i.washout_weeks, i.window_weeks
    from registry.interventions as i
    join registry.metrics as m using (metric_id)
    order by i.intervention_id
"""
COSTS = """
    select intervention_id, hours_per_unit, units, units_low, units_high, hourly_cost,
           hourly_cost_low, hourly_cost_high
    from registry.unit_costs
"""
WEEKS = """
    select p.product_id, p.metric_id, p.period_start_date as week_start_date, p.value,
           cast(p.numerator as double) as numerator, cast(p.denominator as double) as denominator,
           p.is_ripe, coalesce(t.grade, 'D') as trust_grade, s.metric_id is not null as is_hidden
    from metrics.int_metric_periods as p
    left join metrics.int_metric_periods_suppressed as s
        using (product_id, metric_id, period_grain, period_start_date)
    left join guard.metric_trust as t
        on t.product_id = p.product_id and t.metric_id = p.metric_id
        and t.week_start_date = p.period_start_date
    where p.segment_type = 'all' and p.period_grain = 'week'
    order by p.product_id, p.metric_id, p.period_start_date
"""
ITEMS = """
    select week_start_date, restricted
    from metrics.int_duration_items
    where product_id = ? and metric_id = ?
    order by week_start_date, restricted
"""


@dataclass(frozen=True)
class Intervention:
    """A row of the registry with its defaults."""

    intervention_id: str
    product_id: str
    metric_id: str
    kind: str
    unit: str
    launch_date: date
    design: str
    controls: tuple[tuple[str, str], ...]
    washout_weeks: int
    window_weeks: int

    @classmethod
    def of(cls, row: tuple) -> "Intervention":
        *keys, controls, washout, window = row
        pairs = [text.strip().split(":", 1) for text in (controls or "").split(";") if text.strip()]
        return cls(
            *keys,
            controls=tuple((product, metric) for product, metric in pairs),
            washout_weeks=WASHOUT_WEEKS if washout is None else int(washout),
            window_weeks=WINDOW_WEEKS if window is None else int(window),
        )

    @property
    def launch_week(self) -> date:
        return self.launch_date - timedelta(days=self.launch_date.weekday())


@dataclass(frozen=True)
class Windows:
    """Weeks before and after, as Mondays; both of one length."""

    before: tuple[date, ...]
    after: tuple[date, ...]

    @classmethod
    def of(cls, launch_week: date, length: int, washout: int) -> "Windows":
        """The weeks before that of the launch, and those after it and the washout."""
        before = tuple(launch_week - timedelta(weeks=n) for n in range(length, 0, -1))
        after = tuple(launch_week + timedelta(weeks=1 + washout + n) for n in range(length))
        return cls(before, after)


def write_impact(database: Path) -> None:
    """Write `guard.impact_estimates` anew: each intervention over its window and two horizons.

    Args:
        database: The private warehouse, after the measure step and the trust grades.

    An estimate needs every week of both windows ripe, trusted (A or B) and shown; else the row
    says what is missing.
    """
    with connect(database) as connection:
        interventions = [
            Intervention.of(row) for row in connection.execute(INTERVENTIONS).fetchall()
        ]
        costs = {row[0]: row[1:] for row in connection.execute(COSTS).fetchall()}
        weeks = _weeks(connection) if interventions else {}
        rows = []
        for intervention in interventions:
            items = connection.execute(
                ITEMS, [intervention.product_id, intervention.metric_id]
            ).df()
            for horizon, windows in _horizons(intervention).items():
                found = estimate(intervention, horizon, windows, weeks, items)
                found |= _value(found, intervention, costs.get(intervention.intervention_id))
                rows.append(tuple(found.get(name) for name in ESTIMATE_COLUMNS))
        write_table(connection, "impact_estimates", ESTIMATE_COLUMNS, rows)


def _weeks(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], pd.DataFrame]:
    frame = connection.execute(WEEKS).df()
    frame["week_start_date"] = pd.to_datetime(frame.week_start_date).dt.date
    groups = frame.groupby(["product_id", "metric_id"])
    return {(str(p), str(m)): rows.set_index("week_start_date") for (p, m), rows in groups}


def _horizons(intervention: Intervention) -> dict[str, Windows]:
    own = Windows.of(
        intervention.launch_week, intervention.window_weeks, intervention.washout_weeks
    )
    horizons = {
        name: Windows.of(intervention.launch_week, length, 0) for name, length in HORIZONS.items()
    }
    return {"window": own} | horizons


def estimate(
    intervention: Intervention,
    horizon: str,
    windows: Windows,
    weeks: dict[tuple[str, str], pd.DataFrame],
    items: pd.DataFrame,
) -> dict:
    """Return the columns of one row; `effect` only where the window and the design allow it."""
    found: dict = {
        "intervention_id": intervention.intervention_id,
        "horizon": horizon,
        "design": intervention.design if horizon == "window" else "before_after",
        "before_from_date": windows.before[0],
        "before_to_date": windows.before[-1],
        "after_from_date": windows.after[0],
        "after_to_date": windows.after[-1],
    }
    own = weeks.get((intervention.product_id, intervention.metric_id))
    reason = missing(own, windows)
    if own is None or reason is not None:
        return found | {"no_value_reason": reason}
    before, after = (
        _whole(own, intervention.kind, side) for side in (windows.before, windows.after)
    )
    found |= {"before_value": before, "after_value": after, "change": after - before}
    found |= _interval(intervention.kind, own, windows, items)
    if found["design"] == "difference_in_differences":
        found |= _against_controls(intervention, windows, weeks, own, (before, after))
    elif found["design"] == "interrupted_series":
        found |= _against_line(own, windows)
    elif found["design"] == "deflection":
        found |= _avoided(own, windows)
    else:
        found["effect"] = after - before
    return found


def missing(own: pd.DataFrame | None, windows: Windows) -> str | None:
    """Say why a metric has no whole windows, None where it has them."""
    wanted = [*windows.before, *windows.after]
    if own is None or any(week not in own.index for week in windows.before):
        return "no_items"
    if any(week not in own.index or not own.is_ripe[week] for week in wanted):
        return "not_ripe"
    rows = own.loc[wanted]
    if rows.is_hidden.any():
        return "suppressed"
    if not rows.trust_grade.isin(["A", "B"]).all():
        return "withheld"
    return "no_items" if rows.value.isna().all() else None


def _whole(own: pd.DataFrame, kind: str, weeks: tuple[date, ...]) -> float:
    """Return a window's value: parts re-added, the mean of the weeks where there are none."""
    rows = own.loc[list(weeks)]
    if kind in ("stock", "derived", "quantile") or not rows.denominator.sum() > 0:
        return float(rows.value.mean())
    return float(rows.numerator.sum() / rows.denominator.sum())


def _interval(kind: str, own: pd.DataFrame, windows: Windows, items: pd.DataFrame) -> dict:
    """Return the 95 % interval of after - before by the kind of the metric, where there is one."""
    before, after = (own.loc[list(side)] for side in (windows.before, windows.after))
    parts = [
        float(rows[name].sum()) for rows in (after, before) for name in ("numerator", "denominator")
    ]
    if kind == "proportion" and min(parts[1], parts[3]) >= LEAST_ITEMS[kind]:
        low, high = newcombe_difference(*parts)
        return {"ci_low": float(low), "ci_high": float(high), "ci_method": "newcombe"}
    if kind == "count_rate" and min(parts[1], parts[3]) > 0:
        widening = max(
            widening_of_counts(rows.numerator.to_numpy(float)) for rows in (before, after)
        )
        low, high = rate_difference(*parts, widening=widening)
        return {"ci_low": float(low), "ci_high": float(high), "ci_method": "mover"}
    if kind == "duration":
        days = pd.to_datetime(items.week_start_date).dt.date
        sides = [
            items.restricted[days.isin(side)].to_numpy(float)
            for side in (windows.after, windows.before)
        ]
        if min(map(len, sides)) >= LEAST_ITEMS[kind] and all(side.var() > 0 for side in sides):
            low, high = welch_difference(*sides, confidence=0.95)
            return {"ci_low": float(low), "ci_high": float(high), "ci_method": "welch"}
    return {}


def _against_controls(
    intervention: Intervention,
    windows: Windows,
    weeks: dict[tuple[str, str], pd.DataFrame],
    own: pd.DataFrame,
    treated: tuple[float, float],
) -> dict:
    """Return the change beyond that of the controls, ranked among what each of them would give."""
    controls = [
        weeks[key] for key in intervention.controls if missing(weeks.get(key), windows) is None
    ]
    if not controls:
        return {"control_count": 0, "no_value_reason": "no_control"}
    pairs = np.array(
        [
            [_whole(c, intervention.kind, side) for side in (windows.before, windows.after)]
            for c in controls
        ]
    )
    found = difference_in_differences(treated, pairs)
    gap = own.loc[list(windows.before)].value.to_numpy(float) - np.mean(
        [c.loc[list(windows.before)].value.to_numpy(float) for c in controls], axis=0
    )
    return {
        "effect": found.effect,
        "control_change": found.control_mean_change,
        "control_count": len(controls),
        "p_value": found.p_value,
        "has_flat_difference_before": is_flat(gap, found.effect),
    }


def is_flat(gap: np.ndarray, effect: float) -> bool | None:
    """Tell whether the difference to the controls was flat before; None with too few weeks.

    The slope's 95 % interval covers 0 and, over the window, is narrower than the effect.
    """
    gap = gap[~np.isnan(gap)]
    if len(gap) < 4:
        return None
    line: Any = stats.linregress(np.arange(len(gap)), gap)
    half = float(stats.t.ppf(0.975, len(gap) - 2) * line.stderr)
    return bool(abs(line.slope) <= half and 2 * half * len(gap) < abs(effect))


def _against_line(own: pd.DataFrame, windows: Windows) -> dict:
    """Return the effect against the line of all usable weeks before; no p is given."""
    until = windows.after[-1]
    usable = own[
        own.is_ripe & own.trust_grade.isin(["A", "B"]) & own.value.notna() & ~own.is_hidden
    ]
    before = usable[usable.index <= windows.before[-1]].value.to_numpy(float)
    after = usable[(usable.index >= windows.after[0]) & (usable.index <= until)].value.to_numpy(
        float
    )
    if min(len(before), len(after)) < LEAST_WEEKS_OF_SERIES:
        return {"no_value_reason": "too_few_weeks"}
    values = np.concatenate([before, after])
    line = interrupted_series(values, len(before))
    rank, count = rank_among_false_starts(values, len(before))
    return {
        "effect": line.effect_at_last,
        "counterfactual_at_last": line.counterfactual_at_last,
        "false_start_rank": rank,
        "false_start_count": count,
    }


def _avoided(own: pd.DataFrame, windows: Windows) -> dict:
    """Return what was kept away at the exposure since the launch."""
    before, after = (own.loc[list(side)] for side in (windows.before, windows.after))
    sums = [(float(r.numerator.sum()), float(r.denominator.sum())) for r in (before, after)]
    widening = max(widening_of_counts(r.numerator.to_numpy(float)) for r in (before, after))
    found = deflection(*sums, widening=widening)
    return {
        "effect": -found.difference,
        "avoided": found.avoided,
        "avoided_low": found.avoided_interval.low,
        "avoided_high": found.avoided_interval.high,
    }


def _value(found: dict, intervention: Intervention, cost: tuple | None) -> dict:
    """Return the capacity value of what was saved, with the extremes of the declared ranges."""
    # the declared number of tasks is that of the window
    if cost is None or found.get("change") is None or found["horizon"] != "window":
        return {}
    hours_per_unit, units, units_low, units_high, *hourly = cost
    if found["design"] == "deflection" and hours_per_unit is not None:
        # tickets are what varies; the hours behind one are declared
        tasks = (1.0, 1.0, 1.0)
        saved = found["avoided"] * hours_per_unit
        interval = Interval(
            found["avoided_low"] * hours_per_unit, found["avoided_high"] * hours_per_unit
        )
    elif found.get("ci_low") is not None and units is not None:
        hours = hours_per_unit or HOURS_IN_UNIT.get(intervention.unit, 1.0)
        tasks = (units, units_low, units_high)
        saved = -found["change"] * hours
        interval = Interval(-found["ci_high"] * hours, -found["ci_low"] * hours)
    else:
        return {}
    value = capacity_value(saved, interval, tasks, tuple(hourly))
    return {
        "capacity_value": value.point,
        "capacity_value_low": value.low,
        "capacity_value_high": value.high,
        "is_value_shown": value.is_shown,
    }
