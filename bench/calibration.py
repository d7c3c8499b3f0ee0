"""Write `docs/calibration.md`: what the product's formulas do on data whose truth is known.

Run `python -m bench.calibration`; a few minutes. Equal code gives equal tables: each cell has a
seed of its own.
"""

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bench import balances, chart_rules, coverage
from bench.chart_rules import BASELINES, CORRELATIONS, FOUND_WITHIN, SHIFTS, WATCHED
from orchestration.defs.judge.comparisons import PERIODS

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
READINGS = Path(__file__).parent / "readings.md"
SEED = 20_240_101
SERIES_ERROR, INTERVAL_ERROR = 0.03, 0.015
"""Monte-Carlo error of the method's own tables: as it says itself, and as 2,000 draws have."""


def generator(*cell: object) -> np.random.Generator:
    """Return the random numbers of one cell, the same in every run."""
    return np.random.default_rng([SEED, zlib.crc32(repr(cell).encode())])


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(header), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def compared(found: float | None, theirs: float | None, replications: int, error: float) -> str:
    """Return a figure, the method's beside it, and a star where they differ beyond chance."""
    if found is None:
        return "-"
    if theirs is None:
        return f"{found:.3f}"
    own_error = 3 * np.sqrt(theirs * (1 - theirs) / replications)
    star = "*" if abs(found - theirs) > own_error + error else ""
    return f"{found:.3f} ({theirs:g}){star}"


def coverage_table() -> str:
    rows = []
    for name, nominal, replications, covered in coverage.INTERVALS:
        theirs = coverage.METHOD.get(name, {})
        cells = [
            compared(covered(n, generator(name, n)), theirs.get(n), replications, INTERVAL_ERROR)
            for n in coverage.SIZES
        ]
        rows.append([name, f"{nominal:.2f}", f"{replications:,}", *cells])
    return table(["interval", "nominal", "draws", *(f"n = {n}" for n in coverage.SIZES)], rows)


def chart_table(is_plain: bool) -> str:
    """Return alarm rates by baseline, lag-one correlation and shift."""
    rows = []
    for baseline in BASELINES:
        for correlation in CORRELATIONS:
            rng = generator("chart", baseline, correlation)
            series = chart_rules.simulate(baseline + WATCHED, correlation, rng)
            fitted = chart_rules.fit(series[:, :baseline], is_plain)
            for shift in SHIFTS:
                alarms = chart_rules.watch(series[:, baseline:] + shift, fitted)
                found = chart_rules.rates(alarms, baseline, shift, rng)
                theirs = chart_rules.published(baseline, correlation, shift) if is_plain else {}
                rows.append(
                    [str(baseline), f"{correlation:g}", f"{shift:g}"]
                    + [
                        compared(
                            found[rule],
                            theirs.get(rule),
                            chart_rules.REPLICATIONS,
                            SERIES_ERROR,
                        )
                        for rule in chart_rules.RULES
                    ]
                )
    return table(["baseline", "r1", "shift", *chart_rules.RULES], rows)


def comparison_table() -> str:
    """Return how often the comparison of eight weeks alarms on stable series, and on shifted."""
    rows = []
    for baseline in BASELINES:
        for correlation in CORRELATIONS:
            rng = generator("comparison", baseline, correlation)
            series = chart_rules.simulate(baseline + PERIODS, correlation, rng)
            fitted = chart_rules.fit(series[:, :baseline], is_plain=False)
            cells = []
            for shift in SHIFTS:
                shifted = series + np.where(np.arange(series.shape[1]) < baseline, 0, shift)
                p_values = chart_rules.comparison_p_values(shifted, fitted)
                cells.append(np.mean(p_values <= 0.05))
            rows.append([str(baseline), f"{correlation:g}", *(f"{cell:.3f}" for cell in cells)])
    return table(["baseline", "r1", *(f"shift {shift:g}" for shift in SHIFTS)], rows)


def balance_table() -> str:
    rows = []
    for name, size, margin, simulate in balances.CELLS:
        rng = generator("balance", name)
        same, worse = simulate(size, margin, 0.0, rng), simulate(size, margin, margin, rng)
        cells = [np.mean(same == "breached"), np.mean(same == "held")]
        cells += [np.mean(worse == "held"), np.mean(worse == "breached")]
        rows.append([name, *(f"{cell:.3f}" for cell in cells)])
    header = ["balance", "false breached", "held, nothing worse", "false held", "breached, worse"]
    return table(header, rows)


def looks_table() -> str:
    found = balances.weekly_looks(60, 0.05, generator("looks"))
    return table(
        ["looks", *(str(looks) for looks in found)],
        [["false held in any", *(f"{share:.3f}" for share in found.values())]],
    )


def main() -> None:
    """Write the page."""
    parts = {
        "coverage": coverage_table(),
        "plain": chart_table(is_plain=True),
        "product": chart_table(is_plain=False),
        "comparisons": comparison_table(),
        "balances": balance_table(),
        "looks": looks_table(),
        "draws": f"{chart_rules.REPLICATIONS:,}",
        "balance_draws": f"{balances.REPLICATIONS:,}",
        "watched": str(WATCHED),
        "found_within": str(FOUND_WITHIN),
        "seed": str(SEED),
    }
    text = READINGS.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"{{{{ {name} }}}}", part.rstrip("\n"))
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(PAGE.parents[1])}")


if __name__ == "__main__":
    main()
