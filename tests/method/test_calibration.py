"""The formulas that are calibrated are the ones that models compute; the page is made of them."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from bench import coverage
from bench.calibration import PAGE, generator
from orchestration.method import means, proportions, rates, reliability
from tests.method.models import build, table

ROOT = Path(__file__).parents[2]
WEEK = date(2024, 1, 1)
SIDES = (
    "product_id varchar, kpi_id varchar, metric_id varchar, week_start_date date, side varchar, "
    "from_date date, to_date date, ripe_week_count integer, week_count integer, "
    "numerator double, denominator double, sum_squares double, unit_count bigint, "
    "mean_value double"
)
PERIODS = (
    "product_id varchar, kpi_id varchar, metric_id varchar, week_start_date date, "
    "margin_scale varchar, window_periods integer, window_end_date date"
)
SPREADS = "product_id varchar, metric_id varchar, sigma_hat double, widening double"
RATIOS = (
    "product_id varchar, metric_id varchar, window_end_date date, window_periods integer, "
    "scale varchar, ci90_low double, ci90_high double, unit_count_before integer, "
    "unit_count_after integer"
)
RAW = (
    "product_id varchar, metric_id varchar, kind varchar, statistic varchar, is_count boolean, "
    "period_grain varchar, period_start_date date, is_ripe boolean, is_provisional boolean, "
    "numerator double, denominator double, sum_squares double, unit_count bigint, "
    "person_count bigint, open_count bigint, raw_value double, event_count bigint, "
    "variance double, no_value_reason varchar"
)

Parts = tuple[float, float, float | None]
"""Numerator, denominator, sum of squares."""


def warehouse() -> duckdb.DuckDBPyConnection:
    """Return a connection to a warehouse with the project's reference tables."""
    connection = duckdb.connect()
    connection.execute("create schema reference; create schema signals; create schema metrics")
    for path in sorted((ROOT / "seeds" / "reference").glob("ref_*.csv")):
        connection.execute(f"create table reference.{path.stem} as from read_csv('{path}')")
    return connection


def sums(values: np.ndarray) -> Parts:
    return float(values.sum()), float(len(values)), float((values**2).sum())


def changes(kind: str, pairs: list[tuple[Parts, Parts]]) -> list[tuple[float, float]]:
    """Return the 90 % intervals that models give to pairs of (after, before)."""
    keys = [{"product_id": "p", "kpi_id": "k", "metric_id": f"m{n:03d}"} for n in range(len(pairs))]
    sides = [
        key
        | {"week_start_date": WEEK, "side": side, "numerator": parts[0], "denominator": parts[1]}
        | {"sum_squares": parts[2], "unit_count": round(parts[1])}
        for key, pair in zip(keys, pairs, strict=True)
        for side, parts in zip(("after", "before"), pair, strict=True)
    ]
    windows = [key | {"week_start_date": WEEK, "margin_scale": "absolute"} for key in keys]
    with warehouse() as connection:
        kinds = [{"metric_id": key["metric_id"], "kind": kind} for key in keys]
        table(connection, "registry.metrics", "metric_id varchar, kind varchar", kinds)
        table(connection, "signals.int_balance_sides", SIDES, sides)
        table(connection, "signals.int_balance_periods", PERIODS, windows)
        table(connection, "signals.int_chart_spreads", SPREADS, [])
        table(connection, "guard.ratio_intervals", RATIOS, [])
        build(connection, "int_balance_estimates", "int_balance_intervals")
        return connection.execute(
            "select change_low, change_high from signals.int_balance_intervals order by metric_id"
        ).fetchall()


