"""One writer a workspace, whose holder is named to whoever comes second."""

import fcntl
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import RunError
from orchestration.workspace import Workspace

_held_for_runs: set[Path] = set()


@contextmanager
def lock_for_run(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace while the block runs, and for the run that is started inside it."""
    with workspace_lock(workspace):
        _held_for_runs.add(workspace.lock)
        try:
            yield
        finally:
            _held_for_runs.discard(workspace.lock)


@contextmanager
def workspace_lock(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace while the block runs; raises RunError naming who holds it already.

    The operating system frees the lock when its holder ends, however it ends.
    """
    if workspace.lock in _held_for_runs:
        yield
        return
    workspace.home.mkdir(parents=True, exist_ok=True)
    with workspace.lock.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"the workspace {workspace.home} is in use by {_holder(handle)}"
            ) from None
        handle.truncate(0)
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
        handle.write(json.dumps({"pid": os.getpid(), "command": command}))
        handle.flush()
        yield
        handle.truncate(0)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until no other process is inside such a block over the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_locked(error: Exception) -> bool:
    """Tell whether DuckDB could not open a file since another process writes to it."""
    return "Could not set lock on file" in str(error)


def held_words(workspace: Workspace, error: str) -> str:
    """Return who holds the warehouse, and when to ask again for what only it tells."""
    return (
        f"The warehouse is in use by {_who(workspace, error)}: run the command again when that "
        "has ended, for its items, its landing files and when it is ripe."
    )


def busy_words(workspace: Workspace, error: str) -> str:
    """Return who holds the warehouse, and what can be read meanwhile."""
    told = (
        f"The warehouse, which this command reads, is in use by {_who(workspace, error)}. Run the "
        "command again when that has ended."
    )
    pages = [workspace.publish / name for name in ("numbers.html", "quality.html")]
    if all(page.is_file() for page in pages):
        numbers, quality = pages
        told += (
            " What was published before can be read all the time:\n"
            f"  {numbers}  where the latest number of each card comes from\n"
            f"  {quality}  what can be believed, and why not"
        )
    return told


def _who(workspace: Workspace, error: str) -> str:
    """Who holds the warehouse.

    `error` is what DuckDB said: it names the process, which needn't be a command of ours.
    """
    holder = "another process"
    if workspace.lock.is_file():
        with workspace.lock.open(encoding="utf-8") as handle:
            holder = _holder(handle)
    found = re.search(r"\(PID (\d+)\)", error)
    if found and f" {found[1]} " not in f"{holder} ":
        holder = f"process {found[1]}"
    return holder


def _holder(handle) -> str:
    handle.seek(0)
    try:
        holder = json.loads(handle.read())
    except ValueError:
        return "another process"
    return f"process {holder['pid']} ({holder['command']})"
