"""Charts give the published worked figures, and choose themselves by kind and data."""

import numpy as np
import pytest

from orchestration.method import charts
from orchestration.method.scales import choose_scale, from_scale, to_scale

TWELVE = np.array([24, 27, 22, 30, 25, 28, 23, 26, 29, 24, 27, 27], float)


def weeks(count: int) -> np.ndarray:
    return np.arange(count)


def limits(chart: charts.Chart) -> tuple[float, float]:
    """Return the lower and the upper limit on the charted scale."""
    width = charts.half_width(chart)
    return chart.centre - width, chart.centre + width


def test_xmr_limits_are_those_of_the_hand_calculation() -> None:
    chart = charts.fit_xmr(TWELVE, weeks(12), "raw")
    assert chart.centre == 26
    assert chart.mean_mr == pytest.approx(43 / 11)
    assert chart.sigma_hat == pytest.approx(3.464342131)
    assert limits(chart) == pytest.approx((15.60181818, 36.39818182))
    assert chart.reason is None


def test_wild_value_in_the_baseline_brings_the_median_variant() -> None:
    wild = np.append(TWELVE[:11], 95)
    chart = charts.fit_xmr(wild, weeks(12), "raw")
    assert chart.method == "xmr_median"
    assert chart.reason == "unstable: a point outside its limits"
    assert limits(chart) == pytest.approx((10.775, 42.225))
    assert chart.sigma_hat == pytest.approx(np.median(np.abs(np.diff(wild))) / 0.953873)


def test_run_inside_the_baseline_brings_the_median_variant() -> None:
    shifted = np.array([20, 21, 19, 20, 21, 20, 19, 21, 25, 26, 24, 25, 26, 25, 24, 26], float)
    chart = charts.fit_xmr(shifted, weeks(16), "raw")
    assert chart.method == "xmr_median"
    assert chart.reason is not None and chart.reason.startswith("unstable")


def test_log_chart_gives_the_worked_limits_of_a_skewed_statistic() -> None:
    values = np.array([2.0, 3.0, 1.5, 8.0, 2.5, 4.0, 1.0, 6.0])
    chart = charts.fit_xmr(values, weeks(8), choose_scale("duration", values, "hours"))
    low, high = (float(from_scale(np.array(limit), chart.scale)) for limit in limits(chart))
    assert (low, high) == pytest.approx((0.159539056, 50.81640279), rel=1e-6)
    assert np.exp(chart.centre) == pytest.approx(2.847314687)


def test_t_chart_gives_the_worked_limits_between_rare_events() -> None:
    days = np.array([12, 3, 30, 8, 1, 22, 15, 5, 40, 9], float)
    chart = charts.fit_xmr(days, weeks(10), "power", "t_chart")
    low, high = limits(chart)
    assert chart.method == "t_chart"
    assert chart.centre == pytest.approx(1.937776191)
    assert chart.mean_mr == pytest.approx(0.8609740513)
    assert from_scale(np.array(high), "power") == pytest.approx(179.5038559)
    assert np.isnan(from_scale(np.array(low), "power"))


def test_laney_p_takes_moving_ranges_of_z_and_not_their_deviation() -> None:
    n = np.array([40, 35, 50, 42, 38, 45, 30, 48], float)
    x = np.array([4, 5, 6, 3, 5, 2, 6, 4], float)
    chart = charts.fit_laney(x, n, weeks(8), "laney_p")
    assert chart.centre == pytest.approx(0.1067073171)
    assert chart.sigma_z == pytest.approx(1.33406843, rel=1e-6)
    upper = chart.centre + 3 * chart.sigma_z * charts.own_sigma("laney_p", chart.centre, n)
    assert upper[0] == pytest.approx(0.3020797815, rel=1e-6)
    assert upper[-1] == pytest.approx(0.2850571602, rel=1e-6)


def test_laney_u_takes_the_exposure_of_each_week() -> None:
    count = np.array([3, 6, 2, 9, 1, 2, 7, 4], float)
    days = np.array([5, 5, 4, 5, 5, 3, 5, 5], float)
    chart = charts.fit_laney(count, days, weeks(8), "laney_u")
    assert chart.centre == pytest.approx(0.9189189189)
    assert chart.sigma_z == pytest.approx(1.745799887, rel=1e-6)
    upper = chart.centre + 3 * chart.sigma_z * charts.own_sigma("laney_u", chart.centre, days)
    assert upper[5] == pytest.approx(3.81755494, rel=1e-6)


def test_sigma_z_stays_at_one_with_fewer_than_twenty_points() -> None:
    n = np.full(16, 100.0)
    calm = np.array([20, 21] * 8, float)
    assert charts.fit_laney(calm, n, weeks(16), "laney_p").sigma_z == 1


def test_probability_limits_of_rates_are_the_exact_ones() -> None:
    low, high = charts.probability_limits(1.0, np.array([0.5, 1.2, 3.0, 8.0]), is_share=False)
    assert list(low) == [0, 0, 0, 1]
    assert list(high) == [4, 6, 9, 18]


def test_probability_limits_of_shares_are_the_exact_ones() -> None:
    low, high = charts.probability_limits(0.1, np.array([7.0, 12, 20, 40]), is_share=True)
    assert list(low) == [0, 0, 0, 0]
    assert list(high) == [4, 5, 7, 11]


