"""Formulas agree with SciPy, statsmodels, lifelines and reliability on drawn inputs.

Figures of the last two are stored, for they can't be installed beside the locked libraries.
"""

import json

import numpy as np
import pytest
from scipy import stats

from orchestration.method import (
    charts,
    drivers,
    durations,
    impact,
    means,
    medians,
    multiplicity,
    proportions,
    rates,
    reliability,
    tree,
)
from tests.method import library_figures
from tests.method.library_figures import FIGURES, drawn_tasks

RNG_SEED = 20_240_101
STORED = json.loads(FIGURES.read_text(encoding="utf-8"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(RNG_SEED)


def drawn_shares(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = rng.integers(1, 300, 200)
    x = rng.binomial(n, rng.uniform(0, 1, 200))
    # the ends of the range are where formulas go wrong
    x[:10], x[10:20] = 0, n[10:20]
    return x.astype(float), n.astype(float)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (proportions.wilson, "wilson"),
        (proportions.jeffreys, "jeffreys"),
        (proportions.clopper_pearson, "beta"),
    ],
)
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_intervals_of_shares_are_those_of_statsmodels(
    ours, theirs: str, confidence: float, rng: np.random.Generator
) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    x, n = drawn_shares(rng)
    low, high = proportion.proportion_confint(x, n, alpha=1 - confidence, method=theirs)
    if theirs == "jeffreys":
        low, high = np.where(x == 0, 0, low), np.where(x == n, 1, high)
    found = ours(x, n, confidence)
    np.testing.assert_allclose(found.low, np.nan_to_num(low, nan=0.0), atol=1e-9)
    np.testing.assert_allclose(found.high, np.nan_to_num(high, nan=1.0), atol=1e-9)


def test_difference_of_shares_is_that_of_statsmodels(rng: np.random.Generator) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    (x, n), (y, m) = drawn_shares(rng), drawn_shares(rng)
    found = proportions.newcombe_difference(x, n, y, m, confidence=0.9)
    for i in range(0, 200, 7):
        theirs = proportion.confint_proportions_2indep(
            x[i], n[i], y[i], m[i], method="newcomb", compare="diff", alpha=0.1
        )
        assert (found.low[i], found.high[i]) == pytest.approx(theirs, abs=1e-8)


def test_interval_of_a_count_is_that_of_statsmodels_and_byar_comes_near() -> None:
    rate = pytest.importorskip("statsmodels.stats.rates")
    counts = np.arange(0, 600, 3).astype(float)
    low, high = rate.confint_poisson(counts, 1, method="exact-c", alpha=0.05)
    found, byar = rates.garwood(counts), rates.byar(counts)
    np.testing.assert_allclose(found.low, np.nan_to_num(low), atol=1e-9)
    np.testing.assert_allclose(found.high, high, rtol=1e-9)
    np.testing.assert_allclose(byar.high, high, rtol=0.006)
    np.testing.assert_allclose(byar.low[1:], low[1:], rtol=0.03)


def test_ratio_of_rates_inverts_scipys_binomial_test(rng: np.random.Generator) -> None:
    for count, base in rng.integers(1, 60, (25, 2)):
        exposure, base_exposure = rng.uniform(1, 50, 2)
        found = rates.exact_rate_ratio(count, exposure, base, base_exposure, 0.9)
        share = stats.binomtest(int(count), int(count + base)).proportion_ci(0.9, "exact")
        limits = [p / (1 - p) * base_exposure / exposure for p in share]
        assert found is not None
        assert found[1:] == pytest.approx(limits, rel=1e-9)


def test_ranks_of_a_median_are_those_of_scipys_quantile_test(rng: np.random.Generator) -> None:
    for count in (6, 7, 9, 12, 31, 50, 200):
        x = np.sort(rng.lognormal(size=count))
        ranks = medians.median_ranks(count)
        theirs = stats.quantile_test(x, q=float(np.median(x)), p=0.5).confidence_interval(0.95)
        assert ranks is not None
        assert (x[ranks.lower - 1], x[ranks.upper - 1]) == (theirs.low, theirs.high)


def test_intervals_of_means_are_those_of_scipy_and_statsmodels(rng: np.random.Generator) -> None:
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    for count in (5, 7, 12, 40):
        x, y = rng.lognormal(size=count), rng.lognormal(1, 2, size=count + 3)
        assert means.t_mean(x).interval == pytest.approx(
            weightstats.DescrStatsW(x).tconfint_mean(0.05)
        )
        logs = weightstats.DescrStatsW(np.log(x)).tconfint_mean(0.05)
        assert means.log_t_geometric_mean(x).interval == pytest.approx(np.exp(logs))
        theirs = stats.ttest_ind(x, y, equal_var=False)
        welch, exact = means.welch_difference(x, y), theirs.confidence_interval(0.9)
        # degrees of freedom are rounded down: never narrower, and hardly wider
        assert welch.low <= exact.low + 1e-12 and welch.high >= exact.high - 1e-12
        floored = stats.t.ppf(0.95, np.floor(theirs.df)) / stats.t.ppf(0.95, theirs.df)
        assert welch.high - welch.low == pytest.approx((exact.high - exact.low) * floored)


def test_survival_and_its_errors_are_those_of_statsmodels(rng: np.random.Generator) -> None:
    survival = pytest.importorskip("statsmodels.duration.survfunc")
    times, is_finished = drawn_tasks(rng)
    curve = durations.kaplan_meier(times, is_finished)
    theirs = survival.SurvfuncRight(times, is_finished.astype(int))
    np.testing.assert_allclose(curve.times, theirs.surv_times)
    np.testing.assert_allclose(curve.survival, theirs.surv_prob)
    np.testing.assert_allclose(curve.greenwood_se, theirs.surv_prob_se)
    assert curve.median == theirs.quantile(0.5)


def test_restricted_mean_and_median_are_those_of_lifelines() -> None:
    theirs = STORED["survival"]
    curve = durations.kaplan_meier(np.array(theirs["times"]), np.array(theirs["is_finished"]))
    found = durations.restricted_mean(curve, theirs["tau"])
    assert found is not None
    assert found.mean == pytest.approx(theirs["restricted_mean"])
    assert curve.median == theirs["median"]


def test_cumulative_incidence_is_that_of_lifelines() -> None:
    theirs = STORED["competing_ends"]
    times, outcomes = np.array(theirs["times"]), np.array(theirs["outcomes"])
    found = [durations.cumulative_incidence(times, outcomes, age) for age in theirs["ages"]]
    assert len(found) == 3
    assert found == pytest.approx(theirs["finished_by"])


def test_variance_of_a_restricted_mean_is_that_of_resampling(rng: np.random.Generator) -> None:
    times, is_finished = drawn_tasks(rng, 200)
    found = durations.restricted_mean(durations.kaplan_meier(times, is_finished), 12.0)
    resampled = []
    for _ in range(600):
        draw = rng.integers(0, 200, 200)
        again = durations.kaplan_meier(times[draw], is_finished[draw])
        mean = durations.restricted_mean(again, 12.0)
        assert mean is not None
        resampled.append(mean.mean)
    assert found is not None
    # 600 draws leave an error of 6 %
    assert found.variance == pytest.approx(np.var(resampled), rel=0.15)


def test_least_time_between_failures_is_that_of_reliability() -> None:
    theirs = STORED["least_time_between_failures"]
    found = [
        reliability.mtbf_bounds(theirs["hours"], failures, theirs["confidence"], sides=1)[1]
        for failures in theirs["failures"]
    ]
    assert len(found) == 4
    assert found == pytest.approx(theirs["lower"])


def test_stored_figures_are_what_the_libraries_compute() -> None:
    pytest.importorskip("lifelines", reason="needs pandas below 3; its figures are stored")
    pytest.importorskip("reliability", reason="needs lifelines' environment; figures are stored")
    again = {name: getattr(library_figures, name)() for name in STORED if name != "versions"}
    for name, figures in again.items():
        for column, values in figures.items():
            assert values == pytest.approx(STORED[name][column]), (name, column)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(multiplicity.holm, "holm"), (multiplicity.benjamini_hochberg, "fdr_bh")],
)
def test_adjusted_p_values_are_those_of_statsmodels(
    ours, theirs: str, rng: np.random.Generator
) -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for count in (1, 2, 15, 40):
        p_values = np.round(rng.uniform(size=count) ** 2, 2)
        found = multitest.multipletests(p_values, method=theirs)[1]
        np.testing.assert_allclose(ours(p_values), found)


