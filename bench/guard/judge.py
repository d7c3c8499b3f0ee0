"""What a broken scenario shows that its clean twin doesn't, and when."""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from bench.guard.batches import CLEAN, Case
from bench.guard.defects import DEFECTS, METRICS
from bench.guard.events import WEEKS

NAMED = 2
"""Checks that count as named for a week: the two that weigh most."""
READ_AFTER = {5: 1}
"""Weeks that a finding is read later than its week's end: starts of a week need 3 days and a day
for lateness to end, and refreshes come on Tuesdays."""
NEVER = 99
BACK = 8
"""Weeks before the defect whose values it may change."""
FIRST_WEEKS = 4
FAIL = 2
EQUAL = 1e-9
"""Share of the twin's value up to which a value is the same."""
WRONG = 0.1
"""Share of the twin's value from which a value without an interval is called wrong."""


@dataclass
class Verdict:
    """How one broken scenario was dealt with."""

    case: Case
    seen: int = NEVER
    """Refreshes until anything new was found, 1 being the first after the start."""
    named: int = NEVER
    """Until one of the right checks was named."""
    strictly_named: int = NEVER
    """Until one of them was among the two that weigh most with what the twin shows left in, and
    the twin had no such finding of any severity."""
    failed: int = NEVER
    """Until one of the right checks failed or blocked."""
    plain: int = NEVER
    """Until the plain baseline raised an alarm."""
    hurt_metrics: tuple[str, ...] = ()
    """Metrics that it hurts: in a week since the start, the value isn't the twin's."""
    degraded: int = 0
    """Of these with a grade worse than the twin's in one of the first four weeks."""
    withheld: int = 0
    """Of these with C or D in one of the first four weeks, the twin having A or B."""
    beside: int = 0
    """Metric-weeks since the start of metrics that read a wrong source, all values the twin's."""
    beside_kept: int = 0
    """Of these graded as the twin's or better."""
    beside_lost: int = 0
    """Of these with C or D, the twin having A or B."""
    right: int = 0
    """Metric-weeks since the start of hurt metrics in which the value is the twin's."""
    right_lost: int = 0
    """Of these with C or D, the twin having A or B."""
    untouched: int = 0
    """Metric-weeks of metrics that read no wrong source."""
    spoiled: int = 0
    """Of these with a grade worse than the twin's."""
    trusted: int = 0
    """Metric-weeks published with grade A and an interval, from eight weeks before the start."""
    off: int = 0
    """Of these with the twin's value outside of the interval."""
    trusted_since: int = 0
    """The same since the start only."""
    off_since: int = 0
    """Of these with the twin's value outside of the interval."""
    trusted_hurt: int = 0
    """Metric-weeks of the hurt metrics published with grade A and an interval since the start."""
    off_hurt: int = 0
    """Of these with the twin's value outside of the interval."""
    unbounded_hurt: int = 0
    """Metric-weeks of the hurt metrics published with grade A and no interval since the start."""
    wrong_unbounded: int = 0
    """Of these with a value that is not the twin's, give or take a tenth."""
    grades: Counter[str] = field(default_factory=Counter)
    """Metric-weeks of the hurt metrics since the start, by grade; what isn't ripe is left out."""
    errors: dict[str, list[float]] = field(default_factory=dict)
    """By grade, how far the hurt values that are published lie from the twin's, as a share of it.

    Weeks in which the twin's value is zero are left out."""
    checks: list[int] = field(default_factory=list)
    """All checks that found something new."""

    @property
    def hurt(self) -> int:
        """How many metrics it hurts."""
        return len(self.hurt_metrics)

    @property
    def spared(self) -> int:
        """Metric-weeks of metrics that read no wrong source, graded as the twin's or better."""
        return self.untouched - self.spoiled


