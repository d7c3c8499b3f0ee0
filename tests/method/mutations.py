"""One deliberate mistake per worked case, which the case has to notice."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from tests.method.models import altered


class Mistake(NamedTuple):
    """Text of the product that is replaced: of a module, or of models where it names none."""

    module: str | None
    old: str
    new: str


METHOD = "orchestration.method."
JUDGE = "orchestration.defs.judge."


def sql(old: str, new: str) -> Mistake:
    return Mistake(None, old, new)


def charts(old: str, new: str) -> Mistake:
    return Mistake(METHOD + "charts", old, new)


def formula(module: str, old: str, new: str) -> Mistake:
    return Mistake(METHOD + module, old, new)


MISTAKES: dict[str, Mistake] = {
    "xmr_constants": charts("LIMIT = 2.660, 3.145", "LIMIT = 2.659, 3.145"),
    "xmr_limits": charts("SIGMA = 1.128379,", "SIGMA = 1.0,"),
    "xmr_limits_median": charts("MEDIAN_LIMIT if chart.is_median_variant else ", ""),
    "xmr_outlier_baseline": charts("centre=float(np.median(charted)),", "centre=chart.centre,"),
    "xmr_rules": sql("value > numbered.upper_limit", "value < numbered.upper_limit"),
    "xmr_run_on_centre": sql("where is_monitored and side <> 0", "where is_monitored"),
    "xmr_shift_segment": sql(
        "min(period_start_date) over run_so_far", "max(period_start_date) over run_so_far"
    ),
    "laney_p_prime": charts("rate * (1 - rate) if method", "rate if method"),
    "laney_u_prime": charts("np.sqrt(variance / denominators)", "np.sqrt(variance) / denominators"),
    "poisson_prob_limits": charts("TAIL = 0.00135, 0.99865", "TAIL = 0.025, 0.975"),
    "binom_prob_limits": charts("stats.binom(trials, rate)", "stats.poisson(trials * rate)"),
    "t_chart": formula("scales", "POWER = 3.6", "POWER = 2.0"),
    "xmr_log": formula("scales", "return np.exp(charted)", "return charted"),
    "anhoej": charts("np.round(np.log2(count))) + 3", "np.round(np.log2(count))) + 2"),
    "ar1_sigma": charts("float(np.sqrt(1 - min(r1, 0.7)))", "float(1 - min(r1, 0.7))"),
    "km_rmst": formula("durations", "(area_after**2 * terms)", "(area_after * terms)"),
    "cohort_attribution": sql(
        "least(coalesce(duration_us / 3600000000.0, tau_hours), tau_hours)",
        "duration_us / 3600000000.0",
    ),
    "working_hours": sql("where holidays.date is null", "where true"),
    "outage_union": sql("started_at > latest_end_before", "started_at >= latest_end_before"),
    "mtbf_bounds": formula("reliability", "2 * failures + 2", "2 * failures"),
    "rmst_diff": formula("durations", "after.variance + before.variance", "after.variance"),
    "sla": sql(" candidates.anchored_at <= candidates.observed_until_at", " true"),
    "well_packaged": sql("criterion_few_activities and criterion_coverage", "criterion_coverage"),
    "ratio_of_sums": sql("when measures.aggregate = 'sum' then", "when false then"),
    "mr_rate": formula("rates", "(sum(membership_days) / days_in_month)", "len(membership_days)"),
    "ripe_cohort": sql("ceil(counted.item_count / 2.0)", "ceil(counted.finished_count / 2.0)"),
    "laplace_trend": sql("sqrt(12.0 * outage_count)", "sqrt(outage_count)"),
    "competing": formula(
        "durations", "_at(durations[outcomes != OPEN]", "_at(durations[outcomes == FINISHED]"
    ),
    "proportion_ci": sql("* sqrt(", "* ("),
    "poisson_ci": sql("/ (3 * sqrt(", "/ (2 * sqrt("),
    "median_ci_ranks": formula("medians", "count + 1 - lower", "count - lower"),
    "duration_ci": sql("/ (2 * (log_count - 1))", "/ (log_count - 1)"),
    "duration_ci_bca": formula("means", "shifted / (1 - acceleration * shifted)", "shifted"),
    "newcombe_diff": formula(
        "intervals", "np.hypot(first - first_limits.low, ", "(first - first_limits.low + "
    ),
    "poisson_ratio": formula("rates", "count, total - count + 1)", "count, total - count)"),
    "suppression": sql("then 'few_people'", "then null"),
    "suppression_drop": sql(
        "coalesce(pairs.same_count, 0) >= least_people.least_people",
        "coalesce(pairs.same_count, 0) >= 0",
    ),
    "noninferiority": sql("when $high < $margin", "when $low < $margin"),
    "multiplicity": formula("multiplicity", " - np.arange(len(p_values))", ""),
    "ni_sample_size": formula("proportions", "2 * share * (1 - share)", "share * (1 - share)"),
    "verdicts": sql("$breached > 0 then 4", "$breached > 1 then 4"),
    "lmdi": formula("tree", "np.log(after / before)", "(after / before - 1)"),
    "shapley_zero": formula("tree", "previous = current.prod()", "previous = before.prod()"),
    "mix_rate": formula("tree", " - sum(totals) / 2", ""),
    "mix_entry": formula("tree", "means_before, means_after)", "0 * items_before, means_after)"),
    "lag_spearman": formula("drivers", "abs(_correlation(x, later))", "_correlation(x, later)"),
    "prewhiten": formula("drivers", "values[1:] - phi * values", "values[1:] - values"),
    "spurious_trend": formula("drivers", "(driver[: len(driver) - lag], ", "(driver[lag:], "),
    "did": formula("impact", "(changes.sum() - changes) / (count - 1)", "changes.mean()"),
    "its": formula("impact", "post * (time - start)", "post * time"),
    "deflection": formula("impact", "(rates[0] - rates[1]) * exposure", "before[0] - after[0]"),
    "dispersion": formula("rates", "ddof=1", "ddof=0"),
    "dispersion_over": formula("rates", "max(1.0, dispersion", "min(1.0, dispersion"),
    "value": formula("impact", "max(corners)", "corners[1]"),
    "duplicates": sql("reason = 'same_id'", "reason like 'same%'"),
    "volume_bounds": formula("volumes", " + 0.5, len(history)", ", len(history)"),
    "volume_bounds_nb": formula("volumes", "mean**2 / (variance - mean)", "mean**2 / variance"),
    "silence": formula("volumes", "np.ceil(", "np.floor("),
    "heaping": formula("volumes", "on_minute - 1, count", "on_minute, count"),
    "clock_skew": sql("percentile_cont(0.5) within group (order by lag_us)", "avg(lag_us)"),
    "missing_finish": Mistake(JUDGE + "instrument_pvalues", "binom.cdf(ended", "binom.pmf(ended"),
    "manski": formula("bounds", "met + mature - matched", "matched"),
    "denominator": formula("volumes", "nbinom.cdf(count", "nbinom.pmf(count"),
    "two_clocks": sql("percentile_disc(0.95)", "percentile_disc(0.9)"),
    "trust_source": Mistake(JUDGE + "trust", "severities, default=3", "severities, default=0"),
    "trust_metric": Mistake(
        JUDGE + "contributions", "is_required and share >= MINOR_SHARE", "is_required"
    ),
    "retention": sql("diagonals.week_end_at <= horizons.known_until_at", "true"),
    "growth_accounting": sql("in ('new', 'retained', 'resurrected')", "in ('new', 'retained')"),
    "sessions": sql("> 1800000000", ">= 1800000000"),
    "stickiness": sql("active_people * settings.working_days", "active_people * 7"),
    "activation": sql(
        "steps.occurred_at < windows.closes_at", "steps.occurred_at <= windows.closes_at"
    ),
    "funnel": sql(
        "touches.occurred_at < before.window_ends_at", "before.window_ends_at is not null"
    ),
    "dora": sql("arrivals.deployment_kind = 'hotfix'", "arrivals.deployment_kind = 'planned'"),
}


@contextmanager
def made(mistake: Mistake) -> Iterator[None]:
    """Make a mistake in the product, and mend it again."""
    if mistake.module is None:
        with altered(mistake.old, mistake.new):
            yield
        return
    module = importlib.import_module(mistake.module)
    source = inspect.getsource(module)
    assert source.count(mistake.old) == 1, f"{mistake.old!r} isn't there once"
    mistaken = ModuleType(mistake.module)
    exec(compile(source.replace(mistake.old, mistake.new), str(module.__file__), "exec"),
         mistaken.__dict__)  # fmt: skip
    mends = [mend for name in vars(mistaken) for mend in _swap(module, mistaken, name)]
    assert mends, "the mistake changed nothing"
    try:
        yield
    finally:
        for mend in mends:
            mend()


def _swap(module: ModuleType, mistaken: ModuleType, name: str) -> list[Callable[[], None]]:
    """Give functions the code and numbers the value that they have in the mistaken module.

    Whoever imported a function has the same object, so it errs for all.
    """
    old, new = getattr(module, name, None), getattr(mistaken, name)
    if isinstance(new, (int, float)) and not name.startswith("__") and old != new:
        setattr(module, name, new)
        return [lambda: setattr(module, name, old)]
    if inspect.isclass(new) and new.__module__ == module.__name__:
        members = [(vars(old).get(key), value) for key, value in vars(new).items()]
    else:
        members = [(old, new)]
    return [mend for pair in members for mend in _swap_code(*map(_function, pair))]


def _function(member: Any) -> Any:
    return member.fget if isinstance(member, property) else member


def _swap_code(old: Any, new: Any) -> list[Callable[[], None]]:
    if not isinstance(old, FunctionType) or not isinstance(new, FunctionType):
        return []
    if old.__code__ == new.__code__ or old.__module__ != new.__module__:
        return []
    code = old.__code__
    old.__code__ = new.__code__

    def mend() -> None:
        old.__code__ = code

    return [mend]