def test_interrupted_series_is_the_regression_of_statsmodels(rng: np.random.Generator) -> None:
    api = pytest.importorskip("statsmodels.api")
    values, start = rng.normal(20, 3, 26), 16
    time = np.arange(26.0)
    post = time >= start
    fit = api.OLS(values, np.column_stack([np.ones(26), time, post, post * (time - start)])).fit()
    found = impact.interrupted_series(values, start)
    coefficients = (found.intercept, found.pre_slope, found.level_change, found.slope_change)
    assert coefficients == pytest.approx(tuple(fit.params))
    assert found.level_se == pytest.approx(fit.bse[2])
    theirs = pytest.importorskip("statsmodels.stats.stattools").durbin_watson(fit.resid)
    assert found.durbin_watson == pytest.approx(theirs)


def test_correlations_are_those_of_scipy_and_statsmodels(rng: np.random.Generator) -> None:
    stattools = pytest.importorskip("statsmodels.tsa.stattools")
    # few distinct values, so that ranks tie
    x, y = rng.integers(0, 6, 30).astype(float), rng.integers(0, 6, 30).astype(float)
    for lag in (1, 2, 4):
        theirs = stats.spearmanr(x[: 30 - lag], y[lag:])
        assert drivers.spearman(x, y, lag) == pytest.approx(theirs.statistic)
    assert charts.lag_one(x, np.arange(30)) == pytest.approx(stattools.acf(x, nlags=1)[1])


