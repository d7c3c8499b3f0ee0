"""Process limits of one series: which chart, where the centre and the limits lie.

Pure functions on arrays; `defs.judge.limits` reads and writes the tables. A baseline is a series
`values` with `positions`, whole numbers that tell which values are neighbours: positions 3 and
5 have a missing period between them, so no moving range is taken across.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from orchestration.method.scales import Scale, to_scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# published constants of moving ranges of two (ASTM, Wheeler), so that hand calculation agrees
MEAN_LIMIT, MEDIAN_LIMIT = 2.660, 3.145
MEAN_RANGE, MEDIAN_RANGE = 3.267, 3.865
MEAN_SIGMA, MEDIAN_SIGMA = 1.128379, 0.953873
# corrected lag-one correlation above which neighbouring periods are alike
ALIKE = 0.25
RUN_LENGTH, LONG_RUN_LENGTH = 8, 12
XMR_KINDS = ("duration", "ratio_of_sums", "stock", "quantile")
# two-sided 0.27 %, what three sigma is on a normal chart
LOWER_TAIL, UPPER_TAIL = 0.00135, 0.99865


@dataclass(frozen=True)
class Chart:
    """Centre and spread of one limit segment, on the charted scale."""

    method: str
    """xmr_mean, xmr_median, laney_p, laney_u, probability or t_chart."""
    scale: Scale
    centre: float
    mean_mr: float
    """Mean moving range (median variant: the median); for p' and u' that of z."""
    sigma_hat: float | None
    """None where every period has a sigma of its own (p', u', probability limits)."""
    sigma_z: float | None
    mean_rate: float | None
    """Pooled share or rate behind the periods' own sigmas; None elsewhere."""
    r1: float | None
    required_run: int
    is_median_variant: bool = False
    state: str = "locked"
    reason: str | None = None


def closed_form_constants() -> dict[str, float]:
    """Return what the published constants round, for moving ranges of two normal values."""
    d2, d3 = 2 / np.sqrt(np.pi), np.sqrt(2 - 4 / np.pi)
    median_d4 = np.sqrt(2) * stats.norm.ppf(0.75)
    spread = d2 + 3 * d3
    constants = {
        "d2": d2,
        "e2": 3 / d2,
        "D4": spread / d2,
        "median_d4": median_d4,
        "median_e": 3 / median_d4,
        "median_D": spread / median_d4,
    }
    return {name: float(value) for name, value in constants.items()}


def moving_ranges(values: Floats, positions: Integers) -> Floats:
    """Return |x_i - x_(i-1)| of neighbouring periods, none across a missing one."""
    return np.abs(np.diff(values))[np.diff(positions) == 1]


def lag_one(values: Floats, positions: Integers) -> float:
    """Return the lag-one correlation of a baseline; 0 where all values are equal."""
    centred = values - values.mean()
    total = float((centred**2).sum())
    neighbours = np.diff(positions) == 1
    return float((centred[1:] * centred[:-1])[neighbours].sum() / total) if total > 0 else 0.0


def corrected_lag_one(r1: float, count: int) -> float:
    """Return r* = r1 + (1 + 4 r1) / m, which undoes most of r1's bias at short baselines."""
    return r1 + (1 + 4 * r1) / count


def widening(r1: float) -> float:
    """Return the factor on sigma for lag-one correlation `r1`, capped at r1 = 0.7."""
    return 1 / float(np.sqrt(1 - min(r1, 0.7)))


def run_chart_limits(count: int) -> tuple[int, int]:
    """Return the longest run allowed and the fewest crossings allowed among `count` points.

    Source: Anhoej and Olesen 2014; 5 % quantile of a binomial with count - 1 trials.
    """
    longest = int(np.round(np.log2(count))) + 3
    return longest, int(stats.binom.ppf(0.05, count - 1, 0.5))


def run_chart_fires(values: Floats) -> bool:
    """Tell whether the run chart test finds a shift around the median (ties are dropped)."""
    sides = np.sign(values - np.median(values))
    sides = sides[sides != 0]
    if len(sides) < 2:
        return False
    longest_allowed, fewest_crossings = run_chart_limits(len(sides))
    crossings = int((sides[1:] != sides[:-1]).sum())
    return longest_run(sides) > longest_allowed or crossings < fewest_crossings


def longest_run(sides: Floats) -> int:
    """Return the longest run of one sign; zeros are skipped, they neither extend nor break."""
    longest = length = 0
    previous = 0.0
    for side in sides[sides != 0]:
        length = length + 1 if side == previous else 1
        longest, previous = max(longest, length), side
    return longest


