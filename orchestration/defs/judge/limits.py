"""Keep the limits of every chart: locked ones stay, and each point is placed on its chart."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from orchestration.defs.judge.annotations import Cause, read_causes
from orchestration.defs.judge.limit_extension import extended, extension_periods, longer_baseline
from orchestration.defs.judge.limit_state import Segment, append_segments, final_segments
from orchestration.defs.judge.series import Series, choose_grain, read_series
from orchestration.engine import connect
from orchestration.method import charts
from orchestration.method.charts import Chart, Floats
from orchestration.method.scales import choose_scale, from_scale, possible_range, to_scale

LEARNING_PERIODS = 8
BASELINE_PERIODS, LEAST_BASELINE_PERIODS = 16, 12
# 12 outages make 11 gaps between them
BASELINE_GAPS = 11
# what a value counts as that its scale cannot show (a first 0 on a log scale): twice a limit
BEYOND_SCALE = 6.0

POINT_COLUMNS = {
    "product_id": "varchar",
    "metric_id": "varchar",
    "metric_version": "integer",
    "chart_grain": "varchar",
    "point_number": "integer",
    "period_start_date": "date",
    "charted_value": "double",
    "value": "double",
    "numerator": "double",
    "denominator": "double",
    "unit_count": "bigint",
    "centre": "double",
    "lower_limit": "double",
    "upper_limit": "double",
    "z": "double",
    "side": "smallint",
    "is_ripe": "boolean",
    "is_usable": "boolean",
    "is_open_gap": "boolean",
    "is_short_week": "boolean",
    "trust_grade": "varchar",
    "no_value_reason": "varchar",
    "limit_state": "varchar",
    "segment_number": "integer",
    "judged_segment_number": "integer",
    "judged_centre": "double",
    "judged_lower_limit": "double",
    "judged_upper_limit": "double",
    "is_baseline": "boolean",
    "is_judged_baseline": "boolean",
    "chart_method": "varchar",
    "scale": "varchar",
    "required_run": "integer",
    "is_possible_lower": "boolean",
    "is_possible_upper": "boolean",
}

# what is drawn follows the segment that a period lies in; what is judged, the one locked before it
DRAWN = [
    "centre", "lower_limit", "upper_limit", "segment_number", "is_baseline", "chart_method",
    "scale", "charted_value", "is_possible_lower", "is_possible_upper",
]  # fmt: skip
JUDGED = [
    "judged_centre", "judged_lower_limit", "judged_upper_limit", "judged_segment_number",
    "is_judged_baseline", "z", "side", "limit_state", "required_run",
]  # fmt: skip


def update_limits(database: Path, run_id: str) -> None:
    """Append new limit segments to the state and place every point on its chart.

    Args:
        database: The private warehouse, after the measure step and the trust grades.
        run_id: The run that decides; stored with each appended segment.

    A locked segment is never recomputed. A repeated run on equal input appends nothing, so
    the state tells when each limit was decided and by which run.
    """
    with connect(database) as connection:
        lock_count, target = baseline_periods(connection), extension_periods(connection)
        all_series = read_series(connection)
        final = final_segments(connection, lock_count, BASELINE_GAPS)
        causes = read_causes(connection)
        all_segments = [
            find_segments(series, lock_count, final.get(series.key, []), causes, target)
            for series in all_series
        ]
        append_segments(connection, all_series, all_segments, run_id)
        placed = zip(all_series, all_segments, strict=True)
        _write_points(connection, [place_points(*pair, lock_count) for pair in placed])


def baseline_periods(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many usable periods lock a chart: the setting, never below 12."""
    row = connection.execute(
        "select value from registry.settings where setting = 'baseline_weeks'"
    ).fetchone()
    return max(LEAST_BASELINE_PERIODS, BASELINE_PERIODS if row is None else int(row[0]))


def _write_points(connection: duckdb.DuckDBPyConnection, points: list[pd.DataFrame]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in POINT_COLUMNS.items())
    connection.execute("create schema if not exists guard")
    connection.execute(f"create or replace table guard.chart_points ({columns})")
    filled = [rows for rows in points if not rows.empty]
    if filled:
        # objects, so that a chart without limits takes no type from one that has them
        rows = pd.concat([rows.astype(object) for rows in filled], ignore_index=True)
        connection.register("rows", rows.where(rows.notna(), None))
        connection.execute("insert into guard.chart_points select * from rows")