def test_drawn_permutations_come_near_scipys(rng: np.random.Generator) -> None:
    x = rng.normal(size=40)
    y = np.concatenate([rng.normal(size=2), 0.5 * x[:38] + rng.normal(size=38)])
    for lag in (1, 2, 3):
        found = drivers.permutation_p(x, y, [lag], seed=1)
        theirs = stats.spearmanr(x[: 40 - lag], y[lag:]).pvalue
        assert found == pytest.approx(theirs, abs=0.03)


def test_trend_is_found_where_kendalls_tau_finds_it(rng: np.random.Generator) -> None:
    for slope in (0, 0.02, 0.1, -0.3):
        x = np.round(rng.normal(size=30) + slope * np.arange(30), 1)
        theirs = stats.kendalltau(np.arange(30), x, method="asymptotic").pvalue
        # theirs has no correction for continuity
        assert drivers.mann_kendall_p(x) == pytest.approx(theirs, abs=0.03)


def test_contributions_add_up_to_the_change(rng: np.random.Generator) -> None:
    for _ in range(50):
        before, after = rng.uniform(0.1, 9, (2, 4))
        change = after.prod() - before.prod()
        for contributions in (tree.lmdi(before, after), tree.shapley(before, after)):
            assert contributions.sum() == pytest.approx(change, abs=1e-9)
        # segments come and go
        items = rng.integers(0, 4, (2, 5)) * rng.uniform(1, 9, (2, 5))
        items[:, 0] += 1
        split = tree.kitagawa(*items, *rng.uniform(0, 1, (2, 5)))
        parts = split.rate_effects.sum() + split.mix_effects.sum()
        assert parts == pytest.approx(split.total_after - split.total_before, abs=1e-9)
