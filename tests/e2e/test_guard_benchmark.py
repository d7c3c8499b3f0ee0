"""A tiny batch of the planted-defect benchmark goes through the production models."""

from pathlib import Path

import pandas as pd
import pytest

from bench.guard import report
from bench.guard.batches import Case, clean_case, run_all
from bench.guard.document import Setting, document
from bench.guard.judge import FAIL, Outcomes, Verdict, verdict

SEED = 1_001
BROKEN = Case("lost_starts", "high", SEED)
SOUND = clean_case(SEED)
ORPHAN_FINISH = 4


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def tables(out: Path) -> dict[str, pd.DataFrame]:
    return run_all([SOUND, BROKEN], out, size=2)


@pytest.fixture(scope="module")
def judged(tables: dict[str, pd.DataFrame]) -> Verdict:
    return verdict(BROKEN, Outcomes(tables))


def test_a_planted_defect_is_named_in_its_first_week(judged: Verdict) -> None:
    assert judged.named == judged.failed == 1
    assert ORPHAN_FINISH in judged.checks


def test_what_a_defect_hurts_loses_its_grade_and_nothing_else_does(judged: Verdict) -> None:
    assert judged.degraded == judged.hurt > 0
    assert judged.withheld >= 1
    assert judged.untouched > 0
    assert judged.spoiled == 0


def test_a_clean_scenario_stays_trusted(tables: dict[str, pd.DataFrame]) -> None:
    outcomes = Outcomes(tables)
    severities = outcomes.source_severities(SOUND)
    assert (severities < FAIL).all()
    assert set(outcomes.values[SOUND.product_id]["trust_grade"]) <= {"A", "B"}


def test_a_finished_batch_is_not_run_again(out: Path, tables: dict[str, pd.DataFrame]) -> None:
    again = run_all([SOUND, BROKEN], out, size=2)
    assert all(again[name].equals(tables[name]) for name in tables)
    assert len(list(out.glob("batch-*"))) == 1


def test_the_page_tells_what_became_of_each_defect(
    tables: dict[str, pd.DataFrame], judged: Verdict
) -> None:
    outcomes = Outcomes(tables)
    setting = Setting(SEED, SEED, 1_000, 2, 1, 20_000, 60, planned_count=3)
    page = document(setting, [judged], [SOUND], outcomes, ["- Not proven."])
    row = next(line for line in page.splitlines() if line.startswith("| lost starts | high"))
    assert "| 100 %, 100 %, 100 % |" in row
    assert "Of 3 planned scenarios 2 were run" in page
    assert len(report.library()) > 25
