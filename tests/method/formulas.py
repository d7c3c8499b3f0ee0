"""The worked cases that `orchestration.method` computes: charts, durations, intervals."""

from typing import Any

import numpy as np

from orchestration.defs.judge import trust
from orchestration.defs.judge.instrument_pvalues import missing_finish_p
from orchestration.method import (
    charts,
    durations,
    means,
    medians,
    proportions,
    rates,
    reliability,
)
from orchestration.method.scales import from_scale
from tests.method.cases import CASES, worked


def numbers(values: Any) -> np.ndarray:
    return np.array(values, float)


def limits(chart: charts.Chart) -> tuple[float, float]:
    """Return both limits of an XmR chart in natural units."""
    width = charts.half_width(chart)
    low, high = (
        float(from_scale(np.array(chart.centre + side * width), chart.scale)) for side in (-1, 1)
    )
    return low, high


@worked("xmr_constants")
def _(inputs: Any) -> dict:
    return {
        **charts.closed_form_constants(),
        "published": {
            "e2": charts.MEAN_LIMIT,
            "D4": charts.MEAN_RANGE,
            "median_e": charts.MEDIAN_LIMIT,
            "median_D": charts.MEDIAN_RANGE,
        },
    }


@worked("xmr_limits")
def _(inputs: Any) -> dict:
    x = numbers(inputs["x"])
    chart = charts.fit_xmr(x, np.arange(len(x)), "raw")
    low, high = limits(chart)
    return {
        "mean": chart.centre,
        "mean_mr": chart.mean_mr,
        "sigma_hat": chart.sigma_hat,
        "unpl": high,
        "lnpl": low,
        "url": charts.range_limit(chart),
    }


@worked("xmr_limits_median")
def _(inputs: Any) -> dict:
    x = numbers(inputs["x"])
    chart = charts.median_chart(x, np.arange(len(x)), "raw")
    low, high = limits(chart)
    return {
        "median": chart.centre,
        "median_mr": chart.mean_mr,
        "unpl": high,
        "lnpl": low,
        "url": charts.range_limit(chart),
    }


@worked("xmr_outlier_baseline")
def _(inputs: Any) -> dict:
    x = numbers(inputs["x"])
    low, high = limits(charts.mean_chart(x, np.arange(len(x)), "raw"))
    # the product takes the median variant here of its own accord
    median_low, median_high = limits(charts.fit_xmr(x, np.arange(len(x)), "raw"))
    return {
        "mean_unpl": high,
        "mean_lnpl": low,
        "median_unpl": median_high,
        "median_lnpl": median_low,
    }


@worked("laney_p_prime")
def _(inputs: Any) -> dict:
    x, n = numbers(inputs["x"]), numbers(inputs["n"])
    chart = charts.fit_laney(x, n, np.arange(len(x)), "laney_p")
    low, high = charts.own_limits(chart, n)
    z = (x / n - chart.centre) / charts.own_sigma("laney_p", chart.centre, n)
    return {
        "p_bar": chart.mean_rate,
        "z": z,
        "sigma_z": chart.sigma_z,
        "ucl": high,
        "lcl": np.maximum(low, 0),
    }


@worked("laney_u_prime")
def _(inputs: Any) -> dict:
    x, e = numbers(inputs["count"]), numbers(inputs["working_days"])
    chart = charts.fit_laney(x, e, np.arange(len(x)), "laney_u")
    low, high = charts.own_limits(chart, e)
    return {
        "u_bar": chart.mean_rate,
        "sigma_z": chart.sigma_z,
        "ucl": high,
        "lcl": np.maximum(low, 0),
    }


@worked("poisson_prob_limits")
def _(inputs: Any) -> dict:
    means_of = inputs["lambda"]
    low, high = charts.probability_limits(1.0, numbers(means_of), is_share=False)
    return {m: {"lower": a, "upper": b} for m, a, b in zip(means_of, low, high, strict=True)}


@worked("binom_prob_limits")
def _(inputs: Any) -> dict:
    low, high = charts.probability_limits(inputs["p"], numbers(inputs["n"]), is_share=True)
    return {n: {"lower": a, "upper": b} for n, a, b in zip(inputs["n"], low, high, strict=True)}


@worked("t_chart")
def _(inputs: Any) -> dict:
    days = numbers(inputs["days"])
    chart = charts.fit_xmr(days, np.arange(len(days)), "power", "t_chart")
    low, high = limits(chart)
    return {
        "centre_y": chart.centre,
        "mean_mr_y": chart.mean_mr,
        "ucl_days": high,
        # below zero there is no limit
        "lcl_days": np.nan_to_num(low, nan=0.0),
        "centre_days": float(from_scale(np.array(chart.centre), "power")),
    }


@worked("xmr_log")
def _(inputs: Any) -> dict:
    x = numbers(inputs["x"])
    chart = charts.fit_xmr(x, np.arange(len(x)), "log")
    low, high = limits(chart)
    return {"centre": np.exp(chart.centre), "unpl": high, "lnpl": low}


