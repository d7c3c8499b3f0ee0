"""Batches are jobs that are kept by the code that ran them, and survive a failure of the engine."""

import ast
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import bench.guard.jobs as jobs
from bench.guard.batches import clean_case
from bench.guard.jobs import (
    ROOT,
    SPARED,
    SUFFIXES,
    Job,
    code_digest,
    making_files,
    run_all,
    run_job,
)

ASSERTION = "FATAL Error: Failed: database has been invalidated because of a previous fatal error"


MAKING = [
    "dbt_project/models/a.sql", "seeds/defaults/a.csv", "seeds/reference/a.csv",
    "expectations/suites/a.py", "bench/guard/scenario.py", "orchestration/keys.py",
    "orchestration/received.py", "orchestration/method/bounds.py",
    "orchestration/registry/schemas/a.json",
]  # fmt: skip
SHOWING = ["bench/guard/report.py", "orchestration/pages/render.py", "orchestration/export/odcs.py"]


def project(root: Path) -> Path:
    for name in [*MAKING, *SHOWING]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    return root


def digest(root: Path) -> str:
    return code_digest.__wrapped__(root)


@pytest.mark.parametrize("name", MAKING)
def test_the_digest_changes_with_what_makes_results(tmp_path: Path, name: str) -> None:
    before = digest(project(tmp_path))
    (tmp_path / name).write_text("2")
    assert digest(tmp_path) != before


@pytest.mark.parametrize("name", SHOWING)
def test_the_digest_stays_where_only_a_page_changes(tmp_path: Path, name: str) -> None:
    before = digest(project(tmp_path))
    (tmp_path / name).write_text("2")
    assert digest(tmp_path) == before


def imported(module: str) -> set[Path]:
    """Return the files of this project that a module needs, imports within functions included."""
    found: set[Path] = set()
    todo = [module]
    while todo:
        parts = todo.pop().split(".")
        for count in range(1, len(parts) + 1):
            path = ROOT.joinpath(*parts[:count])
            for file in (path.with_suffix(".py"), path / "__init__.py"):
                if file.is_file() and file not in found:
                    found.add(file)
                    todo += _named(file)
    return found


def _named(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, f"{file} has a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_all_that_a_batch_imports_is_in_the_digest() -> None:
    needed = imported("bench.guard.jobs")
    # one that is imported within a function, one by name from its package
    for name in ("orchestration/defs/load/loaders.py", "orchestration/increment.py"):
        assert ROOT / name in needed
    assert not sorted(str(file) for file in needed - set(making_files(ROOT)))


def test_no_kind_of_file_is_left_out_of_the_digest() -> None:
    spared = [ROOT / name for name in SPARED]
    assert all(path.exists() for path in spared)
    files = {file for name in jobs.MAKERS for file in [ROOT / name, *(ROOT / name).rglob("*")]}
    kinds = {
        file.suffix
        for file in files
        if file.is_file() and not any(file.is_relative_to(part) for part in spared)
    }
    assert kinds - {".pyc"} <= set(SUFFIXES)


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