def find_segments(
    series: Series,
    lock_count: int,
    final: list[Segment],
    causes: list[Cause],
    target: int | None = None,
) -> list[Segment]:
    """Return the segments of a product-metric in order; the last one may be provisional.

    A further segment is opened where the data show a sustained change to either side (a run with
    a mean of at least one sigma from the centre) and its cause is recorded, accepted and expected
    to last. It begins with the run, or on the day of the cause where that lies within the run.
    Locked limits are extended once to `target` usable periods, if no rule has fired till then.
    """
    segments = list(final) or [find_segment(series, lock_count)]
    while segments[-1].is_locked:
        segments[-1] = _longer(series, segments[-1], lock_count, target) or segments[-1]
        opened = _next_segment(series, segments[-1], lock_count, causes)
        if opened is None:
            break
        segments.append(opened)
    return segments


def _longer(
    series: Series, segment: Segment, lock_count: int, target: int | None
) -> Segment | None:
    """Return the limits over a longer baseline, None where they stay as they are."""
    periods = series.grains.get(segment.chart_grain)
    if target is None or periods is None or segment.usable_count >= target:
        return None
    points = place_points(series, [segment], lock_count)
    baseline = longer_baseline(segment, points, periods, target)
    if baseline is None:
        return None
    return extended(segment, _fitted(series, segment.chart_grain, baseline, target))


def _next_segment(
    series: Series, segment: Segment, lock_count: int, causes: list[Cause]
) -> Segment | None:
    """Return the segment after a locked one, None without a change or a cause for it."""
    grain, locked = segment.chart_grain, segment.baseline_to
    causes = [cause for cause in causes if cause.is_of(series)]
    # most metrics have no cause recorded, and need no look at their runs
    run = sustained_run(place_points(series, [segment], lock_count)) if causes else None
    if run is None or locked is None:
        return None
    first, last = run
    cause = next((cause for cause in causes if locked < cause.from_date <= last), None)
    if cause is None:
        return None
    periods = series.grains[grain]
    start = max(first, cause.from_date)
    count = BASELINE_GAPS if grain == "outage" else lock_count
    usable = periods[periods.is_usable & ~periods.is_open_gap]
    baseline = usable[usable.period_start_date >= start].head(count)
    if len(baseline) < LEARNING_PERIODS:
        return None
    fitted = _fitted(series, grain, baseline, count)
    return replace(
        fitted,
        number=segment.number + 1,
        start_date=baseline.period_start_date.iloc[0],
        annotation_id=cause.annotation_id,
    )


def sustained_run(points: pd.DataFrame) -> tuple[date, date] | None:
    """Return first and latest period of the first sustained run after the baseline, if any."""
    is_monitored = (points.limit_state == "locked") & points.is_usable & points.z.notna()
    is_monitored &= ~points.is_judged_baseline & ~points.is_open_gap & points.is_ripe
    monitored = points[is_monitored & (points.side != 0)].reset_index(drop=True)
    run_numbers = (monitored.side != monitored.side.shift()).cumsum()
    for _, run in monitored.groupby(run_numbers):
        means = run.z.rolling(charts.RUN_LENGTH, min_periods=1).mean().abs()
        lengths = np.arange(1, len(run) + 1)
        if ((lengths >= run.required_run) & (means >= 1)).any():
            return run.period_start_date.iloc[0], run.period_start_date.iloc[-1]
    return None


def find_segment(series: Series, lock_count: int) -> Segment:
    """Fit the first segment of a product-metric from its first usable periods."""
    grain = choose_grain(series, lock_count)
    if grain == "outage":
        lock_count = BASELINE_GAPS
    periods = series.grains.get(grain)
    if periods is None:
        return Segment(None, grain, "learning", "no periods yet", 0, None, None)
    baseline = periods[periods.is_usable & ~periods.is_open_gap].head(lock_count)
    count = len(baseline)
    if count < LEARNING_PERIODS:
        ends = (baseline.period_start_date.min(), baseline.period_start_date.max())
        ends = ends if count else (None, None)
        return Segment(None, grain, "learning", f"{count} usable periods of 8", count, *ends)
    return _fitted(series, grain, baseline, lock_count)


