"""How often the chart's rules fire on a stable series, and find a shifted one."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd

from bench.balances import states_of_shares
from orchestration.defs.judge.comparisons import PERIODS, alike_correlation
from orchestration.method import charts
from orchestration.method.comparisons import charted_p
from tests.sql import render_model

Floats = np.ndarray

BASELINES = (12, 16, 26)
CORRELATIONS = (0.0, 0.4)
SHIFTS = (0.0, 1.0, 1.5, 2.0)
WATCHED, FOUND_WITHIN = 26, 12
REPLICATIONS = 4_000
# a balancing share of one in ten that doesn't change, and the margin that it may lose
ITEMS, BALANCE_SHARE, MARGIN = 60, 0.1, 0.05


@dataclass(frozen=True)
class Alarms:
    """First week after the baseline in which each rule fired, per series; 999 if never."""

    point: Floats
    run: Floats
    sustained: Floats
    """A run on the good side, whose mean is a sigma away."""
    sustained_weeks: pd.DataFrame
    """Columns series and week: all weeks in which the good run holds."""

    def share(self, *rules: str, within: int) -> float:
        """Return the share of series in which one of the rules fired in time."""
        first = np.min([getattr(self, rule) for rule in rules], axis=0)
        return float(np.mean(first <= within))


def simulate(weeks: int, correlation: float, rng: np.random.Generator) -> Floats:
    """Return series of an AR(1) process with mean 0 and sd 1, one a row."""
    noise = rng.normal(size=(REPLICATIONS, weeks)) * np.sqrt(1 - correlation**2)
    values = np.empty_like(noise)
    values[:, 0] = rng.normal(size=REPLICATIONS)
    for week in range(1, weeks):
        values[:, week] = correlation * values[:, week - 1] + noise[:, week]
    return values


def fit(baselines: Floats, is_plain: bool) -> list[charts.Chart]:
    """Return the chart of each baseline as the product fits it.

    Plain is the chart of the method's own tables: the mean's limits and a run of eight, whatever
    the baseline looks like.
    """
    positions = np.arange(baselines.shape[1])
    if not is_plain:
        return [charts.fit_xmr(values, positions, "raw") for values in baselines]
    found = [charts.mean_chart(values, positions, "raw") for values in baselines]
    return [
        replace(
            chart,
            sigma_hat=chart.mean_mr / charts.MEAN_SIGMA,
            required_run=charts.RUN_LENGTH,
        )
        for chart in found
    ]


def watch(values: Floats, fitted: list[charts.Chart]) -> Alarms:
    """Run the product's rules, `int_chart_rules`, on the weeks after each baseline."""
    count, weeks = values.shape
    centres = np.array([chart.centre for chart in fitted])[:, None]
    sigmas = np.array([chart.sigma_hat for chart in fitted])[:, None]
    widths = np.array([charts.half_width(chart) for chart in fitted])[:, None]
    z = (values - centres) / sigmas
    shape = values.shape
    columns = {
        "series": np.broadcast_to(np.arange(count)[:, None], shape),
        "week": np.broadcast_to(np.arange(1, weeks + 1), shape),
        "value": values,
        "upper_limit": np.broadcast_to(centres + widths, shape),
        "lower_limit": np.broadcast_to(centres - widths, shape),
        "z": z,
        "side": np.sign(z),
        "required_run": np.broadcast_to(
            np.array([chart.required_run for chart in fitted])[:, None], shape
        ),
    }
    frame = pd.DataFrame({name: part.ravel() for name, part in columns.items()})
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute("""
            create schema guard;
            create table guard.chart_points as
            select 'p' as product_id, cast(series as varchar) as metric_id, 'week' as chart_grain,
                cast(week as integer) as point_number,
                date '2024-01-01' + cast(7 * week as integer) as period_start_date,
                value, upper_limit as judged_upper_limit, lower_limit as judged_lower_limit,
                z, cast(side as smallint) as side,
                'locked' as limit_state, 1 as judged_segment_number, true as is_usable,
                false as is_judged_baseline, false as is_open_gap, required_run, 'A' as trust_grade,
                cast(null as varchar) as no_value_reason, true as is_ripe
            from frame
        """)
        connection.execute(f"create table rules as {render_model('int_chart_rules')}")
        firsts = connection.execute("""
            select cast(metric_id as integer) as series,
                coalesce(min(point_number) filter (where is_point_high or is_point_low), 999)
                    as point,
                coalesce(min(point_number) filter (where run_length >= required_run), 999) as run,
                coalesce(min(point_number) filter (where is_sustained and run_side = 'high'), 999)
                    as sustained
            from rules group by all order by series
        """).df()
        held = connection.execute("""
            select cast(metric_id as integer) as series, point_number as week
            from rules where is_sustained and run_side = 'high' order by all
        """).df()
    first = {name: firsts[name].to_numpy(float) for name in firsts.columns}
    return Alarms(first["point"], first["run"], first["sustained"], held)


