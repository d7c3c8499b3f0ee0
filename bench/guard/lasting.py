"""Defects that last: which grades the metrics made wrong have when nobody mends anything.

A check that holds a source against its own past takes what lasts for the past in the end. The
other scenarios end too early for that.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.guard.batches import Case, clean_case
from bench.guard.defects import DEFECTS
from bench.guard.defects.kind import LASTING, LASTING_START
from bench.guard.events import WEEKS
from bench.guard.jobs import Job, note_of, tables_of
from bench.guard.judge import Outcomes, is_wrong

SEED_COUNT = 3
NAMES = (
    "denominator_collapse", "sampling_switched_on", "heaping", "zero_durations", "reordered_steps",
    "lost_starts",
)  # fmt: skip
"""Of these the last is found by the events themselves, without a past."""
SPAN = 8


def lasting_job(first: int) -> Job:
    """Return one batch of defects at middle severity that begin long before the end."""
    seeds = range(first, first + SEED_COUNT)
    broken = [Case(name, LASTING, seed) for name in NAMES for seed in seeds]
    return Job("lasting", (*(clean_case(seed) for seed in seeds), *broken))


def told(job: Job, out: Path) -> list[str]:
    """Return a table of grades by weeks since the start, nothing if the job isn't finished."""
    return _table(job.cases, Outcomes(tables_of([job], out))) if note_of(job, out) else []


def _table(cases: Sequence[Case], outcomes: Outcomes) -> list[str]:
    spans = range(0, WEEKS - LASTING_START, SPAN)
    lines = [
        "\n## What lasts\n",
        f"{SEED_COUNT} scenarios of each defect at middle severity, begun in week {LASTING_START} "
        f"of {WEEKS} and never mended: grades of the metric-weeks whose value is wrong, by weeks "
        "since the start.\n",
        "| Defect | " + " | ".join(f"{span + 1} to {span + SPAN}" for span in spans) + " |",
        "|---|" + "---|" * len(spans),
    ]
    for name in NAMES:
        compared = [outcomes.compared(case) for case in cases if case.defect == name]
        wrong = pd.concat([values[is_wrong(values)] for values in compared])
        since = wrong["week"] - LASTING_START
        cells = [_grades(wrong[since.between(span, span + SPAN - 1)]) for span in spans]
        lines.append(f"| {DEFECTS[name].title} | {' | '.join(cells)} |")
    return lines


def _grades(wrong: pd.DataFrame) -> str:
    counts = Counter(wrong["trust_grade"])
    said = [f"{grade} {counts[grade] / len(wrong):.0%}" for grade in "ABCD" if counts[grade]]
    return ", ".join(said).replace("%", " %") or "-"
