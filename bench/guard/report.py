"""The benchmark's tables as Markdown."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from bench.guard.batches import Case
from bench.guard.defects import DEFECTS, SEVERITIES, Defect
from bench.guard.judge import FAIL, Outcomes, Verdict, clean_counts

WITHIN = (1, 2, 4)
AIM_NAMED, AIM_FALSE, AIM_OFF = 0.95, 1.0, 0.01

Verdicts = Sequence[Verdict]


def detection_table(verdicts: Verdicts) -> list[str]:
    """Return what was found when, one row for each defect and severity."""
    return [
        "| Defect | Severity | Runs | Anything new found within 1, 2, 4 weeks "
        "| Right check named within 1, 2, 4 weeks | Right check failed within 4 weeks "
        "| Plain baseline alarms within 1, 2, 4 weeks |",
        "|---|---|---|---|---|---|---|",
        *(
            _line(
                *_named(defect, severity, mine),
                _shares(mine, "seen"),
                # where no check can see it, none is right
                "-" if defect.unseen else _shares(mine, "named"),
                "-" if defect.unseen else _percent(sum(v.failed <= 4 for v in mine), len(mine)),
                _shares(mine, "plain"),
            )
            for defect, severity, mine in _rows(verdicts)
        ),
    ]


def values_table(verdicts: Verdicts) -> list[str]:
    """Return what became of the published values, one row for each defect and severity."""
    return [
        "| Defect | Severity | Runs | Hurt metrics with a lower grade within 4 weeks; with C or D "
        "| Others left alone | Hurt metric-weeks since the start with A, B, C, D "
        "| Median error of those published with A, B, C | Grade A but off |",
        "|---|---|---|---|---|---|---|---|",
        *(
            _line(
                *_named(defect, severity, mine),
                _of_sums(mine, "degraded", "hurt") + "; " + _of_sums(mine, "withheld", "hurt"),
                _of_sums(mine, "spared", "untouched"),
                _grades(mine),
                _errors(mine),
                _of_sums(mine, "off", "trusted"),
            )
            for defect, severity, mine in _rows(verdicts)
        ),
    ]


def _rows(verdicts: Verdicts) -> Iterator[tuple[Defect, str, Verdicts]]:
    for defect in DEFECTS.values():
        for severity in SEVERITIES:
            mine = [v for v in verdicts if v.case[:2] == (defect.name, severity)]
            if mine:
                yield defect, severity, mine


def _named(defect: Defect, severity: str, mine: Verdicts) -> tuple[str, str, str]:
    level = defect.levels[SEVERITIES.index(severity)]
    return defect.title, f"{severity} ({level:g})", str(len(mine))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _grades(mine: Verdicts) -> str:
    """Return the shares of the grades among metric-weeks of hurt metrics."""
    counts = sum((v.grades for v in mine), Counter[str]())
    return ", ".join(_percent(counts[grade], counts.total()) for grade in "ABCD")


def _errors(mine: Verdicts) -> str:
    """Return the median error of hurt values by grade; what has D isn't published."""
    cells = []
    for grade in "ABC":
        errors = [error for v in mine for error in v.errors.get(grade, [])]
        cells.append(_percent(median(errors), 1) if errors else "-")
    return ", ".join(cells)


def _shares(mine: Verdicts, which: str) -> str:
    """Return the shares of runs within so many weeks."""
    return ", ".join(
        _percent(sum(getattr(v, which) <= weeks for v in mine), len(mine)) for weeks in WITHIN
    )


def _of_sums(mine: Verdicts, part: str, whole: str) -> str:
    return _percent(sum(getattr(v, part) for v in mine), sum(getattr(v, whole) for v in mine))


def _percent(part: float, whole: float) -> str:
    """Return a share that says 0 % or 100 % only where nothing or everything is meant."""
    if not whole:
        return "-"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    digits = 1 if 0 < share < 10 or 90 < share < 100 else 0
    return f"{share:.{digits}f}".removesuffix(".0") + " %"


