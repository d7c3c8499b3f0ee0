"""The worked cases that `orchestration.method` computes: tree, drivers, impact, instruments."""

from typing import Any

import numpy as np

from orchestration.method import (
    bounds,
    drivers,
    impact,
    multiplicity,
    rates,
    tree,
    volumes,
)
from orchestration.method.intervals import Interval
from tests.method.cases import worked
from tests.method.formulas import numbers


@worked("multiplicity")
def _(inputs: Any) -> dict:
    p = numbers(inputs["p"])
    return {
        "holm": multiplicity.holm(p),
        "bh": multiplicity.benjamini_hochberg(p),
        "familywise_if_unadjusted_4_at_05": multiplicity.chance_of_any(len(p), 0.05),
    }


@worked("lmdi")
def _(inputs: Any) -> dict:
    before, after = numbers(inputs["before"]), numbers(inputs["after"])
    totals = float(before.prod()), float(after.prod())
    return {
        "V0": totals[0],
        "V1": totals[1],
        "change": tree.product_contributions(before, after).sum(),
        "L": tree.logarithmic_mean(totals[1], totals[0]),
        "lmdi": tree.product_contributions(before, after),
        "shapley": tree.shapley(before, after),
    }


@worked("shapley_zero")
def _(inputs: Any) -> dict:
    parts = tree.product_contributions(numbers(inputs["before"]), numbers(inputs["after"]))
    return {"change": parts.sum(), "shapley": parts}


@worked("mix_rate")
def _(inputs: Any) -> dict:
    split = tree.kitagawa(*(numbers(inputs[key]) for key in ("n0", "n1", "r0", "r1")))
    assert split.is_simpson
    return {
        "R0": split.total_before,
        "R1": split.total_after,
        "change": split.rate_effects.sum() + split.mix_effects.sum(),
        "rate_effect": split.rate_effects,
        "mix_effect": split.mix_effects,
        "rate_total": split.rate_effects.sum(),
        "mix_total": split.mix_effects.sum(),
    }


@worked("mix_entry")
def _(inputs: Any) -> dict:
    names = sorted(inputs["after"])
    parts = [
        numbers([inputs[when].get(name, [0, np.nan])[index] for name in names])
        for index in (0, 1)
        for when in ("before", "after")
    ]
    split = tree.kitagawa(*parts)
    return {
        "R0": split.total_before,
        "R1": split.total_after,
        "rate_total": split.rate_effects.sum(),
        "mix": dict(zip(names, split.mix_effects, strict=True)),
    }


@worked("lag_spearman")
def _(inputs: Any) -> dict:
    x, y, lag = numbers(inputs["x"]), numbers(inputs["y"]), inputs["lag"]
    return {
        "n_pairs": len(x) - lag,
        "rho": drivers.spearman(x, y, lag),
        "p_abs": drivers.exact_p(x, y, lag),
    }


@worked("prewhiten")
def _(inputs: Any) -> dict:
    x, y = numbers(inputs["x"]), numbers(inputs["y"])
    (phi_x, white_x), (phi_y, white_y) = drivers.prewhiten(x), drivers.prewhiten(y)
    return {
        "phi_x": phi_x,
        "phi_y": phi_y,
        "raw": {lag: drivers.spearman(x, y, lag) for lag in (1, 2, 3)},
        "prewhitened": {lag: drivers.spearman(white_x, white_y, lag) for lag in (1, 2, 3)},
    }


@worked("spurious_trend")
def _(inputs: Any) -> dict:
    x, y, lag = numbers(inputs["x"]), numbers(inputs["y"]), inputs["lag"]
    assert drivers.has_trend(x) and drivers.has_trend(y), "changes would not be taken"
    return {
        "rho_levels": drivers.spearman(x, y, lag),
        "rho_changes": drivers.spearman(np.diff(x), np.diff(y), lag),
    }


