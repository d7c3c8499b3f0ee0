"""The last eight periods are compared with the baseline, all charts of the portfolio together."""

import numpy as np
import pytest
from scipy import stats

from orchestration.defs.judge.comparisons import write_comparisons
from orchestration.method.charts import fit_xmr
from orchestration.method.comparisons import charted_p, counted_p, widened_p
from tests.signals.world import Week, World, monday

STEADY = [26, 24, 27, 22, 30, 25, 28, 23, 26, 29, 24, 27, 27, 25, 26, 24]


def compare(world: World, **metrics: tuple[str, list[Week]]) -> dict[str, tuple]:
    """Judge metrics of one KPI and its balances; return p, adjusted p, side and mark of each."""
    lead, *balances = metrics
    for name, (kind, weeks) in metrics.items():
        world.add_metric(name, kind, weeks)
    world.add_kpi(lead, dict.fromkeys(balances, (1, "absolute", None)))
    world.judge()
    write_comparisons(world.database)
    rows = world.execute(
        "select metric_id, p_value, adjusted_p_value, side, is_different "
        "from guard.period_comparisons"
    )
    return {name: tuple(rest) for name, *rest in rows}


def levels(values: list[float]) -> list[Week]:
    return [Week(value) for value in values]


def test_a_shifted_level_differs_and_a_steady_one_does_not(world: World) -> None:
    found = compare(
        world,
        lead=("stock", levels(STEADY + [v - 6 for v in STEADY[:8]])),
        other=("stock", levels(STEADY + STEADY[:8])),
    )
    assert found["lead"][2:] == ("low", True)
    assert found["lead"][0] < 0.01 < 0.5 < found["other"][0]
    assert not found["other"][3]


def test_p_is_that_of_the_mean_place_on_the_chart(world: World) -> None:
    after = [v - 3 for v in STEADY[:8]]
    found = compare(world, lead=("stock", levels(STEADY + after)))
    chart = fit_xmr(np.array(STEADY, float), np.arange(16), "raw")
    z = (np.array(after) - chart.centre) / chart.sigma_hat
    assert found["lead"][0] == pytest.approx(charted_p(z, 16))
    t = abs(z.mean()) / np.sqrt(1 / 8 + 1 / 16)
    assert found["lead"][0] == pytest.approx(2 * stats.t.sf(t, 0.62 * 15))


def test_few_events_are_compared_exactly(world: World) -> None:
    counts = [1, 2, 0, 1, 3, 1, 2, 1, 0, 2, 1, 1, 2, 0, 1, 2]
    found = compare(world, lead=("count_rate", levels([*counts, *[5, 4, 6, 5, 3, 6, 4, 5]])))
    exact = stats.binomtest(38, 38 + 20, 8 / 24).pvalue
    assert found["lead"][0] == pytest.approx(exact)
    assert found["lead"][2:] == ("high", True)


def test_p_is_adjusted_over_all_charts_that_are_shown(world: World) -> None:
    steady = {f"b{n}": ("stock", levels(STEADY + STEADY[:8])) for n in range(9)}
    shifted = levels(STEADY + [v - 6 for v in STEADY[:8]])
    found = compare(world, lead=("stock", shifted), **steady)
    assert len(found) == 10
    assert found["lead"][1] == pytest.approx(10 * found["lead"][0])


def test_seven_periods_since_the_baseline_are_not_compared(world: World) -> None:
    assert not compare(world, lead=("stock", levels(STEADY + [20.0] * 7)))


def test_periods_that_nobody_may_use_are_left_out(world: World) -> None:
    after = [Week(20.0 + n % 3, grade="C" if n == 4 else "A") for n in range(9)]
    found = compare(world, lead=("stock", levels(STEADY) + after))
    dates = world.execute("select from_date, to_date from guard.period_comparisons")
    assert found["lead"][3]
    assert dates == [(monday(16), monday(24))]


def test_counts_that_scatter_more_than_chance_say_less() -> None:
    assert widened_p(0.01, 2.0) == pytest.approx(2 * stats.norm.sf(stats.norm.isf(0.005) / 2))
    assert widened_p(0.01, 0.5) == pytest.approx(0.01)
    assert counted_p("count_rate", (3, 0), (2, 16)) is None
    assert counted_p("proportion", (3, 10), (2, 20)) == pytest.approx(
        stats.fisher_exact([[3, 2], [7, 18]]).pvalue
    )
