"""One writer a workspace, whose holder is named to whoever must wait."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import RunError
from orchestration.workspace import Workspace


@contextmanager
def workspace_lock(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace while the block runs; raises RunError naming who holds it already.

    The operating system frees the lock when its holder ends, however it ends.
    """
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


def _holder(handle) -> str:
    handle.seek(0)
    try:
        holder = json.loads(handle.read())
    except ValueError:
        return "another process"
    return f"process {holder['pid']} ({holder['command']})"
