"""Proofs of the benchmark itself: alone like in company, at the time like later, on any day."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mode

import pandas as pd

from bench.guard.batches import Case, clean_case
from bench.guard.defects import DEFECTS
from bench.guard.events import DAY, HOUR
from bench.guard.jobs import Job, note_of, tables_of
from bench.guard.judge import Outcomes, named_checks, verdict
from bench.guard.pipeline import refreshed_at

ALONE = 10
REFRESHES = (1, 2, 4)
DAY_REFRESH = 2
DAYS = {"Monday": 6 * HOUR, "Thursday": 3 * DAY + 6 * HOUR}
"""After the end of a week; the refreshes themselves are on Tuesday."""
COMPARED = ("findings", "values")
FINDING = ["product_id", "source", "event_type", "week", "check_id"]
GRADED = ["product_id", "metric_id", "week"]


def alone_jobs(cases: Sequence[Case]) -> list[Job]:
    """Return jobs of one case each, spread over the cases."""
    step = max(len(cases) // ALONE, 1)
    chosen = cases[step // 2 :: step][:ALONE]
    return [Job(f"alone-{number}", (case,)) for number, case in enumerate(chosen)]


def then_cases(seed: int) -> list[Case]:
    """Return the broken cases whose detection is looked at as of the refreshes themselves.

    Those that begin in the week in which most do: all but such as the calendar dates, unless that
    is the same week.
    """
    start = mode(defect.start_week(seed) for defect in DEFECTS.values())
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


def day_jobs(seed: int) -> list[Job]:
    """Return the refresh of DAY_REFRESH weeks after the start on other days of that week."""
    cases = then_cases(seed)
    week = DEFECTS[cases[0].defect].start_week(seed) + DAY_REFRESH - 1
    return [
        Job(f"day-{day}", (clean_case(seed), *cases), refreshed_at(week, after))
        for day, after in DAYS.items()
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
    lines += _other_days(seed, out) if then else []
    return lines or ["Not proven this time."]


def _other_days(seed: int, out: Path) -> list[str]:
    """Return what refreshes on other days of a week find and withhold beside Tuesday's."""
    usual = next(job for job in then_jobs(seed) if job.name == f"refresh-{DAY_REFRESH}")
    others = [job for job in day_jobs(seed) if note_of(job, out)]
    if not others or not note_of(usual, out):
        return []
    last = DEFECTS[usual.cases[-1].defect].start_week(seed) + DAY_REFRESH - 1
    tuesday, lines = _shown(usual, last, out), []
    for job in others:
        mine = _shown(job, last, out)
        parts = [
            f"of {noun} of {when} {_agreement(mine[name], tuesday[name], is_last, last)}"
            for is_last, when in ((False, "earlier weeks"), (True, "the week that just ended"))
            for name, noun in (("findings", "findings"), ("values", "metric-weeks of grade C or D"))
        ]
        lines.append(
            f"- Refreshed on {job.name.removeprefix('day-')} at six instead of Tuesday at six, "
            f"{DAY_REFRESH} weeks after the start, the same {len(job.cases)} scenarios: "
            + "; ".join(parts)
            + "."
        )
    return lines


def _shown(job: Job, last: int, out: Path) -> dict[str, pd.Series]:
    """Return severities of findings and grades C and D of a run up to a week, by what they mean."""
    tables = tables_of([job], out)
    findings = tables["findings"].copy()
    split = findings["source_id"].str.rsplit("-", n=1)
    findings["product_id"], findings["source"] = split.str[0], split.str[1]
    values = tables["values"]
    lost = values[(values["trust_grade"] >= "C") & (values["week"] <= last)]
    worst = findings[findings["week"] <= last].groupby(FINDING)["severity"].max()
    return {"findings": worst, "values": lost.set_index(GRADED)["trust_grade"]}


def _agreement(mine: pd.Series, usual: pd.Series, is_last: bool, last: int) -> str:
    """Return in words how many of Tuesday's are the same."""
    mine, usual = (
        one[(one.index.get_level_values("week") == last) == is_last] for one in (mine, usual)
    )
    shared = mine.index.intersection(usual.index)
    same = int((mine[shared].to_numpy() == usual[shared].to_numpy()).sum())
    missing, more = len(usual) - len(shared), len(mine) - len(shared)
    said = f"{same} of {len(usual)} are the same"
    other = {"otherwise graded": len(shared) - same, "missing": missing, "more": more}
    return said + "".join(f", {count} {name}" for name, count in other.items() if count)


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