def _fitted(series: Series, grain: str, baseline: pd.DataFrame, lock_count: int) -> Segment:
    """Return the segment of a baseline: locked once it has enough periods."""
    chart = fit_chart(series, baseline)
    state = "provisional" if len(baseline) < lock_count else "locked"
    return Segment(
        chart=chart,
        chart_grain=grain,
        state="degenerate" if chart.state == "degenerate" else state,
        reason=chart.reason,
        usable_count=len(baseline),
        baseline_from=baseline.period_start_date.iloc[0],
        baseline_to=baseline.period_start_date.iloc[-1],
    )


def fit_chart(series: Series, baseline: pd.DataFrame) -> Chart:
    """Fit the chart that the metric's kind prescribes to its baseline periods."""
    values = baseline.value.to_numpy(float)
    numerators = baseline.numerator.to_numpy(float)
    denominators = baseline.denominator.to_numpy(float)
    positions = baseline.position.to_numpy(int)
    method = charts.choose_method(series.kind, numerators, denominators)
    if method in ("laney_p", "laney_u"):
        return charts.fit_laney(numerators, denominators, positions, method)
    if method == "probability":
        return charts.fit_probability(
            numerators, denominators, positions, is_share=series.kind == "proportion"
        )
    scale = choose_scale(series.kind, values, series.unit)
    return charts.fit_xmr(values, positions, scale, method)


def place_points(series: Series, segments: list[Segment], lock_count: int) -> pd.DataFrame:
    """Return one row per period: its place on the chart, the limits in natural units, z.

    A period is drawn with the limits of the segment that it lies in. It is judged (z, side and
    the judged limits) by the last segment that was locked before it, so that the periods that
    lock new limits keep what the old ones said of them. Provisional limits judge nothing.
    """
    in_force = [s for s in segments if s.number == 1 or s.is_locked or s.state == "degenerate"]
    placed = [_placed(series, segment, lock_count) for segment in in_force]
    points = placed[0]
    if points.empty:
        return points
    for segment, own in zip(in_force[1:], placed[1:], strict=True):
        is_inside = (points.period_start_date >= segment.start_date).to_numpy()
        is_judged = (points.period_start_date > segment.baseline_to).to_numpy()
        points.loc[is_inside, DRAWN] = own.loc[is_inside, DRAWN]
        points.loc[is_judged, JUDGED] = own.loc[is_judged, JUDGED]
    return points


def _placed(series: Series, segment: Segment, lock_count: int) -> pd.DataFrame:
    """Return every period as one segment alone sees it.

    `limit_state` is the state as it was known at that period: a locked chart was learning in
    its first seven usable periods and provisional until it locked.
    """
    periods = series.grains.get(segment.chart_grain)
    if periods is None or periods.empty:
        return pd.DataFrame(columns=list(POINT_COLUMNS))
    lock_count = BASELINE_GAPS if segment.chart_grain == "outage" else lock_count
    closed = periods.is_usable & ~periods.is_open_gap
    seen = closed.cumsum()
    is_locked = seen >= max(lock_count, segment.usable_count)
    is_baseline = closed & (seen <= segment.usable_count)
    first, last = segment.baseline_from, segment.baseline_to
    is_whole = segment.chart_grain != "outage" and segment.usable_count >= lock_count
    if (is_whole or segment.number > 1) and first is not None and last is not None:
        # the dates hold, even where a period within them is no longer usable, or is usable now
        is_baseline = closed & periods.period_start_date.between(first, last)
        # limits that were extended had locked before
        locking = periods.period_start_date[is_baseline & (is_baseline.cumsum() == lock_count)]
        is_extended = segment.usable_count > lock_count and len(locking)
        is_locked = periods.period_start_date >= (locking.iloc[0] if is_extended else last)
    if segment.state in ("learning", "provisional"):
        is_locked &= False
    states = np.select(
        [seen < LEARNING_PERIODS, is_locked], ["learning", segment.state], "provisional"
    )
    placed = _no_limits(periods) if segment.chart is None else _limits(series, segment, periods)
    columns = dict(periods.items()) | {
        "product_id": series.product_id,
        "metric_id": series.metric_id,
        "metric_version": series.metric_version,
        "chart_grain": segment.chart_grain,
        "point_number": np.arange(1, len(periods) + 1),
        "limit_state": states,
        "segment_number": segment.number,
        "judged_segment_number": segment.number,
        "is_baseline": is_baseline,
        "is_judged_baseline": is_baseline,
        **placed,
        **{f"judged_{name}": placed[name] for name in ("centre", "lower_limit", "upper_limit")},
    }
    # all at once: columns set one by one cost more than what is in them
    return pd.DataFrame({name: columns[name] for name in POINT_COLUMNS}, index=periods.index)


