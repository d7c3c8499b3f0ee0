"""Write a git repository's commits and tags to the landing zone, without its people."""

import csv
import hashlib
import hmac
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.errors import UserError
from orchestration.keys import workspace_key
from orchestration.workspace import Workspace

COMMIT_COLUMNS = (
    "repo",
    "sha",
    "parent_count",
    "author_hash",
    "author_is_bot",
    "committer_hash",
    "authored_at",
    "committed_at",
    "landed_at",
    "landed_sha",
    "pr_number",
    "is_merge",
    "is_revert",
    "reverts_sha",
    "subject",
)
TAG_COLUMNS = (
    "repo",
    "tag",
    "tag_type",
    "commit_sha",
    "created_at",
    "tagger_at",
    "commit_committed_at",
    "on_main_history",
)
# %aE and %cE follow the repository's mailmap, so that one person has one hash
COMMIT_FORMAT = "%x00".join(("%H", "%P", "%aE", "%aN", "%cE", "%at", "%ct", "%B"))
TAG_FORMAT = (
    "%(refname:strip=2)%1f%(objecttype)%1f%(creatordate:unix)%1f%(taggerdate:unix)%1f"
    "%(objectname)%1f%(*objectname)%1e"
)
BOT = re.compile(r"\[bot\]|\bbots?\b|dependabot|renovate|github-actions", re.IGNORECASE)
PULL_REQUEST = re.compile(r"^Merge pull request #([0-9]+)|\(#([0-9]+)\)$")
REVERTED = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Commit:
    """One commit as git tells it; the instants are seconds since 1970 as text."""

    sha: str
    parents: list[str]
    author_email: str
    author_name: str
    committer_email: str
    authored: str
    committed: str
    message: str

    @property
    def subject(self) -> str:
        return self.message.strip().partition("\n")[0].strip()

    @property
    def pull_request(self) -> str:
        found = PULL_REQUEST.search(self.subject)
        return (found[1] or found[2]) if found else ""

    @property
    def reverts(self) -> str:
        found = REVERTED.search(self.message)
        return found[1] if found else ""

    @property
    def is_revert(self) -> bool:
        return bool(self.reverts) or self.subject.startswith('Revert "')

    @property
    def is_bot(self) -> bool:
        return bool(BOT.search(self.author_name) or BOT.search(self.author_email))


def land_git(repository: Path, workspace: Workspace, name: str | None = None) -> list[Path]:
    """Write `landing/git/<name>__commits.csv` and `<name>__tags.csv` for a local repository.

    History is that of HEAD. A commit has landed when the first-parent commit that brought it in
    was committed. People are keyed hashes, and subjects are left empty, since both may name them.

    Args:
        repository: Root of a working tree or a bare repository; a shallow clone gives what it has.
        workspace: Its key for people's hashes is made at the first call and lies outside the
            warehouse.
        name: Name of the repository; the folder's by default.

    Returns:
        The two files, commits first. Equal repositories and keys give equal files.

    Raises:
        UserError: The path is no git repository, or it has no commit yet.
    """
    _require_repository(repository)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name or repository.resolve().name.removesuffix(".git"))
    repo = f"local/{name}"
    key = workspace_key(workspace, "people").encode()
    commits = _commits(repository, ["HEAD"])
    folder = workspace.landing / "git"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}__commits.csv", folder / f"{name}__tags.csv"]
    _write(paths[0], COMMIT_COLUMNS, _commit_rows(repo, commits, _landings(commits), key))
    _write(paths[1], TAG_COLUMNS, _tag_rows(repository, repo, commits))
    return paths


