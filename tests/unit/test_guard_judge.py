"""What a defect hurts is told by values, and what sound values lose is counted beside it."""

import pandas as pd
import pytest

from bench.guard.batches import Case, clean_case
from bench.guard.defects import DEFECTS
from bench.guard.judge import Outcomes, Verdict, verdict

SEED = 1_000
BROKEN = Case("lost_starts", "middle", SEED)
START = DEFECTS[BROKEN.defect].start_week(SEED)
FINDINGS = ["source_id", "event_type", "week", "check_id", "severity", "p_value"]


def published(product_id: str, wrong: dict[tuple[str, int], float], grade: str) -> pd.DataFrame:
    """Two metrics of the broken sources and one of another, 10.0 everywhere else."""
    rows = []
    for metric_id in ("time_to_close", "mean_wait", "incidents_per_week"):
        for week in range(START - 2, START + 3):
            measured = wrong.get((metric_id, week), 10.0)
            here = grade if week >= START and metric_id != "incidents_per_week" else "A"
            shown = None if here == "D" else measured
            rows.append((product_id, metric_id, week, shown, 9.0, 11.0, here, None, measured))
    names = ["product_id", "metric_id", "week", "value", "ci_low", "ci_high", "trust_grade"]
    return pd.DataFrame(rows, columns=[*names, "no_value_reason", "measured"])


def judged(wrong: dict[tuple[str, int], float], grade: str) -> Verdict:
    tables = {
        "findings": pd.DataFrame(columns=FINDINGS),
        "alarms": pd.DataFrame(columns=["source_id", "week", "alarm"]),
        "values": pd.concat(
            [
                published(BROKEN.product_id, wrong, grade),
                published(clean_case(SEED).product_id, {}, "A"),
            ]
        ),
    }
    return verdict(BROKEN, Outcomes(tables))


@pytest.mark.parametrize("grade", ["A", "D"])
def test_a_metric_is_hurt_where_what_was_measured_is_not_the_twins(grade: str) -> None:
    result = judged({("time_to_close", START + 1): 10.1}, grade)
    assert result.hurt_metrics == ("time_to_close",)


def test_neither_rounding_nor_weeks_before_the_start_hurt() -> None:
    near = {("time_to_close", START): 10.0 * (1 + 1e-10), ("mean_wait", START - 1): 20.0}
    assert judged(near, "A").hurt == 0


def test_sound_values_of_broken_sources_are_counted_and_what_they_lose() -> None:
    result = judged({("time_to_close", START): 12.0}, "C")
    assert (result.beside, result.beside_kept, result.beside_lost) == (3, 0, 3)
    assert (result.right, result.right_lost) == (2, 2)
    assert (result.untouched, result.spoiled) == (3, 0)
    kept = judged({("time_to_close", START): 12.0}, "A")
    assert (kept.beside, kept.beside_kept, kept.beside_lost) == (3, 3, 0)
    assert (kept.trusted_since, kept.off_since) == (9, 0)


def told(mine: list[tuple[int, int, int]], twins: list[tuple[int, int, int]]) -> Verdict:
    """Return the verdict where checks found (check, severity, week) in the run and in its twin."""
    rows = [
        (f"{case.product_id}-desk", "t", week, check, severity, 1e-6)
        for case, found in ((BROKEN, mine), (clean_case(SEED), twins))
        for check, severity, week in found
    ]
    tables = {
        "findings": pd.DataFrame(rows, columns=FINDINGS),
        "alarms": pd.DataFrame(columns=["source_id", "week", "alarm"]),
    }
    return verdict(BROKEN, Outcomes(tables))


def test_strictly_a_check_is_named_amid_all_findings_and_not_at_all_in_the_twin() -> None:
    right = DEFECTS[BROKEN.defect].checks[0]
    others = [check for check in range(1, 21) if check not in DEFECTS[BROKEN.defect].checks][:2]
    alone = told([(right, 2, START)], [])
    assert (alone.named, alone.strictly_named) == (1, 1)
    # the twin warns of the same: it is new that it fails, and strictly it isn't alone
    both = told([(right, 2, START)], [(right, 1, START)])
    assert (both.named, both.strictly_named) == (1, 99)
    # two worse findings that the twin has as well stand before it
    noise = [(check, 3, START) for check in others]
    amid = told([(right, 2, START), *noise], noise)
    assert (amid.named, amid.strictly_named) == (1, 99)
    # in another week it stands alone
    later = told([(right, 2, START), (right, 2, START + 1), *noise], noise)
    assert (later.named, later.strictly_named) == (1, 2)
