"""Two proofs of the benchmark itself: alone like in company, and at the time like in hindsight."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.guard.batches import Case, clean_case, run_batch
from bench.guard.defects import DEFECTS
from bench.guard.judge import Outcomes, named_checks, verdict
from bench.guard.pipeline import refreshed_at

REFRESHES = (1, 2, 4)
COMPARED = ("findings", "values")


def differs_alone(cases: Sequence[Case], tables: dict[str, pd.DataFrame], home: Path) -> list[str]:
    """Run each case by itself and return the products whose results aren't those of the batch.

    Findings, grades and published values are compared to the last digit.
    """
    different = []
    for case in cases:
        alone = run_batch([case], home)
        for name in COMPARED:
            mine, theirs = (_of(table[name], case) for table in (alone, tables))
            if not mine.equals(theirs):
                different.append(f"{case.product_id} {name}")
    return different


def _of(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return a product's rows in one order, its own name apart."""
    if "source_id" in table.columns:
        rows = table[table["source_id"].str.startswith(f"{case.product_id}-")]
    else:
        rows = table[table["product_id"].eq(case.product_id)]
    columns = [c for c in rows.columns if c not in ("product_id", "source")]
    return rows[columns].sort_values(columns[:4], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Hindsight:
    """Whether runs at the time named the right check when a late run says that they did."""

    case: Case
    refreshes: int
    late: bool
    """By a run after the last week: named by this refresh."""
    then: bool
    """By the runs at the refreshes themselves."""


def proofs(seed: int, alone: Sequence[Case], tables: dict[str, pd.DataFrame], home: Path) -> list:
    """Return both proofs in words, as lines of Markdown."""
    different = differs_alone(alone, tables, home)
    compared = hindsight(seed, home)
    disagree = [c for c in compared if c.late != c.then]
    names = ", ".join(f"{c.case.defect} ({c.refreshes})" for c in disagree)
    early = sum(c.late for c in disagree)
    return [
        f"- {len(alone)} scenarios run again alone: findings, grades and published values are "
        f"equal to the last digit in {len(alone) - len({d.split()[0] for d in different})}.",
        f"- What was found when is read from one run after the last week. Runs at the refreshes "
        f"1, 2 and 4 weeks after the start (seed {seed}, {len(compared) // len(REFRESHES)} "
        f"defects) agree in {len(compared) - len(disagree)} of {len(compared)} cases"
        + (f"; the late run is ahead in {early}, behind in the others: {names}." if names else "."),
    ]


def hindsight(seed: int, home: Path, severity: str = "middle") -> list[Hindsight]:
    """Compare what a late run says of each week with runs at the time, for one seed.

    Only defects that begin in the week of this seed take part: all, where that is the week of the
    defects that the calendar dates.
    """
    start = max(defect.start_week(seed) for defect in DEFECTS.values())
    names = [n for n, d in DEFECTS.items() if d.start_week(seed) == start and not d.unseen]
    cases = [Case(name, severity, seed) for name in names]
    everything = [clean_case(seed), *cases]
    late = Outcomes(run_batch(everything, home, has_values=False))
    named = {case: verdict(case, late).named for case in cases}
    compared, seen = [], dict.fromkeys(cases, False)
    for refresh in REFRESHES:
        as_of_at = refreshed_at(start + refresh - 1)
        then = Outcomes(run_batch(everything, home, as_of_at, has_values=False))
        for case in cases:
            found = then.new_findings(case)
            found = named_checks(found[found["week"] < start + refresh])
            seen[case] |= bool(found["check_id"].isin(DEFECTS[case.defect].checks).any())
            compared.append(Hindsight(case, refresh, named[case] <= refresh, seen[case]))
    return compared