def aims(verdicts: Verdicts, clean: Sequence[dict[str, float]]) -> list[str]:
    """Return the aims beside what was reached."""
    middle = [v for v in verdicts if v.case.severity == "middle"]
    seeable = [v for v in middle if not DEFECTS[v.case.defect].unseen]
    unseen = [v for v in middle if DEFECTS[v.case.defect].unseen]
    by_defect = {
        name: [v for v in seeable if v.case.defect == name]
        for name in dict.fromkeys(v.case.defect for v in seeable)
    }
    reached = [n for n, vs in by_defect.items() if _share(vs, 2) >= AIM_NAMED]
    years = sum(counts["years"] for counts in clean)
    lost = sum(counts["lost_source_weeks"] for counts in clean)
    lost_metrics = sum(counts.get("lost_metric_weeks", 0) for counts in clean)
    off, trusted = sum(v.off for v in verdicts), sum(v.trusted for v in verdicts)
    off_seen = sum(v.off for v in verdicts if not DEFECTS[v.case.defect].unseen)
    trusted_seen = sum(v.trusted for v in verdicts if not DEFECTS[v.case.defect].unseen)
    return [
        "| Aim | Reached |",
        "|---|---|",
        "| Middle severity: 95 % of runs have the right check named within two weeks | "
        f"{_counted(seeable, 'named')} of defects that a check ought to see; "
        f"{len(reached)} of {len(by_defect)} defects reach 95 % each; the plain baseline raises an "
        f"alarm in {_counted(seeable, 'plain')} |",
        "| Clean data: at most one source-week of grade C or D per product-year | "
        f"{_rate(lost, years)} on {len(clean)} scenarios; a source-week lowers several metrics: "
        f"{_rate(lost_metrics, years)} metric-weeks of grade C or D |",
        "| At most 1 % of metric-weeks of grade A off by more than their own interval | "
        f"{_percent(off_seen, trusted_seen)} with the defects that a check ought to see, "
        f"{_percent(off, trusted)} with all; of the weeks of grade A of hurt metrics alone, since "
        f"the start: {_of_sums(seeable, 'off_hurt', 'trusted_hurt')} at middle severity with the "
        f"defects that a check ought to see, {_of_sums(unseen, 'off_hurt', 'trusted_hurt')} with "
        "the others. Weeks without an interval can't be off: of those with grade A of hurt metrics "
        f"at middle severity, {_unbounded(seeable)} lie more than a tenth from the truth |",
    ]


def _unbounded(mine: Verdicts) -> str:
    wrong, count = (
        sum(getattr(v, which) for v in mine) for which in ("wrong_unbounded", "unbounded_hurt")
    )
    return f"{wrong} of {count} ({_percent(wrong, count)})"


def _counted(mine: Verdicts, which: str) -> str:
    """Return how many runs are meant within two weeks, of how many."""
    count = sum(getattr(v, which) <= 2 for v in mine)
    return f"{count} of {len(mine)} runs ({_percent(count, len(mine))})"


def shortfalls(verdicts: Verdicts) -> list[str]:
    """Return which defects miss the aim at middle severity, and what was found instead."""
    lines = []
    for name, defect in DEFECTS.items():
        mine = [v for v in verdicts if v.case.defect == name and v.case.severity == "middle"]
        if not mine or defect.unseen or _share(mine, 2) >= AIM_NAMED:
            continue
        missed = [v for v in mine if v.named > 2]
        instead = Counter(check for v in missed for check in v.checks if check not in defect.checks)
        found = ", ".join(f"{check} ({count})" for check, count in sorted(instead.items()))
        lines.append(
            f"- {defect.title}: {len(missed)} of {len(mine)} not named within two weeks, "
            f"{sum(v.named > 4 for v in mine)} not within four; other checks that found something "
            f"in these: {found or 'none'}."
        )
    return ["Short of 95 % at middle severity:", "", *lines] if lines else []


def _share(mine: Verdicts, weeks: int) -> float:
    return sum(v.named <= weeks for v in mine) / len(mine)