def fit_xmr(values: Floats, positions: Integers, scale: Scale, method: str = "xmr_mean") -> Chart:
    """Fit an XmR chart to a baseline in natural units.

    The median variant is taken where a rule or the run chart test fires within the baseline;
    sigma is widened and the run lengthened where neighbouring periods are alike.
    """
    chart = mean_chart(values, positions, scale, method)
    if chart.state == "degenerate":
        return chart
    charted = to_scale(values, scale)
    trouble = _trouble(charted, charted - chart.centre, half_width(chart), chart.required_run)
    if trouble is None:
        return chart
    median = median_chart(values, positions, scale, method)
    if median.state == "degenerate":
        return replace(chart, reason=f"unstable: {trouble}; median range is zero, mean kept")
    return replace(median, reason=f"unstable: {trouble}")


def mean_chart(
    values: Floats, positions: Integers, scale: Scale, method: str = "xmr_mean"
) -> Chart:
    """Return the chart around the mean with limits from the mean moving range."""
    charted = to_scale(values, scale)
    ranges = moving_ranges(charted, positions)
    if len(ranges) == 0 or ranges.mean() == 0:
        return _degenerate(method, scale, float(charted.mean()))
    r1 = lag_one(charted, positions)
    r_star = corrected_lag_one(r1, len(charted))
    factor = widening(r_star) if r_star > ALIKE else 1.0
    return Chart(
        method=method,
        scale=scale,
        centre=float(charted.mean()),
        mean_mr=float(ranges.mean()),
        sigma_hat=float(ranges.mean()) / MEAN_SIGMA * factor,
        sigma_z=None,
        mean_rate=None,
        r1=r1,
        required_run=LONG_RUN_LENGTH if factor > 1 else RUN_LENGTH,
    )


def median_chart(
    values: Floats, positions: Integers, scale: Scale, method: str = "xmr_mean"
) -> Chart:
    """Return the chart around the median with limits from the median moving range.

    For a baseline that holds wild values; as wide for neighbours that are alike.
    """
    chart = mean_chart(values, positions, scale, method)
    charted = to_scale(values, scale)
    ranges = moving_ranges(charted, positions)
    if chart.state == "degenerate" or np.median(ranges) == 0:
        return _degenerate(method, scale, float(np.median(charted)))
    is_alike = chart.required_run == LONG_RUN_LENGTH
    factor = widening(corrected_lag_one(chart.r1 or 0.0, len(charted))) if is_alike else 1.0
    return replace(
        chart,
        method="xmr_median" if method == "xmr_mean" else method,
        centre=float(np.median(charted)),
        mean_mr=float(np.median(ranges)),
        sigma_hat=float(np.median(ranges)) / MEDIAN_SIGMA * factor,
        is_median_variant=True,
    )


def half_width(chart: Chart) -> float:
    """Return the distance of an XmR limit from the centre, on the charted scale."""
    if chart.required_run == LONG_RUN_LENGTH:
        return 3 * (chart.sigma_hat or 0.0)
    return (MEDIAN_LIMIT if chart.is_median_variant else MEAN_LIMIT) * chart.mean_mr


def range_limit(chart: Chart) -> float:
    """Return the greatest moving range that chance explains, on the charted scale."""
    return (MEDIAN_RANGE if chart.is_median_variant else MEAN_RANGE) * chart.mean_mr


def own_limits(chart: Chart, denominators: Floats) -> tuple[Floats, Floats]:
    """Return the limits of each period on Laney's p' or u' chart."""
    assert chart.mean_rate is not None and chart.sigma_z is not None
    width = 3 * own_sigma(chart.method, chart.mean_rate, denominators) * chart.sigma_z
    return chart.centre - width, chart.centre + width


def own_sigma(method: str, rate: float, denominators: Floats) -> Floats:
    """Return each period's sigma: sqrt(p(1-p)/n) for shares, sqrt(u/e) for rates."""
    variance = rate * (1 - rate) if method.endswith("_p") else rate
    return np.sqrt(variance / denominators)


