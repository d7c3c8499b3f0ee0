"""Two proofs of the benchmark itself: alone like in company, and at the time like in hindsight."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.guard.batches import Case, clean_case
from bench.guard.defects import DEFECTS
from bench.guard.jobs import Job, note_of, tables_of
from bench.guard.judge import Outcomes, named_checks, verdict
from bench.guard.pipeline import refreshed_at

ALONE = 10
REFRESHES = (1, 2, 4)
COMPARED = ("findings", "values")


def alone_jobs(cases: Sequence[Case]) -> list[Job]:
    """Return jobs of one case each, spread over the cases."""
    step = max(len(cases) // ALONE, 1)
    chosen = cases[step // 2 :: step][:ALONE]
    return [Job(f"alone-{number}", (case,)) for number, case in enumerate(chosen)]


def then_cases(seed: int) -> list[Case]:
    """Return the broken cases whose detection is looked at as of the refreshes themselves.

    Only defects that begin in the week of this seed take part: all, where that is the week of the
    defects that the calendar dates.
    """
    start = max(defect.start_week(seed) for defect in DEFECTS.values())
    names = [n for n, d in DEFECTS.items() if d.start_week(seed) == start and not d.unseen]
    return [Case(name, "middle", seed) for name in names]


def then_jobs(seed: int) -> list[Job]:
    """Return a job for each refresh after the start: all that has begun, as of then."""
    cases = then_cases(seed)
    start = DEFECTS[cases[0].defect].start_week(seed)
    everything = (clean_case(seed), *cases)
    return [
        Job(f"refresh-{refresh}", everything, refreshed_at(start + refresh - 1))
        for refresh in REFRESHES
    ]


def proofs(
    alone: Sequence[Job], seed: int, then: Sequence[Job], tables: dict[str, pd.DataFrame], out: Path
) -> list[str]:
    """Return both proofs in words, as lines of Markdown, from the jobs that are finished."""
    lines = []
    together = set(tables["sizes"]["product_id"])
    alone = [job for job in alone if note_of(job, out) and job.cases[0].product_id in together]
    if alone:
        different = [job.cases[0].product_id for job in alone if _differs(job, tables, out)]
        lines.append(
            f"- {len(alone)} scenarios run again alone: findings, grades and published values are "
            f"equal to the last digit in {len(alone) - len(different)}"
            + (f"; not in {', '.join(different)}." if different else ".")
        )
    then = [job for job in then if note_of(job, out)]
    if then and all(case.product_id in together for case in then[0].cases):
        lines.append(_told(seed, hindsight(seed, then, tables, out), len(then)))
    return lines or ["Not proven this time."]


def _differs(job: Job, tables: dict[str, pd.DataFrame], out: Path) -> bool:
    mine = tables_of([job], out)
    case = job.cases[0]
    return any(not _of(mine[name], case).equals(_of(tables[name], case)) for name in COMPARED)


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
    refresh: int
    late: bool
    """By a run after the last week: named by this refresh."""
    then: bool
    """By the runs at the refreshes themselves."""


def hindsight(
    seed: int, jobs: Sequence[Job], tables: dict[str, pd.DataFrame], out: Path
) -> list[Hindsight]:
    """Compare what the run after the last week says of each refresh with runs at the time."""
    cases = then_cases(seed)
    late = Outcomes(tables)
    named = {case: verdict(case, late).named for case in cases}
    compared, seen = [], dict.fromkeys(cases, False)
    for job in jobs:
        refresh = int(job.name.rsplit("-", 1)[1])
        then = Outcomes(tables_of([job], out))
        for case in cases:
            start = DEFECTS[case.defect].start_week(seed)
            found = then.new_findings(case)
            found = named_checks(found[found["week"] < start + refresh])
            seen[case] |= bool(found["check_id"].isin(DEFECTS[case.defect].checks).any())
            compared.append(Hindsight(case, refresh, named[case] <= refresh, seen[case]))
    return compared


def _told(seed: int, compared: Sequence[Hindsight], refresh_count: int) -> str:
    disagree = [c for c in compared if c.late != c.then]
    names = ", ".join(f"{c.case.defect} ({c.refresh})" for c in disagree)
    early = sum(c.late for c in disagree)
    refreshes = ", ".join(str(r) for r in dict.fromkeys(c.refresh for c in compared))
    return (
        "- What was found when is read from one run after the last week. Runs at the refreshes "
        f"{refreshes} weeks after the start (seed {seed}, {len(compared) // refresh_count} defects "
        f"at middle severity) agree in {len(compared) - len(disagree)} of {len(compared)} cases"
        + (f"; the late run is ahead in {early}, behind in the others: {names}." if names else ".")
    )
