"""A reviewer with a row of `fct_balance_states` and a pocket calculator gets its interval."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.signals.test_balances import judge, spread
from tests.signals.world import Week, World
from tests.sql import render_model

Z90 = stats.norm.ppf(0.95)
BESIDE = """
    alter table registry.balances add column reason varchar;
    create schema marts;
    create table marts.dim_metrics as select metric_id, unit from registry.metrics;
    create table metrics.int_metric_least_people as
        select metric_id, ? as is_of_people from registry.metrics;
    create table marts.int_trust_reasons (
        product_id varchar, metric_id varchar, week_start_date date, trust_reason varchar,
        trust_source_id varchar, repair_hint varchar, lost_from_date date, lost_to_date date,
        is_lost_still boolean, lost_words varchar)
"""


def served(world: World, is_of_people: bool = False) -> dict[str, Any]:
    """The latest row as the table serves it."""
    with world.connect() as connection:
        for statement in BESIDE.split(";"):
            connection.execute(statement, [is_of_people] if "?" in statement else [])
        cursor = connection.execute(
            f"select * from ({render_model('fct_balance_states')}) order by week_start_date desc"
        )
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def wilson(x: float, n: float) -> tuple[float, float]:
    middle = (x + Z90**2 / 2) / (n + Z90**2)
    half = Z90 / (n + Z90**2) * np.sqrt(x * (n - x) / n + Z90**2 / 4)
    return middle - half, middle + half


def test_the_newcombe_interval_follows_from_its_row(world: World) -> None:
    judge(world, "proportion", [Week(x, 100) for x in (5, 40, 12, 33, 8, 38, 15, 30) * 3], 0.1)
    row = served(world)
    sides = [(row[f"{s}_numerator"], row[f"{s}_denominator"]) for s in ("before", "after")]
    (l0, u0), (l1, u1) = (wilson(*side) for side in sides)
    p0, p1 = (x / n for x, n in sides)
    low = p1 - p0 - row["widening"] * np.hypot(p1 - l1, u0 - p0)
    high = p1 - p0 + row["widening"] * np.hypot(u1 - p1, p0 - l0)
    assert (row["method"], row["widening"] > 2) == ("newcombe", True)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=0, abs=1e-9)
    assert (row["before_n"], row["after_n"]) == (1600, 800)


def test_the_interval_of_a_ratio_of_rates_follows_from_its_row(world: World) -> None:
    wild = [Week(x, 10) for x in (1, 9, 2, 8, 1, 7, 3, 6) * 3]
    judge(world, "count_rate", wild, 0.5, scale="ratio")
    row = served(world)
    x0, e0, x1, e1 = (
        row[f"{side}_{part}"]
        for side in ("before", "after")
        for part in ("numerator", "denominator")
    )
    shares = stats.beta.ppf(0.05, x1, x0 + 1), stats.beta.ppf(0.95, x1 + 1, x0)
    ratio = x1 / e1 / (x0 / e0)
    low, high = (
        ratio * (share / (1 - share) * e0 / e1 / ratio) ** row["widening"] - 1 for share in shares
    )
    assert (row["method"], row["widening"] > 1.2) == ("exact_conditional", True)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=0, abs=1e-9)


def test_the_welch_interval_follows_from_its_row(world: World) -> None:
    rng = np.random.default_rng(8)
    samples = [rng.normal(20, 2, 6) for _ in range(16)] + [rng.normal(21, 4, 6) for _ in range(8)]
    judge(world, "duration", [Week(s.sum(), 6, float((s**2).sum())) for s in samples], 3.0)
    row = served(world)
    n0, n1, s0, s1 = (row[name] for name in ("before_n", "after_n", "before_sd", "after_sd"))
    v0, v1 = s0**2 / n0, s1**2 / n1
    freedom = np.floor((v0 + v1) ** 2 / (v0**2 / (n0 - 1) + v1**2 / (n1 - 1)))
    half = stats.t.ppf(0.95, freedom) * np.sqrt(v0 + v1)
    change = row["after_value"] - row["before_value"]
    assert row["method"] == "welch"
    ends = pytest.approx((change - half, change + half), rel=0, abs=1e-9)
    assert (row["ci_low"], row["ci_high"]) == ends


def test_the_interval_of_a_stock_follows_from_its_row(world: World) -> None:
    judge(world, "stock", [Week(26 + (1, -2, 2, -1)[i % 4]) for i in range(24)], 5.0)
    row = served(world)
    half = Z90 * row["sigma_hat"] * np.sqrt(1 / row["before_n"] + 1 / row["after_n"])
    change = row["after_value"] - row["before_value"]
    assert row["method"] == "sigma_hat"
    ends = pytest.approx((change - half, change + half), rel=0, abs=1e-9)
    assert (row["ci_low"], row["ci_high"]) == ends


def test_a_row_names_both_windows_and_tells_no_parts_where_periods_are_hidden(world: World) -> None:
    weeks = spread(240, 2400, 24)
    weeks[-3].is_suppressed = True
    judge(world, "proportion", weeks, 0.1)
    row = served(world, is_of_people=True)
    figures = [name for name in row if name.split("_")[0] in ("before", "after", "ci")]
    told = {name for name in figures if row[name] is not None}
    assert told == {f"{s}_{end}_date" for s in ("before", "after") for end in ("from", "to")}
    assert (row["widening"], row["reason"]) == (None, "suppressed")
    assert (row["after_to_date"] - row["after_from_date"]).days == 7 * 7
