"""Batches are jobs that are kept by the code that ran them, and survive a failure of the engine."""

from concurrent.futures import Future
from pathlib import Path

import pytest

import bench.guard.jobs as jobs
from bench.guard.batches import clean_case
from bench.guard.jobs import Job, code_digest, run_all, run_job

ASSERTION = "FATAL Error: Failed: database has been invalidated because of a previous fatal error"


def project(root: Path) -> Path:
    for name in ("dbt_project/models/a.sql", "bench/guard/scenario.py", "bench/guard/report.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    return root


def digest(root: Path) -> str:
    return code_digest.__wrapped__(root)


@pytest.mark.parametrize("name", ["dbt_project/models/a.sql", "bench/guard/scenario.py"])
def test_the_digest_changes_with_what_makes_results(tmp_path: Path, name: str) -> None:
    before = digest(project(tmp_path))
    (tmp_path / name).write_text("2")
    assert digest(tmp_path) != before


def test_the_digest_stays_where_only_the_page_changes(tmp_path: Path) -> None:
    before = digest(project(tmp_path))
    (tmp_path / "bench/guard/report.py").write_text("2")
    assert digest(tmp_path) == before


class Pool:
    """Runs what is submitted at once, in this process."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, function, *arguments) -> Future:
        future: Future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, **_: object) -> None: ...


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Return what the runs to come die of, one after the other."""
    planned: list[Exception] = []

    def run_batch(*_: object) -> dict:
        if planned:
            raise planned.pop(0)
        return {}

    monkeypatch.setattr(jobs, "run_batch", run_batch)
    monkeypatch.setattr(jobs, "ProcessPoolExecutor", Pool)
    return planned


JOB = Job("batch-000", (clean_case(1),))


def test_a_run_that_died_of_the_engine_is_made_again_and_told(
    failures: list[Exception], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failures.append(RuntimeError(ASSERTION))
    run_all([JOB], tmp_path, 1)
    note = jobs.note_of(JOB, tmp_path)
    assert note and note["attempt"] == 2
    assert "batch-000 is run again: FATAL Error" in capsys.readouterr().out


def test_a_run_that_dies_twice_stops_the_benchmark(
    failures: list[Exception], tmp_path: Path
) -> None:
    failures += [RuntimeError(ASSERTION)] * 2
    with pytest.raises(RuntimeError, match="batch-000 failed twice"):
        run_all([JOB], tmp_path, 1)
    assert jobs.note_of(JOB, tmp_path) is None


def test_any_other_failure_is_not_tried_again(failures: list[Exception], tmp_path: Path) -> None:
    failures.append(ValueError("a mistake of ours"))
    with pytest.raises(ValueError, match="of ours"):
        run_all([JOB], tmp_path, 1)


def test_a_failed_run_leaves_no_workspace(failures: list[Exception], tmp_path: Path) -> None:
    (tmp_path / "running-batch-000").mkdir()
    failures.append(RuntimeError(ASSERTION))
    assert "FATAL Error" in str(run_job(JOB, tmp_path, 1))
    assert not list(tmp_path.glob("running-*"))
