"""A tiny batch of the planted-defect benchmark goes through the production models."""

import json
from pathlib import Path

import pandas as pd
import pytest

import bench.guard.jobs as jobs
from bench.guard import report
from bench.guard.batches import Case, clean_case
from bench.guard.document import Setting, document
from bench.guard.jobs import Job, note_of, run_all, tables_of
from bench.guard.judge import FAIL, Outcomes, Verdict, verdict
from bench.guard.verify import proofs

SEED = 1_002
"""One of which chance makes no fail."""
BROKEN = Case("lost_starts", "high", SEED)
SOUND = clean_case(SEED)
ORPHAN_FINISH = 4
TOGETHER = Job("batch-000", (SOUND, BROKEN))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def tables(out: Path) -> dict[str, pd.DataFrame]:
    run_all([TOGETHER], out, process_count=1)
    return tables_of([TOGETHER], out)


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


@pytest.mark.usefixtures("tables")
def test_a_finished_batch_is_not_run_again(out: Path) -> None:
    before = (out / TOGETHER.name / "findings.parquet").stat().st_mtime_ns
    run_all([TOGETHER], out, process_count=1)
    assert (out / TOGETHER.name / "findings.parquet").stat().st_mtime_ns == before


@pytest.mark.usefixtures("tables")
def test_what_other_code_or_other_cases_made_is_not_taken(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert note_of(TOGETHER, out)
    assert note_of(TOGETHER._replace(cases=(SOUND,)), out) is None
    monkeypatch.setattr(jobs, "code_digest", lambda: "other")
    assert note_of(TOGETHER, out) is None


def test_a_run_that_differs_alone_is_named(out: Path, tables: dict[str, pd.DataFrame]) -> None:
    same = Job("alone-0", TOGETHER.cases[1:])
    folder = out / same.name
    folder.mkdir()
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    note = {**same.asked(), "commit": "", "attempt": 1}
    (folder / "cases.json").write_text(json.dumps(note), encoding="utf-8")
    assert "are equal to the last digit in 1." in proofs([same], SEED, [], tables, out)[0]
    tables["values"].assign(value=0.5).to_parquet(folder / "values.parquet")
    assert f"in 0; not in {BROKEN.product_id}." in proofs([same], SEED, [], tables, out)[0]


def test_the_page_tells_what_became_of_each_defect(
    tables: dict[str, pd.DataFrame], judged: Verdict
) -> None:
    outcomes = Outcomes(tables)
    setting = Setting(
        SEED, SEED, 1_000, 1_099, (5_000, 5_199), 2, 1, 20_000, 60, 3, "abc", ("c0ffee",)
    )
    page = document(setting, [judged], [SOUND], outcomes, ["- Not proven."])
    named, graded = (
        line.split(" | ") for line in page.splitlines() if line.startswith("| lost starts | high")
    )
    assert named[3:6] == ["100 %, 100 %, 100 %", "100 %, 100 %, 100 %", "100 %"]
    assert graded[3].startswith("100 %; ")
    assert "commit c0ffee, digest abc of all files that make their\nresults." in page
    assert "Of 3 planned scenarios 2 were run" in page
    assert len(report.library([judged])) > 25