@worked("anhoej")
def _(inputs: Any) -> list:
    found = {n: charts.run_chart_limits(n) for n in inputs["n"]}
    return [{"n": n, "max_run": run, "min_crossings": c} for n, (run, c) in found.items()]


@worked("ar1_sigma")
def _(inputs: Any) -> dict:
    factor = charts.widening(inputs["r1"])
    return {"factor": factor, "sigma": inputs["mean_mr"] / charts.MEAN_SIGMA * factor}


@worked("km_rmst")
def _(inputs: Any) -> dict:
    curve = durations.kaplan_meier(
        numbers(inputs["duration_days"]), np.array(inputs["finished"]) == 1
    )
    mean = durations.restricted_mean(curve, inputs["tau"])
    assert mean is not None
    return {
        "km": [
            {"t": t, "at_risk": n, "d": d, "S": s}
            for t, n, d, s in zip(
                curve.times, curve.at_risk, curve.finished, curve.survival, strict=True
            )
        ],
        "km_median": curve.median,
        "rmst": mean.mean,
        "rmst_var": mean.variance,
        "rmst_ci95": mean.interval(),
        "greenwood_se": curve.greenwood_se,
    }


def cohorts(tau: float) -> dict[str, durations.RestrictedMean]:
    """Return the restricted mean of each start week of `cohort_attribution`."""
    inputs = CASES["cohort_attribution"]["inputs"]
    found = {}
    for week in (0, 1):
        tasks = [task for task in inputs["tasks"] if task[1] // 7 == week]
        ends = [end if end is not None else inputs["as_of"] for _, _, end in tasks]
        curve = durations.kaplan_meier(
            numbers(ends) - numbers([start for _, start, _ in tasks]),
            np.array([end is not None for _, _, end in tasks]),
        )
        mean = durations.restricted_mean(curve, tau)
        assert mean is not None
        found[str(week)] = mean
    return found


@worked("rmst_diff")
def _(inputs: Any) -> dict:
    before, after = cohorts(inputs["tau"]).values()
    return {
        "rmst": [before.mean, after.mean],
        "var": [before.variance, after.variance],
        "diff": after.mean - before.mean,
        "ci95": durations.restricted_mean_difference(after, before),
    }


@worked("competing")
def _(inputs: Any) -> dict:
    codes = {"finish": durations.FINISHED, "cancel": durations.CANCELLED, "open": durations.OPEN}
    outcomes = np.array([codes[end] for end, _ in inputs["items"]])
    times = numbers([time for _, time in inputs["items"]])
    curve = durations.kaplan_meier(times, outcomes == durations.FINISHED)
    return {
        "cumulative_incidence": durations.cumulative_incidence(times, outcomes, inputs["tau"]),
        "one_minus_km": curve.finished_by(inputs["tau"]),
    }


@worked("mtbf_bounds")
def _(inputs: Any) -> list:
    found = []
    for case in inputs:
        point, lower, upper = reliability.mtbf_bounds(
            case["T"], case["r"], case["conf"], case["sides"]
        )
        bounds = {"point": point, "lower": lower, "upper": upper}
        found.append({k: v for k, v in bounds.items() if k != "upper" or case["sides"] == 2})
    return found


@worked("median_ci_ranks")
def _(inputs: Any) -> dict:
    found = {n: medians.median_ranks(n) for n in inputs["n"]}
    return {
        n: ranks
        and {"lower_rank": ranks.lower, "upper_rank": ranks.upper, "coverage": ranks.coverage}
        for n, ranks in found.items()
    }


@worked("duration_ci_bca")
def _(inputs: Any) -> dict:
    low, high = means.bca_mean(numbers(inputs["x"])).interval
    return {"low": low, "high": high}


@worked("newcombe_diff")
def _(inputs: Any) -> dict:
    x1, n1, x2, n2 = (inputs[key] for key in ("x1", "n1", "x2", "n2"))
    return {
        "diff": x1 / n1 - x2 / n2,
        "ci95": proportions.newcombe_difference(x1, n1, x2, n2),
    }


@worked("poisson_ratio")
def _(inputs: Any) -> dict:
    parts = [inputs[key] for key in ("c1", "e1", "c2", "e2")]
    ratio = rates.exact_rate_ratio(*parts, confidence=0.95)
    assert ratio is not None
    return {"ratio": ratio[0], "ci95": ratio[1:], "p_two_sided": rates.rate_ratio_p(*parts)}


@worked("ni_sample_size")
def _(inputs: Any) -> dict:
    return {m: proportions.items_to_show_no_loss(inputs["p"], m) for m in inputs["margins"]}


@worked("missing_finish")
def _(inputs: Any) -> dict:
    starts, share = inputs["mature_starts"], inputs["history_share"]
    return {"expected": starts * share, "p": missing_finish_p(starts, inputs["finished"], share)}


@worked("trust_source")
def _(inputs: Any) -> dict:
    return {name: trust.source_grade(severities) for name, severities in inputs.items()}


@worked("trust_metric")
def _(inputs: Any) -> dict:
    return {
        name: trust.metric_grade((grade, role == "required", share) for grade, role, share in parts)
        for name, parts in inputs.items()
    }