def _rate(count: float, years: float) -> str:
    return f"{count / years:.2f}" if years else "-"


def clean_table(
    cases: Sequence[Case], outcomes: Outcomes, counts: Sequence[dict[str, float]]
) -> list[str]:
    """Return what is found on clean scenarios, per product-year and by check."""
    years = sum(c["years"] for c in counts)
    sums = Counter[str]()
    for each in counts:
        sums.update(each)
    lines = [
        "| On clean scenarios | Per product-year | Of all |",
        "|---|---|---|",
        f"| Source-weeks of grade C or D | {_rate(sums['lost_source_weeks'], years)} | "
        f"{_percent(sums['lost_source_weeks'], 4 * 60 * len(counts))} |",
        f"| Source-weeks of grade B | {_rate(sums['warned_source_weeks'], years)} | "
        f"{_percent(sums['warned_source_weeks'], 4 * 60 * len(counts))} |",
        f"| Metric-weeks of grade C or D | {_rate(sums['lost_metric_weeks'], years)} | "
        f"{_percent(sums['lost_metric_weeks'], sums['metric_weeks'])} |",
        f"| Metric-weeks of grade B | {_rate(sums['warned_metric_weeks'], years)} | "
        f"{_percent(sums['warned_metric_weeks'], sums['metric_weeks'])} |",
        f"| Alarms of the plain baseline | {_rate(sums['alarms'], years)} | |",
        "",
        "| Check | Warnings per product-year on clean data | Fails and blocks |",
        "|---|---|---|",
    ]
    warned, failed = Counter[int](), Counter[int]()
    for case in cases:
        found = outcomes.findings.get(case.product_id)
        if found is not None:
            weeks = found.groupby(["source", "week", "check_id"])["severity"].max().reset_index()
            failed.update(weeks.loc[weeks["severity"] >= FAIL, "check_id"].tolist())
            warned.update(weeks.loc[weeks["severity"] < FAIL, "check_id"].tolist())
    for check in sorted({*warned, *failed}):
        lines.append(f"| {check} | {_rate(warned[check], years)} | {_rate(failed[check], years)} |")
    return lines


def library() -> list[str]:
    """Return what each defect does, and what ought to name it."""
    lines = [
        "| Defect | What it does | Dial | Checks | Hurts |",
        "|---|---|---|---|---|",
    ]
    for defect in DEFECTS.values():
        levels = ", ".join(f"{level:g}" for level in defect.levels)
        checks = "none" if defect.unseen else ", ".join(map(str, defect.checks))
        hurt = ", ".join(f"`{metric}`" for metric in defect.hurt) or "no value"
        lines.append(
            f"| {defect.title} | {defect.what} | {defect.dial}: {levels} | {checks} | {hurt} |"
        )
    return lines


def counted(case_list: Sequence[Case], outcomes: Outcomes) -> list[dict[str, float]]:
    """Return the counts of clean scenarios."""
    return [clean_counts(case, outcomes) for case in case_list]


def misses(verdicts: Verdicts, outcomes: Outcomes, clean: Sequence[Case]) -> list[str]:
    """Return for whoever tunes checks: who was missed, and what cried on clean data."""
    lines = ["# Missed or named otherwise", ""]
    for v in verdicts:
        if v.named > 2 and not DEFECTS[v.case.defect].unseen:
            right = DEFECTS[v.case.defect].checks
            lines.append(
                f"- {v.case.product_id}: named {v.named}, failed {v.failed}, seen {v.seen}; "
                f"ought {right}, found {v.checks}"
            )
    lines += ["", "# Fails and blocks on clean data", ""]
    for case in clean:
        found = outcomes.findings.get(case.product_id)
        if found is not None:
            for row in found[found["severity"] >= FAIL].itertuples():
                lines.append(
                    f"- {row.source_id} {row.event_type} week {row.week}: check {row.check_id} "
                    f"severity {row.severity}, statistic {row.statistic}, n {row.n}, "
                    f"p {row.p_value}, expected {row.expected}"
                )
    return lines
