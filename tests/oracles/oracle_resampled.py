"""The oracle's intervals of means that are resampled: of 30 finished times or more."""

from dataclasses import replace

from tests.oracles.oracle_grid import periods
from tests.oracles.oracle_metrics import PER_HOUR, Key, Oracle, Reading, time_of
from tests.oracles.oracle_times import BCA_LEAST, bca


def with_bca(oracle: Oracle, readings: dict[Key, Reading]) -> dict[Key, Reading]:
    """Return means of finished times with their intervals, by week and natural period."""
    found = {}
    for product, name in sorted(oracle.product_metrics):
        metric = oracle.metrics[name]
        if metric["kind"] != "duration":
            continue
        unit, cohorts = PER_HOUR.get(metric["unit"], 1.0), oracle.cohorts(product, metric)
        for period in periods(oracle.weeks(product, name)):
            key = (product, f"{name}_finished_mean", period.grain, period.start)
            is_wanted = period.grain in ("week", metric["natural_period"])
            if not is_wanted or key not in readings or readings[key].value is None:
                continue
            tasks = [task for week in period.weeks for task in cohorts.get(week, [])]
            times = [t * unit for t in (time_of(metric, task) for task in tasks) if t is not None]
            if len(times) >= BCA_LEAST:
                low, high = bca(times)
                found[key] = replace(readings[key], ci_low=low, ci_high=high)
    return found