def fit_laney(numerators: Floats, denominators: Floats, positions: Integers, method: str) -> Chart:
    """Fit Laney's p' (`laney_p`) or u' (`laney_u`) chart to a baseline.

    sigma_z is the mean moving range of z over 1.128379 (Laney 2002), not the standard
    deviation of z, and not below 1 with fewer than 20 points.
    """
    rate = float(numerators.sum() / denominators.sum())
    rates = numerators / denominators
    sigmas = own_sigma(method, rate, denominators)
    if len(set(rates)) == 1 or (sigmas == 0).any():
        return replace(_degenerate(method, "raw", rate), mean_rate=rate)
    z = (rates - rate) / sigmas
    ranges = moving_ranges(z, positions)
    if len(ranges) == 0:
        return replace(_degenerate(method, "raw", rate), mean_rate=rate)
    r1 = lag_one(z, positions)
    r_star = corrected_lag_one(r1, len(z))
    factor = widening(r_star) if r_star > ALIKE else 1.0
    floor = 1.0 if len(z) < 20 else 0.0
    chart = Chart(
        method=method,
        scale="raw",
        centre=rate,
        mean_mr=float(ranges.mean()),
        sigma_hat=None,
        sigma_z=max(floor, float(ranges.mean()) / MEAN_SIGMA * factor),
        mean_rate=rate,
        r1=r1,
        required_run=LONG_RUN_LENGTH if factor > 1 else RUN_LENGTH,
    )
    assert chart.sigma_z is not None
    trouble = _trouble(z, z, 3 * chart.sigma_z, chart.required_run)
    if trouble is None:
        return chart
    median_rate = float(np.median(rates))
    median_ranges = moving_ranges(
        (rates - median_rate) / own_sigma(method, median_rate, denominators), positions
    )
    if median_rate in (0.0, 1.0) or np.median(median_ranges) == 0:
        return replace(chart, reason=f"unstable: {trouble}; median range is zero, mean kept")
    return replace(
        chart,
        centre=median_rate,
        mean_rate=median_rate,
        mean_mr=float(np.median(median_ranges)),
        sigma_z=max(floor, float(np.median(median_ranges)) / MEDIAN_SIGMA * factor),
        is_median_variant=True,
        reason=f"unstable: {trouble}",
    )


def fit_probability(
    numerators: Floats, denominators: Floats, positions: Integers, is_share: bool
) -> Chart:
    """Fit a chart of few events: limits from the pooled rate, runs against the median.

    Probability limits have no sigma to widen, but where neighbouring periods are alike the run
    is longer here too.
    """
    rate = float(numerators.sum() / denominators.sum())
    rates = numerators / denominators
    ranges = moving_ranges(rates, positions)
    if len(ranges) == 0 or ranges.mean() == 0:
        return replace(_degenerate("probability", "raw", float(np.median(rates))), mean_rate=rate)
    r1 = lag_one(rates, positions)
    is_alike = corrected_lag_one(r1, len(rates)) > ALIKE
    chart = Chart(
        method="probability",
        scale="raw",
        centre=float(np.median(rates)),
        mean_mr=float(ranges.mean()),
        sigma_hat=None,
        sigma_z=1.0,
        mean_rate=rate,
        r1=r1,
        required_run=LONG_RUN_LENGTH if is_alike else RUN_LENGTH,
    )
    lower, upper = probability_limits(rate, denominators, is_share)
    counts = np.round(numerators)
    outside = (counts < lower) | (counts > upper)
    fired = "a point outside its limits" if outside.any() else None
    fired = fired or _trouble(rates, rates - chart.centre, np.inf, chart.required_run)
    return chart if fired is None else replace(chart, reason=f"unstable: {fired}")


def probability_limits(rate: float, denominators: Floats, is_share: bool) -> tuple[Floats, Floats]:
    """Return the smallest and the largest count inside 0.135 % and 99.865 %, per period."""
    if is_share:
        trials = np.round(denominators)
        family = stats.binom(trials, rate)
    else:
        family = stats.poisson(rate * denominators)
    return family.ppf(LOWER_TAIL), family.ppf(UPPER_TAIL)


def choose_method(kind: str, numerators: Floats, denominators: Floats) -> str:
    """Choose the chart of a baseline; "most periods" is over half of the baseline.

    Returns:
        The method, or "none" for kinds that have no chart of their own.
    """
    if kind == "proportion":
        rate = numerators.sum() / denominators.sum()
        enough = (denominators * rate >= 5) & (denominators * (1 - rate) >= 5)
        return "laney_p" if enough.mean() > 0.5 else "probability"
    if kind == "count_rate":
        return "laney_u" if numerators.mean() >= 5 else "probability"
    if kind == "reliability":
        return "t_chart"
    return "xmr_mean" if kind in XMR_KINDS else "none"


def _trouble(charted: Floats, distances: Floats, limit: float, required_run: int) -> str | None:
    """Name the rule that fires within the baseline itself, None where it is stable."""
    if (np.abs(distances) > limit).any():
        return "a point outside its limits"
    if longest_run(np.sign(distances)) >= required_run:
        return "a run on one side"
    return "the run chart test" if run_chart_fires(charted) else None


def _degenerate(method: str, scale: Scale, centre: float) -> Chart:
    return Chart(
        method=method,
        scale=scale,
        centre=centre,
        mean_mr=0.0,
        sigma_hat=0.0,
        sigma_z=None,
        mean_rate=None,
        r1=None,
        required_run=RUN_LENGTH,
        state="degenerate",
        reason="no variation in the baseline, so no limits",
    )
