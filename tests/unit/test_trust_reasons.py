"""A reason is served: it names no person that the workspace knows, and none is repeated."""

from pathlib import Path

import duckdb
import pytest

from orchestration.errors import UserError
from orchestration.trust.reasons import fit_reason
from orchestration.workspace import Workspace
from tests.unit.test_trust_overrides import home  # noqa: F401


@pytest.fixture
def workspace(home: Path) -> Workspace:  # noqa: F811
    """A workspace whose events and registry know a few people."""
    seeds = home / "seeds"
    (seeds / "excluded_accounts.csv").write_text("actor_id,reason\nkim-test,our own account\n")
    products = (seeds / "products.csv").read_text()
    (seeds / "products.csv").write_text(
        products.replace("cms,Newsroom,Web", "cms,Newsroom,max.muster@example.org")
        + "desk,Desk of support,support@example.org\n"
    )
    (home / "warehouse").mkdir()
    with duckdb.connect(str(home / "warehouse" / "steelyard.duckdb")) as connection:
        connection.execute(
            "create schema core; create table core.int_events as select * from (values "
            "('27df7a5dd0d70e56', 'human'), ('Ana.Lopez@example.org', 'human'), "
            "('editor', 'human'), ('ab', 'human'), ('release-train', 'service')) "
            "as events (actor_id, actor_kind)"
        )
    return Workspace(home)


@pytest.mark.parametrize(
    ("reason", "person", "place"),
    [
        ("ask 27DF7A5DD0D70E56 about it", "27df", "2nd"),
        ("ana.lopez ran it twice", "lopez", "1st"),
        ("the script of kim-test.", "kim", "4th"),
        ("told by (Max.Muster)", "muster", "3rd"),
    ],
)
def test_an_account_of_a_person_is_refused_and_not_repeated(
    workspace: Workspace, reason: str, person: str, place: str
) -> None:
    with pytest.raises(UserError) as told:
        fit_reason(workspace, reason)
    said = str(told.value)
    assert f"its {place} word is an account's name" in said
    assert person not in said.lower()


@pytest.mark.parametrize(
    "reason",
    [
        "release-train ran twice",
        "the editor sent 2 of 3 events",
        "support closed them by hand",
        "ab test at 3 @ 5 %",
        "Ein Skript lief über Nacht zweimal",
    ],
)
def test_systems_teams_and_usual_words_may_stand_in_a_reason(
    workspace: Workspace, reason: str
) -> None:
    assert fit_reason(workspace, reason) == reason


def test_a_reason_is_kept_on_one_line(workspace: Workspace) -> None:
    assert (
        fit_reason(workspace, " ran\n twice\u200b,\tsays\x1b[31m it ") == "ran twice , says [31m it"
    )
