"""Batches as jobs: each run by one of several processes, kept, and run again if code changed."""

import hashlib
import json
import logging
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from bench.guard.batches import KEPT, Case, run_batch

ROOT = Path(__file__).parents[2]
MAKERS = (
    "dbt_project", "dbt_project.yml", "profiles.yml", "seeds/defaults", "seeds/reference",
    "expectations", "orchestration", "bench/__init__.py", "bench/guard", "requirements.lock",
)  # fmt: skip
"""Files and folders that make what a batch keeps: whole packages, as a list of modules ages."""
SPARED = (
    "orchestration/pages", "orchestration/export", "orchestration/explain", "orchestration/sample",
    "orchestration/land", "bench/guard/document.py", "bench/guard/report.py",
)  # fmt: skip
"""What of these only reads or shows results, or makes input that no batch has."""
SUFFIXES = (".py", ".sql", ".csv", ".yml", ".json", ".lock")
ENGINE_FAILURES = ("INTERNAL Error", "FATAL Error", "database has been invalidated")
"""What DuckDB says when its own assertion fails, and not a query."""


class Job(NamedTuple):
    """What is run at once, and the name of the folder that keeps what came out."""

    name: str
    cases: tuple[Case, ...]
    as_of_at: datetime | None = None
    """Naive UTC; None is the refresh after the last week."""
    has_values: bool = True

    @property
    def kept(self) -> list[str]:
        """Names of its tables."""
        return [name for name in KEPT if self.has_values or name != "values"]

    def asked(self) -> dict:
        """Return what the kept tables must have been made of, code included."""
        return {
            "cases": [case.product_id for case in self.cases],
            "as_of": None if self.as_of_at is None else self.as_of_at.isoformat(),
            "has_values": self.has_values,
            "code": code_digest(),
        }


@cache
def code_digest(root: Path = ROOT) -> str:
    """Return a digest of all files that make what a batch keeps."""
    digest = hashlib.sha256()
    for file in making_files(root):
        digest.update(str(file.relative_to(root)).encode() + b"\0")
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def making_files(root: Path) -> list[Path]:
    """Return all files that make what a batch keeps, in a fixed order."""
    spared = [root / name for name in SPARED]
    found = []
    for name in MAKERS:
        path = root / name
        found += [path] if path.is_file() else sorted(path.rglob("*"))
    return [
        file
        for file in found
        if file.suffix in SUFFIXES and not any(file.is_relative_to(part) for part in spared)
    ]


@cache
def commit() -> str:
    """Return the commit that is checked out, and whether what makes the results differs from it."""
    try:
        said = _git("rev-parse", "--short=10", "HEAD")
        but = [f":(exclude){name}" for name in SPARED]
        changed = _git("status", "--porcelain", "--", *MAKERS, *but)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{said} with changes" if changed else said


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def note_of(job: Job, out: Path) -> dict | None:
    """Return what is noted of a finished job: `commit` and `attempt`; None if it isn't finished.

    What other code made, or what was made of other cases, isn't finished.
    """
    listed = out / job.name / "cases.json"
    if not listed.is_file():
        return None
    note = json.loads(listed.read_text(encoding="utf-8"))
    is_same = isinstance(note, dict) and all(note.get(k) == v for k, v in job.asked().items())
    return note if is_same else None


def tables_of(jobs: Sequence[Job], out: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of finished jobs, one below the other."""
    return {
        name: pd.concat(
            [pd.read_parquet(out / job.name / f"{name}.parquet") for job in jobs],
            ignore_index=True,
        )
        for name in jobs[0].kept
    }


def run_job(job: Job, out: Path, attempt: int) -> str | None:
    """Run one job in a workspace of its own and keep its tables; return the engine's failure.

    The list of cases is written last: a folder without it isn't done.
    """
    home, folder = out / f"running-{job.name}", out / job.name
    try:
        tables = run_batch(job.cases, home, job.as_of_at, job.has_values)
    except Exception as error:
        if any(words in str(error) for words in ENGINE_FAILURES):
            return str(error)
        raise
    finally:
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    note = {**job.asked(), "commit": commit(), "attempt": attempt}
    (folder / "cases.json").write_text(json.dumps(note), encoding="utf-8")
    return None


def run_all(jobs: Sequence[Job], out: Path, process_count: int) -> None:
    """Run what isn't finished yet, in order, each job in a process of its own.

    A job that dies of the engine's own failure is run once more, which is told; the next failure
    of it stops everything. What is finished then stays.
    """
    todo = [job for job in jobs if note_of(job, out) is None]
    done_count = len(jobs) - len(todo)
    # a fresh process for each: no memory is kept, nor a handle to a database that has failed
    with ProcessPoolExecutor(
        process_count, get_context("spawn"), initializer=_quiet, max_tasks_per_child=1
    ) as pool:
        attempts: dict[Future, tuple[Job, int]] = {
            pool.submit(run_job, job, out, 1): (job, 1) for job in todo
        }
        while attempts:
            for future in wait(attempts, return_when=FIRST_COMPLETED).done:
                job, attempt = attempts.pop(future)
                failure = _failure(future, pool)
                if failure is None:
                    done_count += 1
                    print(f"{job.name} is done, {done_count} of {len(jobs)}", flush=True)
                elif attempt == 1:
                    print(f"{job.name} is run again: {failure}", flush=True)
                    attempts[pool.submit(run_job, job, out, 2)] = (job, 2)
                else:
                    pool.shutdown(cancel_futures=True)
                    raise RuntimeError(f"{job.name} failed twice: {failure}")


def _failure(future: Future, pool: ProcessPoolExecutor) -> str | None:
    """Return what the engine said; whatever else went wrong ends the run."""
    try:
        return future.result()
    except BaseException:
        # what others are at is finished and kept
        pool.shutdown(cancel_futures=True)
        raise


def _quiet() -> None:
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