@pytest.mark.parametrize(
    ("count", "longest", "fewest"),
    [(10, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (24, 8, 8), (26, 8, 8)],
)
def test_run_chart_limits_are_the_published_ones(count: int, longest: int, fewest: int) -> None:
    assert charts.run_chart_limits(count) == (longest, fewest)


def test_values_on_the_centre_neither_extend_nor_break_a_run() -> None:
    values = np.array([24, 25, 26, 24, 23, 25, 26, 24, 25, 22], float)
    assert charts.longest_run(np.sign(values - 26)) == 8
    assert charts.longest_run(np.sign(values[:9] - 26)) == 7


def test_neighbouring_weeks_that_are_alike_widen_sigma() -> None:
    assert charts.widening(0.4) == pytest.approx(1.290994449)
    assert 3.909090909 / charts.MEAN_SIGMA * charts.widening(0.4) == pytest.approx(4.472446459)
    assert charts.widening(0.9) == charts.widening(0.7)


def test_correlated_baseline_needs_twelve_on_one_side_and_wider_limits() -> None:
    rng = np.random.default_rng(5)
    values = [0.0]
    for step in rng.normal(size=15):
        values.append(0.75 * values[-1] + step)
    chart = charts.fit_xmr(np.array(values), weeks(16), "raw")
    assert chart.r1 is not None
    r_star = charts.corrected_lag_one(chart.r1, 16)
    assert r_star > 0.25
    assert chart.required_run == 12
    assert charts.half_width(chart) == pytest.approx(3 * chart.sigma_hat)
    assert chart.sigma_hat > chart.mean_mr / charts.MEAN_SIGMA


def test_bias_of_lag_one_is_corrected_as_ruled() -> None:
    assert charts.corrected_lag_one(0.2, 16) == pytest.approx(0.2 + 1.8 / 16)


def test_no_moving_range_is_taken_across_a_missing_week() -> None:
    values, positions = np.array([1.0, 2, 9, 10]), np.array([0, 1, 3, 4])
    assert list(charts.moving_ranges(values, positions)) == [1, 1]


def test_baseline_without_variation_has_no_chart() -> None:
    assert charts.fit_xmr(np.full(16, 4.0), weeks(16), "raw").state == "degenerate"
    assert (
        charts.fit_laney(np.full(16, 9.0), np.full(16, 20.0), weeks(16), "laney_p").state
        == "degenerate"
    )
    assert (
        charts.fit_probability(np.zeros(16), np.full(16, 9.0), weeks(16), is_share=True).state
        == "degenerate"
    )


def test_probability_charts_run_against_the_median() -> None:
    counts = np.array([0, 1, 0, 2, 1, 0, 3, 0, 1, 0, 1, 0, 4, 1, 0, 1], float)
    chart = charts.fit_probability(counts, np.ones(16), weeks(16), is_share=False)
    assert chart.centre == np.median(counts)
    assert chart.mean_rate == pytest.approx(counts.mean())


@pytest.mark.parametrize(
    ("kind", "numerators", "denominators", "method"),
    [
        ("proportion", [10, 11, 9], [40, 40, 40], "laney_p"),
        ("proportion", [1, 1, 1], [40, 40, 40], "probability"),
        ("proportion", [39, 39, 39], [40, 40, 40], "probability"),
        ("count_rate", [5, 5, 5], [1, 1, 1], "laney_u"),
        ("count_rate", [4, 5, 5], [1, 1, 1], "probability"),
        ("stock", [4, 5, 5], [1, 1, 1], "xmr_mean"),
        ("quantile", [4, 5, 5], [1, 1, 1], "xmr_mean"),
        ("derived", [4, 5, 5], [1, 1, 1], "none"),
    ],
)
def test_kind_and_counts_choose_the_chart(
    kind: str, numerators: list[int], denominators: list[int], method: str
) -> None:
    chosen = charts.choose_method(kind, np.array(numerators, float), np.array(denominators, float))
    assert chosen == method


@pytest.mark.parametrize(
    ("kind", "values", "unit", "scale"),
    [
        ("duration", [3, 5], "hours", "log"),
        ("duration", [0, 5], "hours", "raw"),
        ("ratio_of_sums", [0.1, 0.2], "%", "logit"),
        ("ratio_of_sums", [0.0, 0.2], "%", "raw"),
        ("ratio_of_sums", [0.5, 1.0], "%", "raw"),
        ("ratio_of_sums", [0.5, 40.0], "items per minute", "log"),
        ("stock", [3, 5], "requests", "raw"),
        ("quantile", [3, 5], "ms", "log"),
        ("quantile", [0, 5], "ms", "raw"),
        ("proportion", [0.3, 0.5], "%", "raw"),
    ],
)
def test_kind_and_baseline_choose_the_scale(
    kind: str, values: list[float], unit: str, scale: str
) -> None:
    assert choose_scale(kind, np.array(values, float), unit) == scale


@pytest.mark.parametrize("scale", ["raw", "log", "logit", "power"])
def test_every_scale_leads_back(scale: str) -> None:
    values = np.array([0.05, 0.3, 0.9])
    assert from_scale(to_scale(values, scale), scale) == pytest.approx(values)


def test_neighbours_alike_ask_for_a_longer_run_on_charts_of_few_events_too() -> None:
    alike = np.array([0, 0, 1, 1, 2, 3, 3, 2, 2, 1, 0, 0, 0, 1, 2, 2], dtype=float)
    mixed = np.array([0, 2, 1, 3, 0, 2, 1, 3, 0, 2, 1, 2, 0, 2, 0, 1], dtype=float)
    exposure, positions = np.ones(16), np.arange(16)
    runs = [
        charts.fit_probability(counts, exposure, positions, is_share=False).required_run
        for counts in (alike, mixed)
    ]
    assert runs == [12, 8]
