"""Run the benchmark and write its report: `python -m bench.guard --help`."""

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from bench.guard import report
from bench.guard.batches import CLEAN, Case, clean_case, run_all
from bench.guard.defects import DEFECTS, SEVERITIES
from bench.guard.document import Setting, document
from bench.guard.events import WEEKS
from bench.guard.judge import Outcomes, verdict
from bench.guard.verify import proofs

TUNING_SEED, REPORTED_SEED = 1_000, 5_000
"""First of the seeds by which checks are tuned, and of those that are reported: never the same."""
MOST_SEEDS = REPORTED_SEED - TUNING_SEED
PROOF_SEED_OFFSET = 3
"""The first seed on whose scenarios all defects begin in one week is so far from the first."""
ALONE = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for and write the tables."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    first = TUNING_SEED if options.tuning else REPORTED_SEED
    clean_count = max(options.clean, options.seeds)
    assert clean_count <= MOST_SEEDS
    sound = [clean_case(seed) for seed in range(first, first + clean_count)]
    cases = [*sound, *_broken(options, first)]
    planned_count = len(cases)
    share = (0, 0) if options.finished_only else options.share
    tables = run_all(cases, options.out, options.batch, not options.findings_only, share)
    finished = set(tables["sizes"]["product_id"])
    cases = [case for case in cases if case.product_id in finished]
    sound = [case for case in cases if case.defect == CLEAN]
    broken = [case for case in cases if case.defect != CLEAN]
    proven = _proofs(options, first, cases, tables) if options.proofs else ["Not proven this time."]
    outcomes = Outcomes(tables)
    verdicts = [verdict(case, outcomes) for case in broken]
    setting = Setting(
        first_seed=first,
        last_seed=first + clean_count - 1,
        tuned_from=TUNING_SEED,
        batch_size=options.batch,
        batch_count=-(-len(cases) // options.batch),
        event_count=int(tables["sizes"]["event_count"].sum()),
        weeks=WEEKS,
        planned_count=planned_count,
    )
    options.report.parent.mkdir(parents=True, exist_ok=True)
    page = document(setting, verdicts, sound, outcomes, proven)
    options.report.write_text(page, encoding="utf-8")
    if options.misses:
        missed = report.misses(verdicts, outcomes, sound)
        options.misses.write_text("\n".join(missed) + "\n", encoding="utf-8")
    counts = report.counted(sound, outcomes)
    print("\n".join([*report.aims(verdicts, counts), "", *report.main_table(verdicts)]))


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


def _proofs(
    options: argparse.Namespace, first: int, cases: Sequence[Case], tables: dict[str, pd.DataFrame]
) -> list[str]:
    """Return the proofs of the benchmark, made once for a folder."""
    kept = options.out / "proofs.json"
    if not kept.is_file():
        step = max(len(cases) // ALONE, 1)
        alone = cases[step // 2 :: step][:ALONE]
        lines = proofs(first + PROOF_SEED_OFFSET, alone, tables, options.out / "workspace-0")
        kept.write_text(json.dumps(lines), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


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
    parser.add_argument("--batch", type=int, default=100, help="scenarios in one run")
    parser.add_argument(
        "--findings-only", action="store_true", help="compute no metrics, which is quicker"
    )
    parser.add_argument(
        "--finished-only", action="store_true", help="run nothing, report what has been run"
    )
    parser.add_argument(
        "--share",
        type=lambda text: tuple(int(part) for part in text.split("/")),
        default=(0, 1),
        metavar="K/N",
        help="run every N-th batch from the K-th (0 the first) on, beside other processes",
    )
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
