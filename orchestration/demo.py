"""The demo: the sample organisation, and this checkout's own history as one more product."""

import os
import subprocess
from datetime import UTC, date, datetime, timedelta

from orchestration.dbt_runner import PROJECT
from orchestration.plurals import counted
from orchestration.progress import step
from orchestration.workspace import Workspace

# where the checkout has no git history, for example a downloaded archive
WITHOUT_HISTORY = date(2026, 11, 16)

# the same name wherever the checkout lies
CHECKOUT = "steelyard"


def build_demo(workspace: Workspace) -> None:
    """Write the sample organisation's registry and events, and land this checkout's commits.

    The sample ends in the week of the checkout's last commit, so that the same commit gives
    the same pages; no clock is read.
    """
    from orchestration.land.git import land_git
    from orchestration.sample import build

    last_commit = _last_commit_date()
    with step("sample") as current:
        build(workspace, ends_on=last_commit or WITHOUT_HISTORY, seed=1)
        current.note = f"ends in the week of {last_commit or WITHOUT_HISTORY}"
    if last_commit is not None:
        with step("land git") as current:
            current.note = counted(len(land_git(PROJECT, workspace, name=CHECKOUT)), "file")


def _last_commit_date() -> date | None:
    """Day (UTC) of the checkout's last commit, None outside of a git repository."""
    command = ["git", "-C", str(PROJECT), "log", "-1", "--format=%ct"]
    # a hook's variables would point git at another repository
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    # an archive unpacked within another repository has no history of its own
    environment["GIT_CEILING_DIRECTORIES"] = str(PROJECT.parent)
    try:
        told = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        seconds = int(told.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
