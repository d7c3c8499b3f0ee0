"""A repository's history arrives in the landing zone as it happened, and nobody's name with it."""

import csv
import os
import subprocess
from pathlib import Path

import pytest

from orchestration.errors import UserError
from orchestration.land.git import land_git
from orchestration.workspace import Workspace

ADA, BEN = "Ada Example <ada@example.org>", "Ben Sample <ben@example.org>"


class Repository:
    """A git repository whose commits have chosen authors and times, in seconds after 2025."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, seconds: int = 0, person: str = ADA) -> str:
        name, email = person.removesuffix(">").split(" <")
        date = f"{1735689600 + seconds} +0100"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environment |= {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": email for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_DATE": date for who in ("AUTHOR", "COMMITTER")},
        }
        command = ["git", "-C", str(self.path), "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    def commit(self, message: str, seconds: int, person: str = ADA) -> str:
        self.git(
            "commit", "--allow-empty", "--quiet", "-m", message, seconds=seconds, person=person
        )
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, message: str, seconds: int) -> str:
        self.git("merge", "--no-ff", "--quiet", "-m", message, branch, seconds=seconds)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "shop front")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def landed(repository: Repository, workspace: Workspace) -> tuple[list[dict], list[dict]]:
    commits, tags = land_git(repository.path, workspace)
    return read(commits), read(tags)


def test_a_commit_lands_when_the_main_line_takes_it_in(
    repository: Repository, workspace: Workspace
) -> None:
    first = repository.commit("Start", 0)
    repository.git("checkout", "--quiet", "-b", "topic")
    work = repository.commit("Work", 100, BEN)
    repository.git("checkout", "--quiet", "main")
    direct = repository.commit("Direct", 200)
    merge = repository.merge("topic", "Merge pull request #12 from topic", 300)

    commits = {row["sha"]: row for row in landed(repository, workspace)[0]}

    assert {sha: (row["landed_sha"], row["landed_at"]) for sha, row in commits.items()} == {
        first: (first, "2025-01-01T00:00:00+00:00"),
        work: (merge, "2025-01-01T00:05:00+00:00"),
        direct: (direct, "2025-01-01T00:03:20+00:00"),
        merge: (merge, "2025-01-01T00:05:00+00:00"),
    }
    assert commits[work]["committed_at"] == "2025-01-01T00:01:40+00:00"
    assert [commits[sha]["pr_number"] for sha in (work, merge, direct)] == ["12", "12", ""]
    assert [commits[sha]["is_merge"] for sha in (work, merge)] == ["0", "1"]


def test_reverts_name_what_they_revert(repository: Repository, workspace: Workspace) -> None:
    wrong = repository.commit("Add a mistake (#7)", 0)
    repository.commit(f'Revert "Add a mistake"\n\nThis reverts commit {wrong}.', 10)
    repository.commit("Fix something", 20)

    found = landed(repository, workspace)[0]

    assert [(row["is_revert"], row["reverts_sha"]) for row in found] == [
        ("0", ""),
        ("1", wrong),
        ("0", ""),
    ]
    assert found[0]["pr_number"] == "7"


def test_nobody_can_be_found_in_the_files(repository: Repository, workspace: Workspace) -> None:
    repository.commit("Thank Ben\n\nCo-authored-by: Ben Sample <ben@example.org>", 0)
    repository.commit("Thank Ada", 1, BEN)
    repository.git("tag", "--annotate", "v1", "-m", "by Ada", person=BEN)

    texts = [path.read_text() for path in land_git(repository.path, workspace)]

    for word in ("Ada", "Ben", "ada", "ben", "example", "Thank", "@"):
        assert all(word not in text for text in texts), word


def test_one_person_has_one_hash_which_depends_on_the_workspace(
    repository: Repository, workspace: Workspace, tmp_path: Path
) -> None:
    repository.commit("One", 0, ADA)
    repository.commit("Two", 1, BEN)
    repository.commit("Three", 2, "A. Example <ADA@example.org>")

    ada, ben, again = [row["author_hash"] for row in landed(repository, workspace)[0]]
    other = landed(repository, Workspace(tmp_path / "elsewhere"))[0][0]["author_hash"]

    assert ada == again
    assert len({ada, ben, other}) == 3


def test_the_key_is_private_and_outside_the_warehouse(
    repository: Repository, workspace: Workspace
) -> None:
    repository.commit("One", 0)
    land_git(repository.path, workspace)
    key = workspace.home / "secrets" / "people.key"
    assert key.stat().st_mode & 0o077 == 0
    assert not workspace.warehouse.exists()


def test_bots_are_told_apart(repository: Repository, workspace: Workspace) -> None:
    for second, person in enumerate(
        [ADA, "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>", "Abbot <a@b.c>"]
    ):
        repository.commit("Work", second, person)
    assert [row["author_is_bot"] for row in landed(repository, workspace)[0]] == ["0", "1", "0"]


def test_tags_name_their_commits(repository: Repository, workspace: Workspace) -> None:
    first = repository.commit("One", 0)
    repository.git("tag", "light", seconds=5)
    repository.git("tag", "--annotate", "heavy", "-m", "x", seconds=60)
    repository.git("tag", "--annotate", "nested", "-m", "x", "heavy", seconds=70)
    repository.git("tag", "tree", "HEAD^{tree}")
    repository.git("checkout", "--quiet", "-b", "aside")
    aside = repository.commit("Aside", 30)
    repository.git("tag", "aside-1")
    repository.git("checkout", "--quiet", "main")

    tags = landed(repository, workspace)[1]

    assert [tuple(row.values())[1:] for row in tags] == [
        ("aside-1", "lightweight", aside, at(30), "", at(30), "n"),
        ("heavy", "annotated", first, at(60), at(60), at(0), "y"),
        ("light", "lightweight", first, at(0), "", at(0), "y"),
        ("nested", "annotated", first, at(70), at(70), at(0), "y"),
    ]


def at(seconds: int) -> str:
    return f"2025-01-01T00:{seconds // 60:02}:{seconds % 60:02}+00:00"


def test_the_same_repository_gives_the_same_files(
    repository: Repository, workspace: Workspace
) -> None:
    repository.commit("One", 0)
    repository.commit("Two", 0)
    repository.git("tag", "v1")
    paths = land_git(repository.path, workspace)
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in land_git(repository.path, workspace)] == first
    assert [path.name for path in paths] == ["shop-front__commits.csv", "shop-front__tags.csv"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == [p.name for p in paths]


def test_a_shallow_clone_gives_what_it_has(
    repository: Repository, workspace: Workspace, tmp_path: Path
) -> None:
    for second in range(4):
        repository.commit(f"Commit {second}", second)
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth", "2", f"file://{repository.path}", str(clone))

    commits = read(land_git(clone, workspace)[0])

    assert [row["committed_at"] for row in commits] == [at(2), at(3)]
    assert [row["landed_at"] for row in commits] == [at(2), at(3)]


def test_odd_messages_and_dates_do_not_shift_the_columns(
    repository: Repository, workspace: Workspace
) -> None:
    repository.commit('Odd \x1e \x1f, "quoted"\n\nlines\x01', 0)
    repository.commit("Later", 1, "No, Body <>")
    found = landed(repository, workspace)[0]
    assert [row["repo"] for row in found] == ["local/shop-front"] * 2
    assert [row["committed_at"] for row in found] == [at(0), at(1)]


def test_a_bare_repository_will_do(
    repository: Repository, workspace: Workspace, tmp_path: Path
) -> None:
    repository.commit("One", 0)
    bare = tmp_path / "shop.git"
    repository.git("clone", "--quiet", "--bare", str(repository.path), str(bare))
    assert land_git(bare, workspace)[0].name == "shop__commits.csv"


def test_a_hook_variable_does_not_lead_to_another_repository(
    repository: Repository, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = repository.commit("One", 0)
    other = Repository(tmp_path / "other")
    other.commit("Other", 0, BEN)
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    assert [row["sha"] for row in landed(repository, workspace)[0]] == [sha]


def test_an_empty_repository_is_refused(repository: Repository, workspace: Workspace) -> None:
    with pytest.raises(UserError, match="no commit yet"):
        land_git(repository.path, workspace)
    assert not workspace.home.exists()


def test_what_is_no_repository_is_refused(
    repository: Repository, workspace: Workspace, tmp_path: Path
) -> None:
    repository.commit("One", 0)
    inside = repository.path / "folder"
    inside.mkdir()
    for path in (inside, tmp_path):
        with pytest.raises(UserError, match="not a git repository"):
            land_git(path, workspace)
    with pytest.raises(UserError, match="no such folder"):
        land_git(tmp_path / "nowhere", workspace)
