"""A refresh that publishes nothing is remembered until one ends well."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration import refresh as refreshing
from orchestration.errors import RunError, UserError
from orchestration.failures import failure_words
from orchestration.publications import Publication
from orchestration.status import describe
from orchestration.workspace import Workspace

AS_OF = datetime(2026, 3, 2, 12)


@pytest.mark.parametrize("as_of_at", [AS_OF, None])
def test_a_refresh_that_fails_is_told_until_one_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_of_at: datetime | None
) -> None:
    workspace = Workspace(tmp_path)
    assert failure_words(workspace) == []
    errors: list[Exception | None] = [RunError("a gate stopped the run"), None]

    def execute(*_: Any) -> None:
        if error := errors.pop(0):
            raise error

    monkeypatch.setattr(refreshing, "_execute", execute)
    with pytest.raises(RunError, match="a gate"):
        refreshing.refresh(workspace, as_of_at)
    of = ", as of 2026-03-02 12:00:00Z" if as_of_at else ""
    told = f"The last refresh{of} published nothing: a gate stopped the run"
    assert failure_words(workspace) == [told]
    never, why = describe(workspace).splitlines()
    assert never.startswith("Nothing has been published") and why == told
    with pytest.raises(RunError, match="nothing was published"):
        refreshing.refresh(workspace, as_of_at)
    assert failure_words(workspace) == []


def test_a_program_that_breaks_is_no_failure_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refreshing, "_execute", execute)
    with pytest.raises(KeyboardInterrupt):
        refreshing.refresh(Workspace(tmp_path))
    assert failure_words(Workspace(tmp_path)) == []


def test_a_registry_that_is_wrong_after_a_publication_is_told_until_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    monkeypatch.setattr(
        refreshing, "last_publication", lambda _: Publication("run", AS_OF, "0.1.0")
    )
    wrong = UserError("'hedge' is no kind of metric", "Take one of these.", "metrics.csv", 3)
    found: list[Exception | None] = [wrong, None]

    def look(*_: Any) -> bool:
        if error := found.pop(0):
            raise error
        return False

    monkeypatch.setattr(refreshing, "_is_news", look)
    with pytest.raises(UserError):
        refreshing.refresh(workspace)
    assert failure_words(workspace) == [f"The last refresh published nothing: {wrong}"]
    assert not refreshing.refresh(workspace).is_new
    assert failure_words(workspace) == []