class Outcomes:
    """Tables of many scenarios, by product."""

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        findings, alarms = tables["findings"], tables["alarms"].copy()
        # the week after the last has begun when the refresh comes
        findings = findings[findings["week"] < WEEKS].copy()
        for table in (findings, alarms):
            split = table["source_id"].str.rsplit("-", n=1)
            table["product_id"], table["source"] = split.str[0], split.str[1]
        self.findings = dict(tuple(findings.groupby("product_id")))
        self.alarms = dict(tuple(alarms.groupby("product_id")))
        values = tables.get("values")
        self.values = {} if values is None else dict(tuple(values.groupby("product_id")))
        self._no_findings = findings.iloc[:0]
        self._no_alarms = alarms.iloc[:0]

    def new_findings(self, case: Case) -> pd.DataFrame:
        """Return findings that the twin hasn't, or not so severe."""
        keys = ["source", "event_type", "week", "check_id"]
        mine = self.findings.get(case.product_id, self._no_findings)
        twin = self.findings.get(Case(CLEAN, "none", case.seed).product_id, self._no_findings)
        joined = mine.merge(twin[[*keys, "severity"]], "left", keys, suffixes=("", "_twin"))
        return joined[joined["severity"] > joined["severity_twin"].fillna(0)]

    def findings_alone(self, case: Case) -> pd.DataFrame:
        """Return the week's checks that weigh most, and of them those that the twin lacks."""
        keys = ["source", "event_type", "week", "check_id"]
        mine = named_checks(self.findings.get(case.product_id, self._no_findings))
        twin = self.findings.get(Case(CLEAN, "none", case.seed).product_id, self._no_findings)
        known = twin[keys].drop_duplicates().assign(is_known=True)
        joined = mine.merge(known, "left", keys)
        return joined[joined["is_known"].isna()]

    def new_alarms(self, case: Case) -> pd.DataFrame:
        """Return alarms of the plain baseline that the twin hasn't."""
        keys = ["source", "week", "alarm"]
        mine = self.alarms.get(case.product_id, self._no_alarms)
        twin = self.alarms.get(Case(CLEAN, "none", case.seed).product_id, self._no_alarms)
        joined = mine.merge(twin[keys].assign(is_known=True), "left", keys)
        return joined[joined["is_known"].isna()]

    def compared(self, case: Case) -> pd.DataFrame:
        """Return the published values beside the twin's, `value_twin` and `trust_grade_twin`."""
        twin = self.values[Case(CLEAN, "none", case.seed).product_id]
        mine = self.values[case.product_id]
        keys = ["metric_id", "week"]
        theirs = twin[[*keys, "value", "trust_grade", "measured"]]
        return mine.merge(theirs, "inner", keys, suffixes=("", "_twin"))

    def source_severities(self, case: Case) -> pd.Series:
        """Return the worst severity of each source and week in which a check found anything."""
        found = self.findings.get(case.product_id, self._no_findings)
        return found.groupby(["source", "week"])["severity"].max()


def read_at(findings: pd.DataFrame, start: int) -> pd.Series:
    """Return at which refresh after the start each finding is first read, 1 being the first.

    What is found about earlier weeks is found when the events that show it are there.
    """
    delay = findings["check_id"].map(READ_AFTER).fillna(0).astype(int)
    return (findings["week"] + delay).clip(lower=start) - start + 1


def named_checks(findings: pd.DataFrame) -> pd.DataFrame:
    """Keep each week's two checks that weigh most: by severity, then by p-value.

    What has no p-value, such as silence, leaves no doubt.
    """
    worst = (
        findings.assign(p_value=findings["p_value"].fillna(0.0))
        .sort_values(
            ["week", "severity", "p_value", "check_id"], ascending=[True, False, True, True]
        )
        .drop_duplicates(["week", "check_id"])
    )
    return worst[worst.groupby("week").cumcount() < NAMED]


def verdict(case: Case, outcomes: Outcomes) -> Verdict:
    """Judge one broken scenario against its clean twin."""
    defect = DEFECTS[case.defect]
    start = defect.start_week(case.seed)
    found = outcomes.new_findings(case)
    result = Verdict(case, checks=sorted(found["check_id"].unique().tolist()))
    if len(found):
        result.seen = int(read_at(found, start).min())
        named = named_checks(found)
        right = named[named["check_id"].isin(defect.checks)]
        if len(right):
            result.named = int(read_at(right, start).min())
        if len(failed := right[right["severity"] >= FAIL]):
            result.failed = int(read_at(failed, start).min())
    alone = outcomes.findings_alone(case)
    if len(alone := alone[alone["check_id"].isin(defect.checks)]):
        result.strictly_named = int(read_at(alone, start).min())
    alarms = outcomes.new_alarms(case)
    if len(late := alarms[alarms["week"] >= start]):
        result.plain = int(late["week"].min()) - start + 1
    if outcomes.values:
        _grades(result, outcomes.compared(case), start)
    return result