def _limits(series: Series, segment: Segment, periods: pd.DataFrame) -> dict[str, Any]:
    """Return charted values, z and limits of every period, NULL where nothing can be said."""
    chart = segment.chart
    assert chart is not None
    values = periods.value.to_numpy(float)
    denominators = periods.denominator.to_numpy(float)
    charted = to_scale(values, chart.scale)
    count = len(periods)
    least, greatest = possible_range(series.kind, series.unit, series.tau)
    if chart.state == "degenerate":
        z, lower, upper = (np.full(count, np.nan) for _ in range(3))
    elif chart.sigma_hat is not None:
        z = (charted - chart.centre) / chart.sigma_hat
        width = charts.half_width(chart)
        lower = np.full(count, from_scale(np.array(chart.centre - width), chart.scale))
        upper = np.full(count, from_scale(np.array(chart.centre + width), chart.scale))
    else:
        z, lower, upper = _own_limits(series, chart, values, denominators)
    is_possible_lower = ~np.isnan(lower) & (lower > least)
    is_possible_upper = ~np.isnan(upper) & (upper <= greatest)
    # where no value can lie on the other side of the centre, as with a median of 0 events, eight
    # values on this side say nothing
    has_two_sides = chart.method != "probability" or least < chart.centre < greatest
    return {
        "charted_value": np.where(np.isfinite(charted), charted, np.nan),
        "side": _sides(charted - chart.centre) if has_two_sides else 0,
        "z": np.where(np.isnan(values), np.nan, np.clip(z, -BEYOND_SCALE, BEYOND_SCALE))
        if chart.scale in ("log", "logit")
        else z,
        "centre": float(from_scale(np.array(chart.centre), chart.scale)),
        "lower_limit": np.where(is_possible_lower, lower, np.nan),
        "upper_limit": np.where(is_possible_upper, upper, np.nan),
        "is_possible_lower": is_possible_lower,
        "is_possible_upper": is_possible_upper,
        "chart_method": chart.method,
        "scale": chart.scale,
        "required_run": chart.required_run,
    }


def _sides(distances: Floats) -> Floats:
    """Return 1 above the centre, -1 below it, 0 on it or where there is no value."""
    return np.where(np.abs(distances) > 1e-9, np.sign(distances), 0)


def _own_limits(
    series: Series, chart: Chart, values: Floats, denominators: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return z and limits where each period has a sigma of its own."""
    assert chart.mean_rate is not None and chart.sigma_z is not None
    is_share = series.kind == "proportion"
    with np.errstate(divide="ignore", invalid="ignore"):
        sigmas = charts.own_sigma("_p" if is_share else "_u", chart.mean_rate, denominators)
        if chart.method == "probability":
            # the median tells the side, but eight values of 0 may be all that a rare event is
            # expected to give: how far they lie is told from the mean
            z = (values - chart.mean_rate) / sigmas
            least, most = charts.probability_limits(chart.mean_rate, denominators, is_share)
            return z, least / denominators, most / denominators
        z = (values - chart.centre) / sigmas / chart.sigma_z
        return z, *charts.own_limits(chart, denominators)


def _no_limits(periods: pd.DataFrame) -> dict[str, Any]:
    """Return the columns of a chart that is still learning."""
    nothing = np.full(len(periods), np.nan)
    return {
        "charted_value": nothing,
        "z": nothing,
        "side": 0,
        "centre": nothing,
        "lower_limit": nothing,
        "upper_limit": nothing,
        "is_possible_lower": False,
        "is_possible_upper": False,
        "chart_method": None,
        "scale": None,
        "required_run": charts.RUN_LENGTH,
    }
