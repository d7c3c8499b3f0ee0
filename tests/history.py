"""A git history for the published sample: drawn once, with fixed authors and instants."""

import random
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orchestration.land.git import land_git
from orchestration.workspace import Workspace

WEEKS, COMMITS, PEOPLE = 50, 6, 7
NAME = "steelyard"


def land_history(workspace: Workspace, ends_on: date) -> list[Path]:
    """Land a year of commits, some of them reverts, and some tags, as of a day."""
    repository = workspace.home.parent / f"{workspace.home.name}-history.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(repository)], check=True)
    subprocess.run(
        ["git", "-C", str(repository), "fast-import", "--quiet"],
        input=_stream(ends_on).encode(), check=True,
    )  # fmt: skip
    return land_git(repository, workspace, name=NAME)


def _stream(ends_on: date) -> str:
    rng, lines = random.Random(3), []
    end = datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=UTC)
    first = end - timedelta(weeks=WEEKS, days=end.weekday())
    landed = sorted(
        first + timedelta(weeks=week, days=rng.randrange(5), minutes=rng.randrange(480, 1080))
        for week in range(WEEKS)
        for _ in range(rng.randrange(2, 2 * COMMITS))
    )
    for mark, at in enumerate(landed, start=1):
        authored_at = at - timedelta(minutes=round(rng.lognormvariate(6, 1)))
        subject = f"Change {mark}"
        if rng.random() < 0.1:
            subject = f'Revert "Change {mark - 1}"\n\nThis reverts commit {mark:040x}.'
        person = f"Person <p{rng.randrange(PEOPLE)}@example.org>"
        lines += [
            "commit refs/heads/main", f"mark :{mark}", f"author {person} {_git(authored_at)}",
            f"committer {person} {_git(at)}", *_data(subject),
            "M 100644 inline file.txt", *_data(str(mark)),
        ]  # fmt: skip
        if mark % 25 == 0:
            lines += [
                f"tag v{mark}", f"from :{mark}", f"tagger {person} {_git(at)}", *_data("Release")
            ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _git(at: datetime) -> str:
    return f"{int(at.timestamp())} +0000"


def _data(text: str) -> list[str]:
    return [f"data {len(text)}", text]
