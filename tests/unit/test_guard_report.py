"""The benchmark's headline tells what it doesn't flatter: what went on to be used, what warned."""

from collections import Counter

from bench.guard.batches import Case
from bench.guard.judge import Verdict
from bench.guard.report import aims

NAMED = {"named": 1, "seen": 1}


def run(seed: int, severity: str = "middle", **found: object) -> Verdict:
    case = Case("lost_starts", severity, seed)
    return Verdict(case, hurt_metrics=("a", "b", "c"), **NAMED, **found)  # type: ignore[arg-type]


VERDICTS = [
    run(
        1,
        withheld=3,
        grades=Counter({"D": 6}),
        trusted=2000,
        off=4,
        trusted_since=300,
        off_since=2,
        trusted_hurt=10,
        off_hurt=2,
        beside=8,
        beside_kept=5,
        beside_lost=3,
    ),
    run(2, withheld=1, grades=Counter({"C": 2, "B": 3, "A": 1})),
    run(3, withheld=0, grades=Counter({"B": 8})),
    run(4, severity="high", withheld=0, grades=Counter({"A": 90})),
]
CLEAN = [
    {"years": 1.5, "lost_source_weeks": 0, "warned_source_weeks": 9, "metric_weeks": 600,
     "lost_metric_weeks": 0, "warned_metric_weeks": 60},
    {"years": 0.5, "lost_source_weeks": 1, "warned_source_weeks": 1, "metric_weeks": 200,
     "lost_metric_weeks": 2, "warned_metric_weeks": 20},
]  # fmt: skip


def reached(words: str) -> str:
    """The last cell of the row whose first holds these words."""
    rows = [line.strip("| ").split(" | ") for line in aims(VERDICTS, CLEAN)[2:]]
    return next(row[-1] for row in rows if words in row[0])


def test_the_headline_tells_in_how_many_runs_the_metrics_made_wrong_were_kept_from_use() -> None:
    assert reached("failed (C").startswith(
        "all of them in 1 of 3 runs (33 %), some in 1 of 3 runs (33 %), "
        "none in 1 of 3 runs (33 %): there all went on to be used"
    )


def test_the_headline_tells_how_many_weeks_made_wrong_went_on_to_be_used() -> None:
    assert reached("by grade") == (
        "A 5 %, B 55 %, C 10 %, D 30 %: 12 of 20 weeks (60 %) went on to be used"
    )


def test_the_headline_tells_how_often_sound_data_is_warned_of() -> None:
    said = reached("grade B")
    assert said.startswith("40.00 per product-year, 80 of 800 metric-weeks (10 %)")
    assert "5.00 source-weeks" in said


def test_the_aim_is_read_of_all_metrics_and_of_those_made_wrong() -> None:
    said = reached("off by more")
    assert "ought to see: 0.2 % of 2,000, met" in said
    assert "since the start: 0.7 % of 300, met" in said
    assert "hurt metrics since the start, middle severity" in said
    assert "20 % of 10, missed" in said


def test_the_headline_tells_what_sound_values_lost_by_the_company_of_wrong_ones() -> None:
    said = reached("values the twin's all the same")
    assert said.startswith("5 of 8 weeks (62 %)")
    assert "38 % were made C or D needlessly" in said


def test_every_row_has_three_cells() -> None:
    assert {line.count(" | ") for line in aims(VERDICTS, CLEAN) if "---" not in line} == {2}
