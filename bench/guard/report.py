"""The benchmark's tables as Markdown."""

from collections import Counter
from collections.abc import Sequence

from bench.guard.batches import Case
from bench.guard.defects import DEFECTS, SEVERITIES, Defect
from bench.guard.judge import FAIL, Outcomes, Verdict, clean_counts

WITHIN = (1, 2, 4)
AIM_NAMED, AIM_FALSE, AIM_OFF = 0.95, 1.0, 0.01

Verdicts = Sequence[Verdict]


def main_table(verdicts: Verdicts) -> list[str]:
    """Return one row for each defect and severity."""
    lines = [
        "| Defect | Severity | Runs | Right check named within 1, 2, 4 weeks | Failed within 4 "
        "| Plain baseline within 1, 2, 4 | Hurt metrics: degraded, of these C or D "
        "| Others left alone | Grade A but off |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for defect in DEFECTS.values():
        for severity in SEVERITIES:
            mine = [v for v in verdicts if v.case[:2] == (defect.name, severity)]
            if mine:
                lines.append(_row(defect, severity, mine))
    return lines


def _row(defect: Defect, severity: str, mine: Verdicts) -> str:
    cells = [
        defect.title,
        f"{severity} ({defect.levels[SEVERITIES.index(severity)]:g})",
        str(len(mine)),
        _shares(mine, "named"),
        _percent(sum(v.failed <= 4 for v in mine), len(mine)),
        _shares(mine, "plain"),
        _of_sums(mine, "degraded", "hurt") + ", " + _of_sums(mine, "withheld", "hurt"),
        _percent(sum(v.untouched - v.spoiled for v in mine), sum(v.untouched for v in mine)),
        _of_sums(mine, "off", "trusted"),
    ]
    return "| " + " | ".join(cells) + " |"


def _shares(mine: Verdicts, which: str) -> str:
    """Return the shares of runs within so many weeks."""
    return ", ".join(
        _percent(sum(getattr(v, which) <= weeks for v in mine), len(mine)) for weeks in WITHIN
    )


def _of_sums(mine: Verdicts, part: str, whole: str) -> str:
    return _percent(sum(getattr(v, part) for v in mine), sum(getattr(v, whole) for v in mine))


def _percent(part: float, whole: float) -> str:
    if not whole:
        return "-"
    share = 100 * part / whole
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


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
        f"{_percent(sum(v.named <= 2 for v in seeable), len(seeable))} of "
        f"{len(seeable)} runs of defects that a check ought to see; "
        f"{len(reached)} of {len(by_defect)} defects reach 95 % each; the plain baseline raises an "
        f"alarm in {_percent(sum(v.plain <= 2 for v in seeable), len(seeable))} |",
        "| Clean data: at most one source-week of grade C or D per product-year | "
        f"{_rate(lost, years)} on {len(clean)} scenarios; a source-week lowers several metrics: "
        f"{_rate(lost_metrics, years)} metric-weeks of grade C or D |",
        "| At most 1 % of metric-weeks of grade A off by more than their own interval | "
        f"{_percent(off_seen, trusted_seen)} with the defects that a check ought to see, "
        f"{_percent(off, trusted)} with all; of the weeks of grade A of hurt metrics alone, since "
        f"the start: {_of_sums(seeable, 'off_hurt', 'trusted_hurt')} at middle severity with the "
        f"defects that a check ought to see, {_of_sums(unseen, 'off_hurt', 'trusted_hurt')} with "
        "the others |",
    ]


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