def _grades(result: Verdict, values: pd.DataFrame, start: int) -> None:
    """Count grades and errors of the published values."""
    defect = DEFECTS[result.case.defect]
    first, last = (start - BACK, start) if defect.is_of_the_past else (start, start + FIRST_WEEKS)
    after = values[(values["week"] >= min(first, start)) & (values["week"] < WEEKS)]
    is_other = is_wrong(after)
    result.hurt_metrics = tuple(sorted(after.loc[is_other, "metric_id"].unique()))
    is_first = after["week"].between(first, last - 1)
    is_worse = after["trust_grade"] > after["trust_grade_twin"]
    is_hurt = after["metric_id"].isin(result.hurt_metrics)
    is_lost = (after["trust_grade"] >= "C") & (after["trust_grade_twin"] < "C")
    result.degraded = after.loc[is_hurt & is_first & is_worse, "metric_id"].nunique()
    result.withheld = after.loc[is_hurt & is_first & is_lost, "metric_id"].nunique()
    is_touched = after["metric_id"].isin(defect.touched)
    result.untouched = int((~is_touched).sum())
    result.spoiled = int((~is_touched & is_worse).sum())
    is_known = after["measured_twin"].notna()
    is_beside, is_right = is_touched & ~is_hurt & is_known, is_hurt & ~is_other & is_known
    result.beside, result.beside_kept = int(is_beside.sum()), int((is_beside & ~is_worse).sum())
    result.beside_lost = int((is_beside & is_lost).sum())
    result.right, result.right_lost = int(is_right.sum()), int((is_right & is_lost).sum())
    result.trusted, result.off = _off(values[values["week"] >= start - BACK])
    result.trusted_since, result.off_since = _off(values[values["week"] >= start])
    result.trusted_hurt, result.off_hurt = _off(after[is_hurt])
    _errors(result, after[is_hurt & after["value_twin"].notna()])


def is_wrong(values: pd.DataFrame) -> pd.Series:
    """Return whether what was measured isn't what the twin's events measure, nothing included."""
    mine, twin = values["measured"], values["measured_twin"]
    is_same = (mine - twin).abs() <= EQUAL * twin.abs()
    return ~(is_same | (mine.isna() & twin.isna()))


def _errors(result: Verdict, hurt: pd.DataFrame) -> None:
    """Count the grades of what is hurt, and how far of the truth it lies."""
    result.grades = Counter(hurt["trust_grade"])
    known = hurt[hurt["value"].notna() & hurt["value_twin"].ne(0)]
    share = (known["value"] / known["value_twin"] - 1).abs()
    is_unbounded = known["trust_grade"].eq("A") & known["ci_low"].isna()
    result.unbounded_hurt = int(is_unbounded.sum())
    result.wrong_unbounded = int((is_unbounded & (share > WRONG)).sum())
    result.errors = {
        grade: errors.tolist() for grade, errors in share.groupby(known["trust_grade"])
    }


def _off(values: pd.DataFrame) -> tuple[int, int]:
    """Return A-grade values with an interval, and those whose interval misses the truth."""
    kept = values[
        values["trust_grade"].eq("A") & values["ci_low"].notna() & values["value_twin"].notna()
    ]
    slack = 1e-9 * kept["value_twin"].abs()
    is_off = (kept["value_twin"] < kept["ci_low"] - slack) | (
        kept["value_twin"] > kept["ci_high"] + slack
    )
    return len(kept), int(is_off.sum())


def clean_counts(case: Case, outcomes: Outcomes) -> dict[str, float]:
    """Return what is found where nothing is wrong: source-weeks and metric-weeks by grade."""
    severities = outcomes.source_severities(case)
    alarms = outcomes.alarms.get(case.product_id)
    counts = {
        "years": WEEKS * 7 / 365.25,
        "lost_source_weeks": int((severities >= FAIL).sum()),
        "warned_source_weeks": int((severities < FAIL).sum()),
        "alarms": 0 if alarms is None else len(alarms),
    }
    if outcomes.values:
        values = outcomes.values[case.product_id]
        values = values[values["metric_id"].isin(METRICS) & (values["week"] < WEEKS)]
        counts["metric_weeks"] = len(values)
        counts["lost_metric_weeks"] = int((values["trust_grade"] >= "C").sum())
        counts["warned_metric_weeks"] = int((values["trust_grade"] == "B").sum())
    return counts
