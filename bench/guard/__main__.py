"""Run the benchmark and write its report: `python -m bench.guard --help`."""

import argparse
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.guard import report, truth
from bench.guard.batches import CLEAN, Case, clean_case
from bench.guard.defects import DEFECTS, SEVERITIES
from bench.guard.document import Setting, document
from bench.guard.events import WEEKS
from bench.guard.jobs import Job, code_digest, note_of, run_all, tables_of
from bench.guard.judge import Outcomes, verdict
from bench.guard.lasting import lasting_job, told
from bench.guard.verify import alone_jobs, day_jobs, proofs, then_jobs

TUNING_SEED, REPORTED_SEED = 1_000, 8_000
"""First of the seeds by which checks are tuned, and of those that are reported: never the same."""
EARLIER_SEEDS = (5_000, 7_199)
"""Of earlier reports, by which checks were changed as well: never reported again."""
MOST_SEEDS = EARLIER_SEEDS[0] - TUNING_SEED
PROOF_SEED_OFFSET = 3
"""The first seed on whose scenarios all defects begin in one week is so far from the first."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for and isn't finished, and write the tables of all that is."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    first = TUNING_SEED if options.tuning else REPORTED_SEED
    clean_count = max(options.clean, options.seeds)
    assert clean_count <= MOST_SEEDS
    sound = [clean_case(seed) for seed in range(first, first + clean_count)]
    planned = [*sound, *_broken(options, first)]
    batches = _batches(planned, options)
    alone, then = _proof_jobs(options, first, planned)
    if not options.finished_only:
        early = [job for job in batches if any(_is_early(case) for case in job.cases)]
        days = day_jobs(first + PROOF_SEED_OFFSET) if then else []
        lasts = [lasting_job(first)] if then else []
        order = [
            *early,
            *alone,
            *then,
            *days,
            *lasts,
            *(job for job in batches if job not in early),
        ]
        run_all(order, options.out, options.processes)
    notes = {job: note_of(job, options.out) for job in [*batches, *alone, *then]}
    finished = [job for job in batches if notes[job]]
    if not finished:
        raise SystemExit("Nothing is finished that this code has run.")
    cases = [case for job in finished for case in job.cases]
    tables = tables_of(finished, options.out)
    outcomes = Outcomes(tables)
    twins = {case.seed for case in cases if case.defect == CLEAN}
    sound = [case for case in cases if case.defect == CLEAN]
    verdicts = [
        verdict(case, outcomes) for case in cases if case.defect != CLEAN and case.seed in twins
    ]
    setting = Setting(
        first_seed=first,
        last_seed=first + clean_count - 1,
        tuned_from=TUNING_SEED,
        tuned_to=EARLIER_SEEDS[0] - 1,
        earlier_seeds=EARLIER_SEEDS,
        batch_size=options.batch,
        batch_count=len(finished),
        event_count=int(tables["sizes"]["event_count"].sum()),
        weeks=WEEKS,
        planned_count=len(planned),
        code=code_digest(),
        commits=tuple(sorted({note["commit"] for note in notes.values() if note})),
        repeated_count=sum(note["attempt"] > 1 for note in notes.values() if note),
    )
    proven = proofs(alone, first + PROOF_SEED_OFFSET, then, tables, options.out)
    if outcomes.values:
        proven += truth.agreement(
            outcomes.values, [case.seed for case in sound][: truth.SEED_COUNT]
        )
    options.report.parent.mkdir(parents=True, exist_ok=True)
    lasting = told(lasting_job(first), options.out)
    page = document(setting, verdicts, sound, outcomes, proven, lasting)
    options.report.write_text(page, encoding="utf-8")
    if options.misses:
        missed = report.misses(verdicts, outcomes, sound)
        options.misses.write_text("\n".join(missed) + "\n", encoding="utf-8")
    print("\n".join(report.aims(verdicts, report.counted(sound, outcomes))))


def _broken(options: argparse.Namespace, first: int) -> list[Case]:
    """Return the broken scenarios, the middle severity first: the aims are about it."""
    severities = sorted(options.severities, key=lambda severity: severity != "middle")
    groups = [severities[:1], severities[1:]] if "middle" in severities else [severities]
    return [
        Case(name, severity, seed)
        for group in groups
        for seed in range(first, first + options.seeds)
        for name in options.defects
        for severity in group
    ]


def _batches(planned: Sequence[Case], options: argparse.Namespace) -> list[Job]:
    """Return the planned cases in batches."""
    return [
        Job(
            f"batch-{number:03d}",
            tuple(planned[first : first + options.batch]),
            has_values=not options.findings_only,
        )
        for number, first in enumerate(range(0, len(planned), options.batch))
    ]


def _is_early(case: Case) -> bool:
    return case.severity in ("none", "middle")


def _proof_jobs(
    options: argparse.Namespace, first: int, planned: Sequence[Case]
) -> tuple[list[Job], list[Job]]:
    """Return the jobs of the two proofs, about cases that are run early."""
    if not options.proofs or options.findings_only:
        return [], []
    has_all = (
        options.seeds > PROOF_SEED_OFFSET
        and "middle" in options.severities
        and set(options.defects) == set(DEFECTS)
    )
    then = then_jobs(first + PROOF_SEED_OFFSET) if has_all else []
    return alone_jobs([case for case in planned if _is_early(case)]), then


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("workspace/guard-benchmark"),
        help="folder for finished batches: what lies there isn't run again",
    )
    parser.add_argument("--report", type=Path, default=Path("docs/guard-benchmark.md"))
    parser.add_argument("--misses", type=Path, help="write what was missed and what cried")
    parser.add_argument("--seeds", type=int, default=20, help="of each defect and severity")
    parser.add_argument("--clean", type=int, default=200, help="clean scenarios")
    parser.add_argument("--batch", type=int, default=121, help="scenarios in one run")
    parser.add_argument(
        "--findings-only", action="store_true", help="compute no metrics, which is quicker"
    )
    parser.add_argument(
        "--finished-only", action="store_true", help="run nothing, report what has been run"
    )
    parser.add_argument("--processes", type=int, default=2, help="that run batches at once")
    parser.add_argument("--tuning", action="store_true", help="take the seeds for tuning")
    parser.add_argument("--no-proofs", dest="proofs", action="store_false")
    parser.add_argument("--severities", type=_names(SEVERITIES), default=SEVERITIES)
    parser.add_argument("--defects", type=_names(tuple(DEFECTS)), default=tuple(DEFECTS))
    return parser


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return names

    return parse


if __name__ == "__main__":
    main()
