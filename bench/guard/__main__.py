"""Run the benchmark and write its report: `python -m bench.guard --help`."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from bench.guard import report
from bench.guard.batches import Case, clean_case, run_all
from bench.guard.defects import DEFECTS, SEVERITIES
from bench.guard.judge import Outcomes, verdict

TUNING_SEED, REPORTED_SEED = 1_000, 5_000
"""First of the seeds by which checks are tuned, and of those that are reported: never the same."""
MOST_SEEDS = REPORTED_SEED - TUNING_SEED


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for and write the tables."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    first = TUNING_SEED if options.tuning else REPORTED_SEED
    seeds = range(first, first + options.seeds)
    broken = [
        Case(name, severity, seed)
        for seed in seeds
        for name in options.defects
        for severity in options.severities
    ]
    sound = [clean_case(seed) for seed in range(first, first + max(options.clean, options.seeds))]
    outcomes = Outcomes(
        run_all([*sound, *broken], options.out, options.batch, not options.findings_only)
    )
    verdicts = [verdict(case, outcomes) for case in broken]
    counts = report.counted(sound, outcomes)
    parts = [
        report.aims(verdicts, counts),
        report.main_table(verdicts),
        report.clean_table(sound, outcomes, counts),
        report.library(),
    ]
    text = "\n\n".join("\n".join(part) for part in parts) + "\n"
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(text, encoding="utf-8")
    if options.misses:
        missed = report.misses(verdicts, outcomes, sound)
        options.misses.write_text("\n".join(missed) + "\n", encoding="utf-8")
    print("\n".join([*parts[0], "", *parts[1]]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("workspace/guard-benchmark"))
    parser.add_argument("--report", type=Path, default=Path("docs/guard-benchmark.md"))
    parser.add_argument("--misses", type=Path, help="write what was missed and what cried")
    parser.add_argument("--seeds", type=int, default=20, help="seeds of each defect and severity")
    parser.add_argument("--clean", type=int, default=200, help="clean scenarios")
    parser.add_argument("--batch", type=int, default=100, help="scenarios in one run")
    parser.add_argument(
        "--findings-only", action="store_true", help="compute no metrics, which is quicker"
    )
    parser.add_argument("--tuning", action="store_true", help="take the seeds for tuning")
    parser.add_argument("--severities", type=_names(SEVERITIES), default=SEVERITIES)
    parser.add_argument("--defects", type=_names(tuple(DEFECTS)), default=tuple(DEFECTS))
    return parser


def _names(known: tuple[str, ...]):
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if unknown := set(names) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return names

    return parse


if __name__ == "__main__":
    main()