def improved_in_balance(
    alarms: Alarms, baseline_weeks: int, within: int, rng: np.random.Generator
) -> float:
    """Return the share of series with the verdict in time, one healthy share as balance.

    The balance is compared over the last eight weeks of the signal, each week anew.
    """
    shape = REPLICATIONS, WATCHED
    before = rng.binomial(ITEMS * baseline_weeks, BALANCE_SHARE, REPLICATIONS)
    after = rng.binomial(ITEMS, BALANCE_SHARE, shape).cumsum(axis=1)
    weeks = alarms.sustained_weeks[alarms.sustained_weeks.week.between(8, within)]
    if weeks.empty:
        return 0.0
    series, week = weeks.series.to_numpy(), weeks.week.to_numpy()
    last_eight = after[series, week - 1] - np.where(week > 8, after[series, week - 9], 0)
    states = states_of_shares(last_eight, ITEMS * 8, before[series], ITEMS * baseline_weeks, MARGIN)
    return len(set(series[states == "held"])) / REPLICATIONS


def comparison_p_values(values: Floats, fitted: list[charts.Chart]) -> Floats:
    """Return the p of the last eight weeks against each baseline, as the portfolio has it."""
    found = []
    for series, chart in zip(values, fitted, strict=True):
        assert chart.sigma_hat is not None
        baseline = values.shape[1] - PERIODS
        z = (series[baseline:] - chart.centre) / chart.sigma_hat
        found.append(charted_p(z, baseline, alike_correlation(chart.r1 or 0.0, baseline)))
    return np.array(found)


RULES = ("point", "run", "point or run", "sustained", "improved_in_balance")


def rates(
    alarms: Alarms, baseline_weeks: int, shift: float, rng: np.random.Generator
) -> dict[str, float]:
    """Return how often each rule fires: in 26 weeks where nothing changed, else within 12."""
    within = WATCHED if shift == 0 else FOUND_WITHIN
    return {
        "point": alarms.share("point", within=within),
        "run": alarms.share("run", within=within),
        "point or run": alarms.share("point", "run", within=within),
        "sustained": alarms.share("sustained", within=within),
        "improved_in_balance": improved_in_balance(alarms, baseline_weeks, within, rng),
    }


def published(baseline: int, correlation: float, shift: float) -> dict[str, float]:
    """Return what the method's own simulation gave."""
    if correlation:
        return {"point or run": 0.71} if (baseline, shift) == (12, 0) else {}
    return PUBLISHED.get((baseline, shift), {})


PUBLISHED = {
    (12, 0.0): {"point": 0.25, "point or run": 0.36, "sustained": 0.041},
    (16, 0.0): {"point": 0.21, "point or run": 0.32, "sustained": 0.032},
    (26, 0.0): {"point": 0.16, "point or run": 0.26, "sustained": 0.023},
    (12, 1.0): {"sustained": 0.36},
    (12, 1.5): {"point or run": 0.85, "sustained": 0.68},
    (12, 2.0): {"point or run": 0.97, "sustained": 0.88},
}
"""By baseline and shift, of independent normal values."""