@worked("did")
def _(inputs: Any) -> dict:
    controls = numbers(inputs["controls"])
    result = impact.difference_in_differences(tuple(inputs["treated"]), controls)
    return {
        "control_changes": controls[:, 1] - controls[:, 0],
        "mean_control_change": result.control_mean_change,
        "did": result.effect,
        "placebo": result.placebos,
        "p": result.p_value,
    }


@worked("its")
def _(inputs: Any) -> dict:
    series = impact.interrupted_series(numbers(inputs["y"]), inputs["start"])
    return {
        "intercept": series.intercept,
        "pre_slope": series.pre_slope,
        "level_change": series.level_change,
        "slope_change": series.slope_change,
        "ols_se_level": series.level_se,
        "durbin_watson": series.durbin_watson,
        "effect_at_last_week": series.effect_at_last,
        "counterfactual_last_week": series.counterfactual_at_last,
    }


@worked("deflection")
def _(inputs: Any) -> dict:
    found = impact.deflection(tuple(inputs["before"]), tuple(inputs["after"]))
    hours, cost = inputs["minutes_per_ticket"] / 60, inputs["loaded_cost_usd_per_hour"]
    value = impact.capacity_value(
        found.avoided, found.avoided_interval, (hours,) * 3, (float(cost),) * 3
    )
    return {
        "rate_before": found.rate_before,
        "rate_after": found.rate_after,
        "rate_ratio": found.rate_after / found.rate_before,
        "diff": found.difference,
        "diff_ci95": found.difference_interval,
        "tickets_avoided": found.avoided,
        "tickets_avoided_ci95": found.avoided_interval,
        "minutes_per_ticket": inputs["minutes_per_ticket"],
        "usd": value.point,
        "usd_ci95": [value.low, value.high],
    }


@worked("dispersion")
@worked("dispersion_over")
def _(inputs: Any) -> dict:
    counts = numbers(inputs["counts"])
    return {"phi": rates.dispersion(counts), "factor": rates.widening_of_counts(counts)}


@worked("value")
def _(inputs: Any) -> dict:
    hours, cost = inputs["hours_saved"], inputs["cost"]
    value = impact.capacity_value(
        hours["point"],
        Interval(*hours["ci95"]),
        (float(inputs["tasks"]),) * 3,
        (cost["point"], *cost["range"]),
    )
    return {"point": value.point, "low": value.low, "high": value.high}


@worked("volume_bounds")
def _(inputs: Any) -> dict:
    volume = volumes.expected_volume(numbers(inputs["history"]), inputs["alpha"])
    return {
        "mean": volume.mean,
        "var": volume.variance,
        "predictive_lower": volume.lower,
        "predictive_upper": volume.upper,
        "p_zero": volume.p_zero,
    }


@worked("volume_bounds_nb")
def _(inputs: Any) -> dict:
    volume = volumes.expected_volume(numbers(inputs["history"]), inputs["alpha"])
    return {
        "mean": volume.mean,
        "var": volume.variance,
        "size": volume.size,
        "lower": volume.lower,
        "upper": volume.upper,
        "p_zero": volume.p_zero,
    }


@worked("silence")
def _(inputs: Any) -> dict:
    return {rate: volumes.silence_horizon_days(rate, inputs["alpha"]) for rate in inputs["lam"]}


@worked("heaping")
def _(inputs: Any) -> dict:
    index, p = volumes.heaping(inputs["n"], inputs["on_minute_zero"])
    return {"expected": inputs["on_minute_zero"] / index, "index": index, "p": p}


@worked("manski")
def _(inputs: Any) -> dict:
    low, high = bounds.missing_finish_bounds(inputs["met"], inputs["matched"], inputs["mature"])
    matched_only = inputs["met"] / inputs["matched"]
    return {"matched_only": matched_only, "lower": low, "upper": high, "width": high - low}


@worked("denominator")
def _(inputs: Any) -> dict:
    ratio, p, collapse = volumes.is_denominator_collapsed(numbers(inputs["history"]), inputs["now"])
    return {"ratio": ratio, "p_lower": p, "collapse": collapse}
