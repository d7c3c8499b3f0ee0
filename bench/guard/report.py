"""The benchmark's tables as Markdown."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from bench.guard.batches import Case
from bench.guard.defects import DEFECTS, METRICS, SEVERITIES, Defect
from bench.guard.events import WEEKS
from bench.guard.judge import FAIL, Outcomes, Verdict, clean_counts
from bench.guard.scenario import SOURCES

WITHIN = (1, 2, 4)
AIM_NAMED = 0.95
AIM_OFF = 0.01

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
        "| Metrics of other sources left alone | Metrics of its sources that it doesn't hurt: "
        "weeks that kept their grade; with C or D needlessly "
        "| Hurt metric-weeks since the start with A, B, C, D "
        "| Median error of those published with A, B, C | Grade A but off |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            _line(
                *_named(defect, severity, mine),
                _of_sums(mine, "degraded", "hurt") + "; " + _of_sums(mine, "withheld", "hurt"),
                _of_sums(mine, "spared", "untouched"),
                _of_sums(mine, "beside_kept", "beside")
                + "; "
                + _of_sums(mine, "beside_lost", "beside"),
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
    """Return the aims beside what was reached, and beside what no aim was set for."""
    return [
        "| What | Aim | Reached |",
        "|---|---|---|",
        *(_line(*cells) for cells in [*_aims_broken(verdicts), *_aims_clean(clean)]),
        *(_line(*cells) for cells in _aims_off(verdicts)),
    ]


def _seeable(verdicts: Verdicts) -> Verdicts:
    return [v for v in verdicts if not DEFECTS[v.case.defect].unseen]


def _aims_broken(verdicts: Verdicts) -> list[tuple[str, str, str]]:
    """Return what became of runs with a defect of middle severity that a check ought to see."""
    mine = [v for v in _seeable(verdicts) if v.case.severity == "middle"]
    by_defect = {
        name: [v for v in mine if v.case.defect == name]
        for name in dict.fromkeys(v.case.defect for v in mine)
    }
    reached = [n for n, vs in by_defect.items() if _share(vs, 2) >= AIM_NAMED]
    hurt = [v for v in mine if v.hurt]
    every, some = (
        sum(is_so(v) for v in hurt)
        for is_so in (lambda v: v.withheld == v.hurt, lambda v: v.withheld > 0)
    )
    said = f"all of them in {_of(every, len(hurt))}, some in {_of(some - every, len(hurt))}, none "
    said += f"in {_of(len(hurt) - some, len(hurt))}: there all went on to be used"
    counts = sum((v.grades for v in hurt), Counter[str]())
    kept = counts["A"] + counts["B"]
    return [
        (
            "Broken, middle severity: right check named within two weeks",
            "95 % of runs",
            f"{_counted(mine, 'named')} of defects that a check ought to see; {len(reached)} of "
            f"{len(by_defect)} defects reach 95 % each (of 20, all leave room for 83 %); "
            f"named among the two that weigh most with what the twin shows left in "
            f"{_counted(mine, 'strictly_named')}; failed (C or D), not only warned of, in "
            f"{_counted(mine, 'failed')}; the plain baseline raises an alarm in "
            f"{_counted(mine, 'plain')}",
        ),
        (
            "The same runs: metrics made wrong that were failed (C: no verdict) or withheld (D: no "
            "number) within four weeks",
            "none set",
            f"{said}. Runs that hurt no metric are left out; a warning (B) names a defect, but "
            "keeps no metric from use",
        ),
        (
            "The same runs: weeks of these metrics since the start, by grade",
            "none set",
            f"A {_percent(counts['A'], counts.total())}, B "
            f"{_percent(counts['B'], counts.total())}, C {_percent(counts['C'], counts.total())}, "
            f"D {_percent(counts['D'], counts.total())}: {_of(kept, counts.total(), 'weeks')} went "
            "on to be used",
        ),
    ]


def _aims_clean(clean: Sequence[dict[str, float]]) -> list[tuple[str, str, str]]:
    """Return what is found where nothing is wrong: each of these is a false alarm."""
    sums = Counter[str]()
    for counts in clean:
        sums.update(counts)
    years, weeks = sums["years"], sums["metric_weeks"]
    return [
        (
            "Clean data: source-weeks of grade C or D",
            "at most 1 per product-year",
            f"{_rate(sums['lost_source_weeks'], years)} on {len(clean):,} scenarios; a source-week "
            f"lowers several metrics, and by metric-weeks, which no aim was set for, it is "
            f"{_rate(sums['lost_metric_weeks'], years)}",
        ),
        (
            "Clean data: metric-weeks of grade B, a needless warning",
            "none set",
            f"{_rate(sums['warned_metric_weeks'], years)} per product-year, "
            f"{_of(sums['warned_metric_weeks'], weeks, 'metric-weeks')}; "
            f"{_rate(sums['warned_source_weeks'], years)} source-weeks. They are used all the same",
        ),
    ]


def _aims_off(verdicts: Verdicts) -> list[tuple[str, str, str]]:
    """Return how often a value of grade A lies off by more than its own interval."""
    seen = _seeable(verdicts)
    middle = [v for v in verdicts if v.case.severity == "middle"]
    seeable = _seeable(middle)
    unseen = [v for v in middle if DEFECTS[v.case.defect].unseen]
    readings = {
        "of all metrics, eight weeks before the start included, with the defects that a check "
        "ought to see": (seen, "off", "trusted"),
        "the same with all defects": (verdicts, "off", "trusted"),
        "of all metrics since the start": (verdicts, "off_since", "trusted_since"),
        "of the hurt metrics since the start, middle severity, defects that a check ought to see": (
            seeable, "off_hurt", "trusted_hurt",
        ),
        "of these where no check can see it": (unseen, "off_hurt", "trusted_hurt"),
        "of the hurt metrics without an interval, off by more than a tenth": (
            seeable, "wrong_unbounded", "unbounded_hurt",
        ),
    }  # fmt: skip
    said = [f"{words}: {_reading(*reading)}" for words, reading in readings.items()]
    return [
        (
            "Metric-weeks of grade A off by more than their own interval",
            "at most 1 %",
            "; ".join(said) + ". Most weeks of the first readings are of metrics that nothing is "
            "wrong with: whoever looks at a metric made wrong and sees an A reads the later ones",
        ),
        _needless(seeable),
    ]


def _reading(mine: Verdicts, part: str, whole: str) -> str:
    """Return a share, and whether the aim is met if it is read so."""
    off, all_of_them = (sum(getattr(v, name) for v in mine) for name in (part, whole))
    if not all_of_them:
        return "-"
    met = "met" if off <= AIM_OFF * all_of_them else "missed"
    return f"{_percent(off, all_of_them)} of {all_of_them:,}, {met}"


def _needless(mine: Verdicts) -> tuple[str, str, str]:
    """Return what sound values lose by the company of wrong ones."""
    beside, kept, lost, right, right_lost = (
        sum(getattr(v, name) for v in mine)
        for name in ("beside", "beside_kept", "beside_lost", "right", "right_lost")
    )
    return (
        "Metrics that read a broken source, values the twin's all the same, since the start, "
        "middle severity",
        "none set",
        f"{_of(kept, beside, 'weeks')} of the metrics that it doesn't hurt kept their grade, "
        f"{_percent(lost, beside)} were made C or D needlessly; so were "
        f"{_of(right_lost, right, 'weeks')} in which the value of a hurt metric is right. A grade "
        "is of the source and week, not of the value: what a wrong event did to one metric can't "
        "be told without the truth",
    )


def _of(part: float, whole: float, noun: str = "runs") -> str:
    return f"{part:,.0f} of {whole:,.0f} {noun} ({_percent(part, whole)})"


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
        f"{_percent(sums['lost_source_weeks'], len(SOURCES) * WEEKS * len(counts))} |",
        f"| Source-weeks of grade B | {_rate(sums['warned_source_weeks'], years)} | "
        f"{_percent(sums['warned_source_weeks'], len(SOURCES) * WEEKS * len(counts))} |",
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


def library(verdicts: Verdicts) -> list[str]:
    """Return what each defect does, what ought to name it, and what it was seen to hurt."""
    lines = [
        "| Defect | What it does | Dial | Checks | Hurts at middle severity, in how many runs |",
        "|---|---|---|---|---|",
    ]
    for defect in DEFECTS.values():
        levels = ", ".join(f"{level:g}" for level in defect.levels)
        checks = "none" if defect.unseen else ", ".join(map(str, defect.checks))
        mine = [v for v in verdicts if v.case[:2] == (defect.name, "middle")]
        runs = Counter(metric for v in mine for metric in v.hurt_metrics)
        hurt = ", ".join(f"`{m}` {runs[m]} of {len(mine)}" for m in METRICS if runs[m])
        hurt = hurt or ("no value" if mine else "not run")
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