def _require_repository(repository: Path) -> None:
    wrong = None
    if not repository.is_dir():
        wrong = ("there is no such folder", "Give the folder of a git repository.")
    elif _git(repository, "rev-parse", "--git-dir").returncode != 0:
        wrong = ("this is not a git repository", "Give the top folder of a repository.")
    elif _git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode != 0:
        wrong = ("the repository has no commit yet", "Commit something first.")
    if wrong:
        raise UserError(*wrong, file=repository)


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git on exactly this folder: neither a parent's repository nor a hook's variables."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment["GIT_CEILING_DIRECTORIES"] = str(repository.resolve().parent)
    settings = ["-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false"]
    command = ["git", *settings, "-C", str(repository), *arguments]
    try:
        return subprocess.run(command, env=environment, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise UserError("git isn't installed", "Install git.") from error


def _output(repository: Path, *arguments: str) -> str:
    done = _git(repository, *arguments)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise UserError(f"git can't read the repository ({said})", "Check it.", file=repository)
    return done.stdout.decode("utf-8", "replace")


def _commits(repository: Path, revisions: Sequence[str]) -> dict[str, Commit]:
    """Return commits by id, newest first as git lists them."""
    # no field can hold a NUL, and -z ends each commit with one
    text = _output(repository, "log", "-z", f"--format={COMMIT_FORMAT}", *revisions, "--")
    fields = text.split("\0")[:-1]
    commits = {}
    for start in range(0, len(fields), 8):
        sha, parents, *others = fields[start : start + 8]
        commits[sha] = Commit(sha, parents.split(), *others)
    return commits


def _landings(commits: dict[str, Commit]) -> dict[str, str]:
    """Map each commit to the first-parent commit that brought it to the main line."""
    line = [next(iter(commits))]
    while (parents := commits[line[-1]].parents) and parents[0] in commits:
        line.append(parents[0])
    landings: dict[str, str] = {}
    for landed in reversed(line):
        waiting = [landed]
        while waiting:
            sha = waiting.pop()
            # a shallow clone lacks the oldest parents
            if sha in commits and sha not in landings:
                landings[sha] = landed
                waiting += commits[sha].parents
    return landings


def _commit_rows(
    repo: str, commits: dict[str, Commit], landings: dict[str, str], key: bytes
) -> list[list[str | int]]:
    return [
        [
            repo,
            commit.sha,
            len(commit.parents),
            _person(key, commit.author_email or commit.author_name),
            int(commit.is_bot),
            _person(key, commit.committer_email),
            _instant(commit.authored),
            _instant(commit.committed),
            _instant(commits[landings[commit.sha]].committed),
            landings[commit.sha],
            commit.pull_request or commits[landings[commit.sha]].pull_request,
            int(len(commit.parents) > 1),
            int(commit.is_revert),
            commit.reverts,
            "",
        ]
        for commit in sorted(commits.values(), key=lambda c: (int(c.committed or 0), c.sha))
    ]


def _tag_rows(repository: Path, repo: str, commits: dict[str, Commit]) -> list[list[str | int]]:
    listed = _output(repository, "for-each-ref", f"--format={TAG_FORMAT}", "refs/tags")
    rows: list[list[str | int]] = []
    for record in listed.split("\x1e")[:-1]:
        tag, kind, created, tagged, sha, peeled = record.strip("\n").split("\x1f")
        found = _git(repository, "rev-parse", "--verify", "--quiet", f"{peeled or sha}^{{commit}}")
        if found.returncode != 0:
            # a tag may name a file or a folder
            continue
        commit_sha = found.stdout.decode().strip()
        commit = commits.get(commit_sha)
        committed = (
            commit.committed
            if commit
            else _output(repository, "log", "-1", "--format=%ct", commit_sha).strip()
        )
        rows.append(
            [
                repo,
                tag,
                "annotated" if kind == "tag" else "lightweight",
                commit_sha,
                _instant(created or committed),
                _instant(tagged),
                _instant(committed),
                "y" if commit else "n",
            ]
        )
    return sorted(rows)


def _instant(seconds: str) -> str:
    """Seconds since 1970 as UTC text; empty where git has no date or one beyond the calendar."""
    try:
        return (EPOCH + timedelta(seconds=int(seconds))).isoformat()
    except (ValueError, OverflowError):
        return ""


def _person(key: bytes, email: str) -> str:
    return hmac.new(key, email.strip().lower().encode(), hashlib.sha256).hexdigest()[:16]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Write a CSV file that is never seen half written."""
    beginning = path.with_name(f".{path.name}.part")
    with beginning.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    beginning.replace(path)
