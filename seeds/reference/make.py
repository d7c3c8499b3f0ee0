"""Write the reference tables that SQL looks up because no engine computes them.

Run `python seeds/reference/make.py`; `tests/unit/test_reference_tables.py` compares the files
with SciPy.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from scipy.stats import binom, chi2, t

HERE = Path(__file__).parent
MAX_COUNT = 500
"""Largest event count with an exact interval; beyond, SQL takes Byar's approximation."""
MAX_DEGREES = 1000
"""Beyond, the last row serves: its quantile is at most 0.2 % too large."""
CONFIDENCE_LEVELS = (0.9, 0.95)
STATISTICS = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
MAX_ITEMS = 200
"""Largest number of items with exact ranks; beyond, SQL takes the normal approximation."""


def t_quantiles() -> Iterable[tuple[int, float, float]]:
    """Yield (degrees of freedom, two-sided confidence level, quantile of Student's t)."""
    for degrees in range(1, MAX_DEGREES + 1):
        for level in CONFIDENCE_LEVELS:
            yield degrees, level, float(t.ppf((1 + level) / 2, degrees))


def poisson_limits() -> Iterable[tuple[int, float, float, float]]:
    """Yield (count, two-sided confidence level, lower, upper limit of the mean) by Garwood."""
    for count in range(MAX_COUNT + 1):
        for level in CONFIDENCE_LEVELS:
            tail = (1 - level) / 2
            lower = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
            yield count, level, lower, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def quantile_ranks() -> Iterable[tuple[str, int, int, int]]:
    """Yield (statistic, items, lower, upper rank) of the 95 % interval of a quantile.

    Each rank leaves at most 2.5 % outside; too few items have no such pair and no row.
    """
    for statistic, share in STATISTICS.items():
        for count in range(1, MAX_ITEMS + 1):
            items = binom(count, share)
            lower = int(items.ppf(0.025))
            lower -= bool(lower and items.cdf(lower - 1) > 0.025)
            upper = int(items.isf(0.025)) + 1
            if lower >= 1 and upper <= count:
                yield statistic, count, lower, upper


def write(name: str, header: list[str], rows: Iterable[tuple[float | str, ...]]) -> None:
    """Write one table as CSV, numbers with 12 significant digits."""
    with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_text(value) for value in row] for row in rows)


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def main() -> None:
    """Write the tables beside this file."""
    write("ref_t_quantile", ["degrees_of_freedom", "confidence_level", "quantile"], t_quantiles())
    write(
        "ref_poisson_limits",
        ["event_count", "confidence_level", "lower_limit", "upper_limit"],
        poisson_limits(),
    )
    write(
        "ref_quantile_ranks",
        ["statistic", "item_count", "lower_rank", "upper_rank"],
        quantile_ranks(),
    )


if __name__ == "__main__":
    main()
