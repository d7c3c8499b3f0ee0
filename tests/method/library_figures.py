"""Write what lifelines and reliability compute on drawn inputs, for tests that run without them.

Run `python -m tests.method.library_figures` in an environment with `pip install -e .[reference]`:
lifelines holds pandas below 3, so these libraries can't stand beside the locked ones. The file
keeps inputs, figures and the libraries' versions.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FIGURES = Path(__file__).with_name("library_figures.json")
SEED = 20_240_101
TAU = 12.0
AGES = (2.0, 5.0, 11.0)
HOURS, CONFIDENCE, FAILURES = 154, 0.95, (0, 1, 3, 12)


def drawn_tasks(rng: np.random.Generator, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return times in days, and which of them are over; whole days, so that there are ties."""
    times, followed = rng.exponential(8, count), rng.uniform(4, 20, count)
    is_finished = times <= followed
    return np.ceil(np.minimum(times, followed)), is_finished


def survival() -> dict[str, Any]:
    """Return restricted mean and median of tasks of which some are open."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    times, is_finished = drawn_tasks(np.random.default_rng(SEED))
    fitted = KaplanMeierFitter().fit(times, is_finished)
    return {
        "times": times.tolist(),
        "is_finished": is_finished.tolist(),
        "tau": TAU,
        "restricted_mean": float(restricted_mean_survival_time(fitted, t=TAU)),
        "median": float(fitted.median_survival_time_),
    }


def competing_ends() -> dict[str, Any]:
    """Return the share that finished by each age; others were cancelled (2) or are open (0)."""
    from lifelines import AalenJohansenFitter

    rng = np.random.default_rng(SEED)
    # lifelines shakes ties, so there are none
    times, outcomes = rng.exponential(8, 80), rng.integers(0, 3, 80)
    fitted = AalenJohansenFitter(calculate_variance=False).fit(times, outcomes, event_of_interest=1)
    shares = fitted.cumulative_density_
    return {
        "times": times.tolist(),
        "outcomes": outcomes.tolist(),
        "ages": list(AGES),
        "finished_by": [float(shares[shares.index <= age].iloc[-1, 0]) for age in AGES],
    }


def least_time_between_failures() -> dict[str, Any]:
    """Return the one-sided lower bound by number of failures."""
    from reliability.Reliability_testing import reliability_test_planner

    bounds = [
        reliability_test_planner(
            test_duration=HOURS, CI=CONFIDENCE, number_of_failures=count, print_results=False
        ).MTBF
        for count in FAILURES
    ]
    return {
        "hours": HOURS,
        "confidence": CONFIDENCE,
        "failures": list(FAILURES),
        "lower": [float(bound) for bound in bounds],
    }


def main() -> None:
    """Write the file beside this one."""
    libraries = ("lifelines", "reliability", "pandas", "numpy", "scipy")
    figures = {
        "versions": {name: version(name) for name in libraries},
        "survival": survival(),
        "competing_ends": competing_ends(),
        "least_time_between_failures": least_time_between_failures(),
    }
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
