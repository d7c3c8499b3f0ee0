"""Ratios are resampled by cluster, and rare rates compared exactly."""

import numpy as np
import pytest

from orchestration.defs.judge.ratio_intervals import (
    Parts,
    bootstrap_change,
    exact_rate_ratio,
    resample,
    widened,
)
from tests.signals.test_balances import judge, latest
from tests.signals.world import Week, World, insert, monday


def parts(seed: int, ratio: float, clusters: int, size: int = 1) -> Parts:
    """Return clusters of `size` equal items each, x over y around `ratio`."""
    rng = np.random.default_rng(seed)
    y = rng.uniform(5, 15, clusters)
    x = y * np.clip(rng.normal(ratio, 0.1, clusters), 0, None)
    return Parts(x * size, y * size)


def test_worked_ratio_of_rates_is_the_exact_conditional_one() -> None:
    result = exact_rate_ratio(3, 20, 9, 22, confidence=0.95)
    assert result == pytest.approx((0.3666666667, 0.06384953566, 1.469243818))


def test_no_event_in_the_base_has_no_ratio() -> None:
    assert exact_rate_ratio(3, 20, 0, 22, confidence=0.9) is None
    assert exact_rate_ratio(0, 20, 9, 22, confidence=0.9)[:2] == (0, 0)


def test_overdispersion_widens_a_ratio_on_the_log_scale() -> None:
    assert widened(2.0, 1.0, 4.0, 2.0) == pytest.approx((0.5, 8.0))
    assert widened(0.0, 0.0, 3.0, 2.0) == (0.0, 3.0)


def test_equal_key_gives_equal_limits() -> None:
    before, after = parts(1, 0.3, 40), parts(2, 0.3, 40)
    first = bootstrap_change(before, after, "cell", "absolute")
    assert first == bootstrap_change(before, after, "cell", "absolute")
    assert first != bootstrap_change(before, after, "other", "absolute")


def test_eleven_clusters_have_no_interval() -> None:
    assert bootstrap_change(parts(1, 0.3, 11), parts(2, 0.3, 40), "k", "absolute") is None
    assert bootstrap_change(parts(1, 0.3, 40), parts(2, 0.3, 11), "k", "absolute") is None
    assert bootstrap_change(parts(1, 0.3, 12), parts(2, 0.3, 12), "k", "absolute") is not None


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    hits = 0
    for seed in range(200):
        low, high = bootstrap_change(
            parts(2 * seed, 0.3, 40), parts(2 * seed + 1, 0.4, 40), f"{seed}", "absolute"
        )
        hits += low <= 0.1 <= high
    assert 165 <= hits <= 194


def test_grouping_many_clusters_keeps_the_spread() -> None:
    many = parts(3, 0.3, 4000)
    share = many.x / many.y.mean() - many.ratio * many.y / many.y.mean()
    expected = np.sqrt((share**2).sum()) / len(many.x)
    assert np.std(resample(many, "k")) == pytest.approx(expected, rel=0.15)


def ratio_weeks(world: World, ratios: list[float], clusters: int) -> list[Week]:
    """Write the clusters of a ratio metric `balance` and return its weeks."""
    rng = np.random.default_rng(7)
    rows, weeks = [], []
    for number, ratio in enumerate(ratios):
        y = rng.uniform(5, 15, clusters)
        x = y * rng.normal(ratio, 0.02, clusters)
        for unit in range(clusters):
            for side, amount in (("x", x[unit]), ("y", y[unit])):
                item = f"{side}{number}-{unit}"
                rows.append(
                    (f"balance_{side}", "p", item, monday(number), f"u{unit}", float(amount))
                )
        weeks.append(Week(float(x.sum()), float(y.sum())))
    with world.connect() as connection:
        insert(connection, "metrics.int_measure_values", rows)
    return weeks


@pytest.mark.parametrize(("after", "state"), [(0.3, "held"), (0.4, "breached")])
def test_ratio_of_sums_is_judged_by_the_bootstrap(world: World, after: float, state: str) -> None:
    weeks = ratio_weeks(world, [0.3] * 16 + [after] * 8, clusters=20)
    judge(world, "ratio_of_sums", weeks, 0.05, unit="%")
    assert latest(world)[5:7] == (state, "cluster_bootstrap")
    assert latest(world, "before_n, after_n") == (20, 20)


def test_ratio_margin_is_about_after_over_before(world: World) -> None:
    weeks = ratio_weeks(world, [0.5] * 16 + [0.45] * 8, clusters=20)
    judge(world, "ratio_of_sums", weeks, 0.03, unit="euro", scale="ratio", direction="up")
    before, after, difference, low, high, state, _, _ = latest(world)
    assert difference == pytest.approx(1 - after / before)
    assert low < difference < high
    assert state == "breached"


def test_rate_with_a_ratio_margin_is_compared_exactly(world: World) -> None:
    weeks = [*[Week(x, 10) for x in (6, 9, 7, 8) * 4], *[Week(8, 10)] * 8]
    judge(world, "count_rate", weeks, 0.6, scale="ratio", direction="band")
    _, _, difference, low, high, state, method, _ = latest(world)
    ratio, exact_low, exact_high = exact_rate_ratio(64, 80, 120, 160, confidence=0.9)
    assert (difference, low, high) == pytest.approx((ratio - 1, exact_low - 1, exact_high - 1))
    assert (state, method) == ("held", "exact_conditional")


def test_weekly_interval_needs_twelve_clusters(world: World) -> None:
    weeks = ratio_weeks(world, [0.3] * 24, clusters=12)
    world.execute(
        "delete from metrics.int_measure_values where unit_key = 'u3' and week_start_date = ?",
        [monday(5)],
    )
    judge(world, "ratio_of_sums", weeks, 0.05, unit="%")
    rows = world.execute(
        "select period_start_date, ci_low, ci_high"
        " from guard.ratio_period_intervals where period_grain = 'week'"
    )
    assert len(rows) == 23 and monday(5) not in {row[0] for row in rows}
    assert all(low < 0.3 < high or abs(low - 0.3) < 0.03 for _, low, high in rows)