def test_models_give_the_calibrated_interval_of_a_change() -> None:
    rng = generator("changes")
    shares = [
        tuple((float(rng.binomial(n, 0.1)), float(n), None) for n in rng.integers(5, 400, 2))
        for _ in range(30)
    ]
    for (after, before), found in zip(shares, changes("proportion", shares), strict=True):
        expected = proportions.newcombe_difference(*after[:2], *before[:2], confidence=0.9)
        assert found == pytest.approx(expected, abs=1e-9)
    # beyond the table of 500 counts Byar stands for Garwood
    counts = [
        tuple((float(c), float(e), None) for c, e in zip(pair, (8, 16), strict=True))
        for pair in [*rng.integers(0, 500, (30, 2)), (0, 0), (3, 0)]
    ]
    for (after, before), found in zip(counts, changes("count_rate", counts), strict=True):
        expected = rates.rate_difference(*after[:2], *before[:2], confidence=0.9)
        assert found == pytest.approx(expected, abs=1e-9)
    times = [
        (rng.lognormal(size=n), rng.lognormal(0.5, size=m))
        for n, m in rng.integers(12, 90, (30, 2))
    ]
    pairs = [(sums(after), sums(before)) for after, before in times]
    for (after, before), found in zip(times, changes("duration", pairs), strict=True):
        assert found == pytest.approx(means.welch_difference(after, before), abs=1e-8)


def published(kind: str, parts: list[Parts]) -> list[tuple[float, float]]:
    """Return the 95 % intervals that models publish with values."""
    rows = []
    for number, (numerator, denominator, squares) in enumerate(parts):
        row = {"product_id": "p", "metric_id": f"m{number:03d}", "kind": kind, "is_count": True}
        row |= {"numerator": numerator, "denominator": denominator, "sum_squares": squares}
        row |= {"unit_count": round(denominator), "raw_value": numerator / denominator}
        if kind == "reliability":
            row |= {"statistic": "mtbf", "event_count": round(denominator)}
        else:
            row |= {"event_count": round(numerator)}
        if squares is not None:
            row["variance"] = (squares - numerator**2 / denominator) / (denominator - 1)
        rows.append(row)
    with warehouse() as connection:
        table(connection, "metrics.int_values_raw", RAW, rows)
        build(connection, "int_values_own")
        return connection.execute(
            "select ci_low, ci_high from metrics.int_values_own order by metric_id"
        ).fetchall()


def test_models_publish_the_calibrated_interval_of_a_value() -> None:
    rng = generator("values")
    shares = [(float(rng.integers(0, n + 1)), float(n), None) for n in rng.integers(1, 200, 30)]
    for (x, n, _), found in zip(shares, published("proportion", shares), strict=True):
        assert found == pytest.approx(proportions.wilson(x, n), abs=1e-9)
    counts = [(float(c), 2.0, None) for c in (0, 1, 7, 40, 500, 501, 900)]
    for (c, _, _), found in zip(counts, published("count_rate", counts), strict=True):
        expected = rates.garwood(c) if c <= 500 else rates.byar(c)
        assert found == pytest.approx([float(limit) / 2 for limit in expected], rel=1e-9)
    times = [rng.uniform(4, 9, n) for n in (2, 5, 12, 300)]
    for values, found in zip(times, published("duration", list(map(sums, times))), strict=True):
        low, high = means.t_mean(values).interval
        assert found == pytest.approx((max(0, float(low)), float(high)), rel=1e-7)
    hours = [(154.0, float(failures), None) for failures in (1, 3, 40)]
    for (up, failures, _), found in zip(hours, published("reliability", hours), strict=True):
        assert found == pytest.approx(reliability.mtbf_bounds(up, round(failures))[1:], rel=1e-9)


@pytest.mark.parametrize(
    "name",
    ["share: Wilson", "difference of rates: MOVER", "restricted mean, ripe: t", "median: ranks"],
)
def test_page_holds_what_the_program_gives(name: str) -> None:
    (line,) = (row for row in PAGE.read_text().splitlines() if row.startswith(f"| {name} "))
    covered = next(function for title, _, _, function in coverage.INTERVALS if title == name)
    cells = [cell.split()[0] for cell in line.split("|")[4:-1]]
    for n, cell in zip(coverage.SIZES, cells, strict=True):
        found = covered(n, generator(name, n))
        assert cell == ("-" if found is None else f"{found:.3f}")
